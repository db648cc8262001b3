"""What targets receive."""

from __future__ import annotations

import json
from typing import Any

import pytest

from localcloud.bus.event_transform import at_path, fill, target_body

EVENT: dict[str, Any] = {
    "version": "0",
    "id": "1",
    "source": "aws.sagemaker",
    "detail-type": "State Change",
    "time": "2026-01-01T00:00:00Z",
    "detail": {"Name": 'the "best"', "Tags": [{"Key": "a"}, {"Key": "b"}], "Count": 3, "Nested": {"x": None}},
    "ingestion-time": "2026-01-01T00:00:01Z",
}


def body(**target: Any) -> str:
    return target_body({"Id": "t", "Arn": "arn:x", **target}, EVENT, "rule", "arn:rule")


def test_a_plain_target_gets_the_event_without_the_ingestion_time() -> None:
    assert json.loads(body()) == {name: value for name, value in EVENT.items() if name != "ingestion-time"}


def test_a_constant_input_is_passed_as_it_is() -> None:
    assert body(Input='{"a": 1}') == '{"a": 1}'


def test_an_input_path_selects_a_part() -> None:
    assert json.loads(body(InputPath="$.detail.Tags[1]")) == {"Key": "b"}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("$.detail-type", "State Change"),
        ("$.detail.Count", 3),
        ("$.detail.Tags[*].Key", ["a", "b"]),
        ("$.detail['Name']", 'the "best"'),
        ("$.nothing.here", None),
        ("$.detail.Tags[7]", None),
        ("$", EVENT),
    ],
)
def test_a_path_finds(path: str, found: Any) -> None:
    assert at_path(EVENT, path) == found


@pytest.mark.parametrize(
    ("template", "filled"),
    [
        ('{"n": <n>, "s": <s>}', '{"n": 3, "s": "a \\"b\\""}'),
        ('{"s": "<s>!"}', '{"s": "a \\"b\\"!"}'),
        ('"count is <n>"', '"count is 3"'),
        ('{"o": <o>}', '{"o": {"k": [1]}}'),
        ('{"o": "got <o>"}', '{"o": "got {k: [1]}"}'),
        ('{"m": "<missing>"}', '{"m": ""}'),
        ("plain <s>", 'plain "a \\"b\\""'),
        ('"</b>, 1 < 2, <n>"', '"</b>, 1 < 2, 3"'),
        ('{"escaped \\" quote": <n>}', '{"escaped \\" quote": 3}'),
    ],
)
def test_a_template_is_filled(template: str, filled: str) -> None:
    assert fill(template, {"n": 3, "s": 'a "b"', "o": {"k": [1]}}) == filled


def test_reserved_variables_name_the_rule_and_the_event() -> None:
    template = (
        '{"rule": "<aws.events.rule-name>", "arn": <aws.events.rule-arn>, "at": <aws.events.event.ingestion-time>}'
    )

    found = json.loads(body(InputTransformer={"InputTemplate": template}))

    assert found == {"rule": "rule", "arn": "arn:rule", "at": "2026-01-01T00:00:01Z"}


def test_the_whole_event_can_be_embedded_with_and_without_detail() -> None:
    template = '{"all": <aws.events.event.json>, "bare": <aws.events.event>}'

    found = json.loads(body(InputTransformer={"InputTemplate": template}))

    assert found["all"]["detail"]["Count"] == 3
    assert "detail" not in found["bare"]
    assert found["bare"]["id"] == "1"
