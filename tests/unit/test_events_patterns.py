"""The pattern language, as far as rules of an application rely on it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from localcloud.bus.patterns import Pattern

EVENT: dict[str, Any] = {
    "source": "aws.s3",
    "detail-type": "Object Created",
    "resources": ["arn:aws:s3:::stack-data"],
    "detail": {
        "bucket": {"name": "stack-data"},
        "object": {"key": "incoming/churn/May.csv", "size": 12},
        "fields": ["ModelApprovalStatus", "Other"],
        "none": None,
        "flag": True,
    },
}


@pytest.mark.parametrize(
    ("detail", "matched"),
    [
        ({"object": {"key": [{"prefix": "incoming/"}]}}, True),
        ({"object": {"key": [{"prefix": "scoring/"}]}}, False),
        ({"object": {"key": [{"suffix": ".csv"}]}}, True),
        ({"object": {"key": [{"suffix": ".json"}]}}, False),
        ({"object": {"key": [{"anything-but": ["a", "b"]}]}}, True),
        ({"object": {"key": [{"anything-but": {"prefix": "incoming/"}}]}}, False),
        ({"object": {"key": [{"equals-ignore-case": "INCOMING/churn/may.CSV"}]}}, True),
        ({"object": {"key": [{"wildcard": "incoming/*/*.csv"}]}}, True),
        ({"object": {"key": [{"wildcard": "incoming/*.json"}]}}, False),
        ({"object": {"size": [{"numeric": [">", 10, "<=", 12]}]}}, True),
        ({"object": {"size": [{"numeric": [">", 12]}]}}, False),
        ({"object": {"etag": [{"exists": False}]}}, True),
        ({"object": {"etag": [{"exists": True}]}}, False),
        ({"fields": ["ModelApprovalStatus"]}, True),
        ({"fields": [{"prefix": "Model"}]}, True),
        ({"fields": ["Absent"]}, False),
        ({"none": [None]}, True),
        ({"flag": [True]}, True),
        ({"object": {"size": [12, 13]}}, True),
        ({"$or": [{"object": {"size": [1]}}, {"bucket": {"name": ["stack-data"]}}]}, True),
        ({"bucket": {"name": ["another"]}}, False),
    ],
)
def test_a_pattern_decides(detail: dict[str, Any], matched: bool) -> None:
    assert Pattern(json.dumps({"source": ["aws.s3"], "detail": detail})).matches(EVENT) is matched


def test_a_resource_is_found_in_its_list() -> None:
    assert Pattern('{"resources": [{"prefix": "arn:aws:s3:::stack"}]}').matches(EVENT)
