"""Batches of SQS messages, with partial batch responses."""

import json
from collections.abc import Callable
from typing import Any

BatchResponse = dict[str, list[dict[str, str]]]
Record = dict[str, Any]  # a message, as Lambda hands it over
LONGEST_DELAY_S = 300
LEAST_LEASE_S = 30  # longer than a batch of small files takes, ten times over
SLOWEST = 1_000_000  # bytes a second of an upload that is checked: a tenth of what is usual


def receive_count(event: dict[str, Any]) -> int:
    """How often the first message of a batch was received, this time included."""
    return int(event["Records"][0].get("attributes", {}).get("ApproximateReceiveCount", 1))


def next_attempt_s(record: Record) -> int:
    """Seconds until a message that failed for a passing reason is tried again: 2, 4, 8, … 300."""
    received = int(record.get("attributes", {}).get("ApproximateReceiveCount", 1))
    return int(min(2**received, LONGEST_DELAY_S))


def lease_s(event: dict[str, Any], remaining_s: int) -> int:
    """Seconds after which a batch of uploads is received again if whoever took it dies: as long as files of their size
    take, or else as long as the function may still run. A message that comes again too early is found to be known.
    """
    try:
        sizes = [int(json.loads(record["body"])["detail"]["object"]["size"]) for record in event["Records"]]
    except (KeyError, TypeError, ValueError):
        return remaining_s + LEAST_LEASE_S
    return min(LEAST_LEASE_S + sum(sizes) // SLOWEST, remaining_s + LEAST_LEASE_S)


def process_batch(
    event: dict[str, Any], process: Callable[[str], object], on_failure: Callable[[Record, Exception], object]
) -> BatchResponse:
    """Process each message's body; one that raises is passed to ``on_failure`` and is received again, alone.

    What Powertools' BatchProcessor does with ``raise_on_entire_batch_failure=False``, without the events of thirty
    services and asyncio, which it imports: a fifth of the function's cold start.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting
    """
    failures = []
    for record in event["Records"]:
        try:
            process(record["body"])
        except Exception as error:  # noqa: BLE001  whatever it is, the other messages of the batch are not to blame
            on_failure(record, error)
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}
