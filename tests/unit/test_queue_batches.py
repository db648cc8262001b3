"""What Lambda reads from the answer to a batch."""

from __future__ import annotations

import json
from typing import Any

import pytest
from moto.sqs.models import Message

from localcloud.lambdas.queue_batches import batch_event, failed_ids, matches, messages_that_fit, valid

IDS = ["a", "b", "c"]


@pytest.mark.parametrize(
    ("answer", "failed"),
    [
        (None, set()),
        ({}, set()),
        ({"batchItemFailures": []}, set()),
        ({"batchItemFailures": None}, set()),
        ({"batchItemFailures": [{"itemIdentifier": "b"}]}, {"b"}),
        ({"batchItemFailures": [{"itemIdentifier": ""}]}, set(IDS)),
        ({"batchItemFailures": [{"itemIdentifier": None}]}, set(IDS)),
        ({"batchItemFailures": [{"itemIdentifier": "unknown"}]}, set(IDS)),
        ({"batchItemFailures": [{"wrong": "b"}]}, set(IDS)),
        ({"batchItemFailures": "b"}, set(IDS)),
        ({"other": 1}, set(IDS)),
        ("text", set(IDS)),
    ],
)
def test_reported_failures(answer: Any, failed: set[str]) -> None:
    assert failed_ids(json.dumps(answer).encode(), IDS) == failed


def test_an_answer_that_is_not_json_fails_the_batch() -> None:
    assert failed_ids(b"{", IDS) == set(IDS)


def message(number: int, body: str) -> Message:
    made = Message(str(number), body)
    made.mark_sent()
    made.mark_received(30)
    return made


def test_the_event_has_the_fields_of_sqs() -> None:
    sent = message(1, "hello")
    sent.message_attributes = {
        "n": {"DataType": "Number", "StringValue": "100"},
        "b": {"DataType": "Binary", "BinaryValue": b"x"},
    }

    record = batch_event([sent], "arn:aws:sqs:us-east-2:123456789012:my-queue")["Records"][0]

    assert record["messageAttributes"]["n"]["stringValue"] == "100"
    assert record["messageAttributes"]["b"]["binaryValue"] == "eA=="
    assert (record["messageId"], record["body"], record["awsRegion"]) == ("1", "hello", "us-east-2")
    assert record["md5OfBody"] == "5d41402abc4b2a76b9719d911017c592"
    assert record["attributes"].keys() == {
        "ApproximateReceiveCount",
        "SentTimestamp",
        "SenderId",
        "ApproximateFirstReceiveTimestamp",
    }


def test_a_batch_is_split_where_it_exceeds_the_payload_limit() -> None:
    big = [message(number, "x" * 2_500_000) for number in range(3)]

    assert [[part.id for part in parts] for parts in messages_that_fit(big)] == [["0", "1"], ["2"]]


def test_filters_look_into_the_body() -> None:
    sent = [message(1, '{"kind": "a"}'), message(2, '{"kind": "b"}'), message(3, "text")]
    criteria = {"Filters": [{"Pattern": '{"body": {"kind": ["b"]}}'}]}

    kept, dropped = matches(sent, criteria)

    assert ([row.id for row in kept], [row.id for row in dropped]) == (["2"], ["1", "3"])


@pytest.mark.parametrize(
    ("pattern", "taken"),
    [
        ('{"body": {"kind": [{"anything-but": ["a"]}]}}', True),
        ("", True),
        ('{"body": {"kind": "b"}}', False),
        ('{"body": {"kind": [{"contains": "b"}]}}', False),
        ("[]", False),
    ],
)
def test_a_filter_is_a_pattern_of_the_bus(pattern: str, taken: bool) -> None:
    assert valid({"Filters": [{"Pattern": '{"body": {"kind": ["b"]}}'}, {"Pattern": pattern}]}) is taken
