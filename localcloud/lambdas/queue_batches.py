"""The event that Lambda makes of a batch of messages, and what it reads from the function's answer. Pure.

Source: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from moto.sqs.models import Message

from localcloud.bus.patterns import compiled

LARGEST_EVENT_BYTES = 6 * 1000 * 1000


def batch_event(messages: Sequence[Message], queue_arn: str) -> dict[str, Any]:
    """The payload of one invocation."""
    return {"Records": [_record(message, queue_arn) for message in messages]}


def _record(message: Message, queue_arn: str) -> dict[str, Any]:
    attributes = {
        "ApproximateReceiveCount": str(message.approximate_receive_count),
        "SentTimestamp": str(message.sent_timestamp),
        "SenderId": str(message.sender_id),
        "ApproximateFirstReceiveTimestamp": str(message.approximate_first_receive_timestamp),
    }
    for name, value in (
        ("MessageGroupId", message.group_id),
        ("MessageDeduplicationId", message.deduplication_id),
        ("SequenceNumber", message.sequence_number),
    ):
        if value is not None:
            attributes[name] = str(value)
    if "AWSTraceHeader" in message.system_attributes:
        attributes["AWSTraceHeader"] = str(message.system_attributes["AWSTraceHeader"].get("StringValue", ""))
    return {
        "messageId": message.id,
        "receiptHandle": message.receipt_handle,
        "body": message.body,
        "attributes": attributes,
        "messageAttributes": {name: _attribute(value) for name, value in message.message_attributes.items()},
        "md5OfBody": message.body_md5,
        **({"md5OfMessageAttributes": message.attribute_md5} if message.message_attributes else {}),
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": queue_arn.split(":")[3],
    }


def _attribute(value: Mapping[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "stringListValues": [],
        "binaryListValues": [],
        "dataType": value.get("DataType", "String"),
    }
    if value.get("StringValue") is not None:
        shown["stringValue"] = str(value["StringValue"])
    if (binary := value.get("BinaryValue")) is not None:
        shown["binaryValue"] = base64.b64encode(binary).decode() if isinstance(binary, bytes) else binary
    return shown


def messages_that_fit(messages: Sequence[Message]) -> Iterator[list[Message]]:
    """Split a batch where its payload would exceed Lambda's 6 MB."""
    part: list[Message] = []
    size = 0
    for message in messages:
        more = len(json.dumps(message.body)) + 1000
        if part and size + more > LARGEST_EVENT_BYTES:
            yield part
            part, size = [], 0
        part.append(message)
        size += more
    if part:
        yield part


def failed_ids(answer: bytes, ids: Sequence[str]) -> set[str]:
    """Which messages of a batch a function reports as failed; all of them when its answer makes no sense.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
    """
    try:
        said = json.loads(answer or b"null")
    except ValueError:
        return set(ids)
    if said is None or said == {}:
        return set()
    reported = said.get("batchItemFailures", False) if isinstance(said, dict) else False
    if reported is None or reported == []:
        return set()
    if not isinstance(reported, list):
        return set(ids)
    found = {item.get("itemIdentifier") if isinstance(item, dict) else None for item in reported}
    return {str(name) for name in found} if found <= set(ids) else set(ids)


def matches(messages: Sequence[Message], criteria: Mapping[str, Any] | None) -> tuple[list[Message], list[Message]]:
    """Split by the mapping's filters: those for the function, and those to delete unseen.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs-filtering.html
    """
    patterns = _patterns(criteria)
    if not patterns:
        return list(messages), []
    kept = [message for message in messages if any(_passes(message, pattern) for pattern in patterns)]
    return kept, [message for message in messages if message not in kept]


def valid(criteria: Mapping[str, Any] | None) -> bool:
    """Whether every filter is a pattern that AWS takes; they are those of EventBridge.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
    """
    try:
        for pattern in _patterns(criteria):
            json.loads(pattern)
            compiled(pattern)
    except ValueError:  # InvalidPattern is one
        return False
    return True


def _patterns(criteria: Mapping[str, Any] | None) -> list[str]:
    return [row["Pattern"] for row in (criteria or {}).get("Filters") or [] if row.get("Pattern")]


def _passes(message: Message, pattern: str) -> bool:
    record = _record(message, "arn:aws:sqs:us-east-1:000000000000:any")
    if isinstance(json.loads(pattern).get("body"), dict):
        try:
            record["body"] = json.loads(message.body)
        except ValueError:
            return False
        if not isinstance(record["body"], dict):
            return False
    return compiled(pattern).matches(record)
