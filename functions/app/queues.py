"""Batches of SQS messages, with partial batch responses."""

from collections.abc import Callable
from typing import Any

BatchResponse = dict[str, list[dict[str, str]]]


def receive_count(event: dict[str, Any]) -> int:
    """How often the first message of a batch was received, this time included."""
    return int(event["Records"][0].get("attributes", {}).get("ApproximateReceiveCount", 1))


def process_batch(
    event: dict[str, Any], process: Callable[[str], object], log_failure: Callable[[str, Exception], object]
) -> BatchResponse:
    """Process each message's body; one that raises is passed to ``log_failure`` and is received again, alone.

    What Powertools' BatchProcessor does with ``raise_on_entire_batch_failure=False``, without the events of thirty
    services and asyncio, which it imports: a fifth of the function's cold start.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting
    """
    failures = []
    for record in event["Records"]:
        try:
            process(record["body"])
        except Exception as error:  # noqa: BLE001  whatever it is, the other messages of the batch are not to blame
            log_failure(record["messageId"], error)
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}
