"""Rules of the bus from outside: which PutRule, TestEventPattern and templates refuse, and in which words."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cloud import CloudServer, eventually
from event_calls import name, refusal, unchecked

EVENT = {
    "id": "1",
    "source": "order",
    "detail-type": "Test",
    "account": "123456789012",
    "region": "us-east-1",
    "time": "2026-01-01T00:00:00Z",
    "detail": {"items": [{"name": "a", "count": 1}, {"name": "b", "count": 2}]},
}
INVALID = [
    ("nonsense", "Unrecognized token 'nonsense': was expecting"),
    ('["a"]', "Filter is not an object"),
    ("{}", "Empty objects are not allowed"),
    ('{"detail": {}}', "Empty objects are not allowed"),
    ('{"source": []}', "Empty arrays are not allowed"),
    ('{"source": "order"}', '"source" must be an object or an array'),
    ('{"source": [{"contains": "o"}]}', "Unrecognized match type contains"),
    ('{"source": [{"prefix": 1}]}', "prefix match pattern must be a string"),
    ('{"detail": {"n": [{"numeric": [">"]}]}}', "Value of > must be numeric"),
    ('{"detail": {"n": [{"numeric": ["=>", 1]}]}}', "Unrecognized numeric range operator: =>"),
    ('{"source": [{"wildcard": "a**"}]}', "Consecutive wildcard characters at pos 2"),
    ('{"source": [{"wildcard": "*:*:*:*:*:a/*"}]}', "Rule is too complex - try using fewer wildcard characters"),
    ('{"source": [{"anything-but": {"exists": true}}]}', "Unsupported anything-but pattern: exists"),
    ('{"source": [{"exists": "yes"}]}', "exists match pattern must be either true or false."),
    ('{"detail": {"ip": [{"cidr": "10.0.0.0"}]}}', "Malformed CIDR, one '/' required"),
    ('{"$or": [{"source": ["a"]}]}', "Unrecognized match type source"),
    ('{"$or": "a"}', '"$or" must be an object or an array'),
]


@pytest.fixture(scope="module")
def bus(cloud_server: CloudServer) -> Any:
    return unchecked(cloud_server)


# --- PutRule


@pytest.mark.parametrize(("pattern", "reason"), INVALID)
def test_a_rule_with_an_invalid_pattern_is_refused(bus: Any, pattern: str, reason: str) -> None:
    made = name("rule")

    code, message = refusal(bus.put_rule, Name=made, EventPattern=pattern)

    assert code == "InvalidEventPatternException"
    assert message.startswith(f"Event pattern is not valid. Reason: {reason}")
    assert bus.list_rules(NamePrefix=made)["Rules"] == []


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({}, "Parameter(s) EventPattern or ScheduleExpression must be specified."),
        ({"EventPattern": ""}, "Parameter(s) EventPattern or ScheduleExpression must be specified."),
        ({"ScheduleExpression": "rate(1 minutes)"}, "Parameter ScheduleExpression is not valid."),
        ({"ScheduleExpression": "cron(0 12 * * *)"}, "Parameter ScheduleExpression is not valid."),
        ({"ScheduleExpression": "hourly"}, "Parameter ScheduleExpression is not valid."),
        (
            {"EventPattern": json.dumps({"source": ["x" * 2100]}), "Name": "long"},
            "Parameter EventPattern for rule long exceeds limit of 2048.",
        ),
        (
            {"EventPattern": '{"source": ["a"]}', "Name": "a b"},
            "1 validation error detected: Value 'a b' at 'name' failed to satisfy constraint: Member must satisfy"
            r" regular expression pattern: [\.\-_A-Za-z0-9]+",
        ),
        (
            {"EventPattern": '{"source": ["a"]}', "Name": "x" * 65},
            f"1 validation error detected: Value '{'x' * 65}' at 'name' failed to satisfy constraint: Member must have"
            " length less than or equal to 64",
        ),
        (
            {"EventPattern": '{"source": ["a"]}', "State": "ON"},
            "1 validation error detected: Value 'ON' at 'state' failed to satisfy constraint: Member must satisfy enum"
            " value set: [ENABLED, DISABLED, ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS]",
        ),
    ],
)
def test_a_rule_that_aws_refuses_is_refused(bus: Any, asked: dict[str, Any], message: str) -> None:
    assert refusal(bus.put_rule, **{"Name": name("rule"), **asked}) == ("ValidationException", message)


def test_a_pattern_beyond_the_model_is_refused_before_it_is_read(bus: Any) -> None:
    code, message = refusal(bus.put_rule, Name=name("rule"), EventPattern="x" * 4097)

    assert code == "ValidationException"
    assert message.endswith(
        "at 'eventPattern' failed to satisfy constraint: Member must have length less than or equal to 4096"
    )


def test_a_stack_whose_rule_has_an_invalid_pattern_fails_with_the_reason(cloud_server: CloudServer) -> None:
    stacks, made = cloud_server.client("cloudformation"), name("stack")
    rule = {"Type": "AWS::Events::Rule", "Properties": {"EventPattern": {"source": [{"starts": "aws."}]}}}

    stacks.create_stack(StackName=made, TemplateBody=json.dumps({"Resources": {"Rule": rule}}))
    eventually(lambda: stacks.describe_stacks(StackName=made)["Stacks"][0]["StackStatus"] == "ROLLBACK_COMPLETE")
    told = stacks.describe_stack_events(StackName=made)["StackEvents"]

    reasons = [event.get("ResourceStatusReason", "") for event in told if event["LogicalResourceId"] == "Rule"]
    assert any("Event pattern is not valid. Reason: Unrecognized match type starts" in reason for reason in reasons)


# --- TestEventPattern


@pytest.mark.parametrize(
    ("pattern", "result"),
    [
        ({"source": ["order"]}, True),
        ({"source": ["shipment"]}, False),
        ({"detail": {"items": {"name": ["b"], "count": [2]}}}, True),
        ({"detail": {"items": {"name": ["a"], "count": [2]}}}, False),
    ],
)
def test_a_pattern_is_tested_truly(bus: Any, pattern: dict[str, Any], result: bool) -> None:
    answer = bus.test_event_pattern(EventPattern=json.dumps(pattern), Event=json.dumps(EVENT))

    assert answer["Result"] is result


@pytest.mark.parametrize("missing", ["id", "account", "source", "time", "region", "detail-type"])
def test_an_event_without_a_mandatory_field_is_none(bus: Any, missing: str) -> None:
    event = {field: value for field, value in EVENT.items() if field != missing}

    assert refusal(bus.test_event_pattern, EventPattern='{"source": ["a"]}', Event=json.dumps(event)) == (
        "ValidationException",
        "Parameter Event is not valid.",
    )


@pytest.mark.parametrize("event", ["plain string", "[]", "{}", ""])
def test_what_is_no_object_is_no_event(bus: Any, event: str) -> None:
    assert refusal(bus.test_event_pattern, EventPattern='{"source": ["a"]}', Event=event) == (
        "ValidationException",
        "Parameter Event is not valid.",
    )


@pytest.mark.parametrize(("pattern", "reason"), INVALID)
def test_an_invalid_pattern_cannot_be_tested(bus: Any, pattern: str, reason: str) -> None:
    code, message = refusal(bus.test_event_pattern, EventPattern=pattern, Event=json.dumps(EVENT))

    assert code == "InvalidEventPatternException"
    assert message.startswith(f"Event pattern is not valid. Reason: {reason}")
