"""Targets of rules from outside: which PutTargets refuses, and in which words."""

from __future__ import annotations

from typing import Any

import pytest
from cloud import CloudServer
from event_calls import name, refusal, unchecked

ACCOUNT = "us-east-1:123456789012"
QUEUE = f"arn:aws:sqs:{ACCOUNT}:any"
MACHINE = f"arn:aws:states:{ACCOUNT}:stateMachine:any"
FAR = "arn:aws:sqs:us-west-2:123456789012:dead"
ROLE = "arn:aws:iam::123456789012:role/any"
FAILED = "failed to satisfy constraint: Member must"
ONE_INPUT = "Only one of Input, InputPath, or InputTransformer must be provided for target t."
WRONG_ARN = "Parameter {} is not valid. Reason: Provided Arn is not in correct format."
JSON_ONLY = "InputTemplate for target t contains placeholder aws.events.event.json valid only for JSON template."
ONE = "1 validation error detected: Value"
RETRY = "'targets.1.member.retryPolicy"


@pytest.fixture(scope="module")
def bus(cloud_server: CloudServer) -> Any:
    return unchecked(cloud_server)


@pytest.fixture
def rule(bus: Any) -> str:
    made = name("rule")
    bus.put_rule(Name=made, EventPattern='{"source": ["nobody"]}')
    return made


def template(text: str, **paths: str) -> dict[str, Any]:
    return {"InputTransformer": {"InputTemplate": text, "InputPathsMap": paths}}


@pytest.mark.parametrize(
    ("target", "message"),
    [
        (
            {"Id": "!"},
            rf"{ONE} '!' at 'targets.1.member.id' {FAILED} satisfy regular expression pattern: [\.\-_A-Za-z0-9]+",
        ),
        ({"Arn": None}, f"1 validation error detected: Value null at 'targets.1.member.arn' {FAILED} not be null"),
        ({"Arn": "queue"}, WRONG_ARN.format("queue")),
        ({"Arn": "arn:aws:sqs"}, WRONG_ARN.format("arn:aws:sqs")),
        ({"Arn": f"arn:aws:sagemaker:{ACCOUNT}:model/m"}, WRONG_ARN.format(f"arn:aws:sagemaker:{ACCOUNT}:model/m")),
        ({"Arn": f"arn:aws:lambda:{ACCOUNT}:layer:l"}, WRONG_ARN.format(f"arn:aws:lambda:{ACCOUNT}:layer:l")),
        ({"Arn": MACHINE}, f"RoleArn is required for target {MACHINE}."),
        ({"Input": "{}", "InputPath": "$.detail"}, ONE_INPUT),
        ({"Input": "{}", **template("{}")}, ONE_INPUT),
        ({"InputPath": "$.detail", **template("{}")}, ONE_INPUT),
        ({"Input": "hello"}, "JSON syntax error in input for target t"),
        ({"Input": '{"a": NaN}'}, "JSON syntax error in input for target t"),
        ({"InputPath": "detail.state"}, "InputPath for target t is invalid."),
        ({"InputPath": "$.detail['state']"}, "InputPath for target t is invalid."),
        (template('{"s": <s>}', s="detail.state"), "InputPath for target t is invalid."),
        (
            template('"at <time>, <what>"', time="$.time"),
            "InputTemplate for target t contains invalid placeholder what.",
        ),
        (template("[<aws.events.event.json>]"), JSON_ONLY),
        (
            {"RetryPolicy": {"MaximumEventAgeInSeconds": 0}},
            f"{ONE} '0' at {RETRY}.maximumEventAgeInSeconds' {FAILED} have value greater than or equal to 60",
        ),
        (
            {"RetryPolicy": {"MaximumRetryAttempts": 186}},
            f"{ONE} '186' at {RETRY}.maximumRetryAttempts' {FAILED} have value less than or equal to 185",
        ),
        ({"DeadLetterConfig": {"Arn": f"arn:aws:sns:{ACCOUNT}:t"}}, "sns is not supported as a dead letter resource"),
        (
            {"DeadLetterConfig": {"Arn": f"arn:aws:sqs:{ACCOUNT}:dead.fifo"}},
            "SQS FIFO is not supported by Dead Letter Queues",
        ),
        (
            {"DeadLetterConfig": {"Arn": FAR}},
            f"Dead letter queue {FAR} of target t is not in the rule's region us-east-1.",
        ),
        (
            {"EcsParameters": {"TaskDefinitionArn": "arn:x"}},
            "Parameter(s) EcsParameters not supported for target: t.",
        ),
        ({"Arn": f"{QUEUE}.fifo"}, "Parameter(s) SqsParameters must be specified for target: t."),
    ],
)
def test_a_target_that_aws_refuses_is_refused(bus: Any, rule: str, target: dict[str, Any], message: str) -> None:
    asked = {"Id": "t", "Arn": QUEUE, **target}

    assert refusal(bus.put_targets, Rule=rule, Targets=[asked]) == ("ValidationException", message)
    assert bus.list_targets_by_rule(Rule=rule)["Targets"] == []


def test_one_refused_target_keeps_the_others_out(bus: Any, rule: str) -> None:
    refusal(bus.put_targets, Rule=rule, Targets=[{"Id": "a", "Arn": QUEUE}, {"Id": "b", "Arn": "queue"}])

    assert bus.list_targets_by_rule(Rule=rule)["Targets"] == []


def test_two_targets_of_one_call_have_two_ids(bus: Any, rule: str) -> None:
    assert refusal(bus.put_targets, Rule=rule, Targets=[{"Id": "a", "Arn": QUEUE}] * 2) == (
        "ValidationException",
        "Parameter targets is not valid. Reason: More than one target with Id 'a' is provided.",
    )


def test_a_rule_has_five_targets_at_most(bus: Any, rule: str) -> None:
    bus.put_targets(Rule=rule, Targets=[{"Id": str(number), "Arn": QUEUE} for number in range(5)])

    bus.put_targets(Rule=rule, Targets=[{"Id": "4", "Arn": QUEUE, "InputPath": "$.detail"}])
    assert refusal(bus.put_targets, Rule=rule, Targets=[{"Id": "5", "Arn": QUEUE}]) == (
        "LimitExceededException",
        "The requested resource exceeds the maximum number allowed.",
    )
    assert len(bus.list_targets_by_rule(Rule=rule)["Targets"]) == 5


@pytest.mark.parametrize(
    "arn",
    [
        f"arn:aws:kinesis:{ACCOUNT}:stream/s",
        f"arn:aws:ecs:{ACCOUNT}:cluster/c",
        f"arn:aws:events:{ACCOUNT}:api-destination/d/1",
    ],
)
def test_a_target_that_nothing_is_delivered_to_here_is_refused_by_name(bus: Any, rule: str, arn: str) -> None:
    code, message = refusal(bus.put_targets, Rule=rule, Targets=[{"Id": "t", "Arn": arn, "RoleArn": ROLE}])

    assert code == "NotImplemented"
    assert arn in message


def test_what_aws_takes_is_taken(bus: Any, rule: str) -> None:
    dead = {"DeadLetterConfig": {"Arn": QUEUE}, "RetryPolicy": {"MaximumRetryAttempts": 0}}
    wanted = [
        {"Id": "a", "Arn": QUEUE, "Input": '"a scalar"', **dead},
        {"Id": "b", "Arn": MACHINE, "RoleArn": ROLE, "InputPath": "$.detail.list[0]"},
        {"Id": "c", "Arn": QUEUE, **template('"<b>bold</b> <aws.events.rule-name>"', b="$.detail")},
        {"Id": "d", "Arn": f"arn:aws:sagemaker:{ACCOUNT}:pipeline/p", "RoleArn": ROLE,
         "SageMakerPipelineParameters": {"PipelineParameterList": [{"Name": "n", "Value": "v"}]}},
        {"Id": "e", "Arn": f"{QUEUE}.fifo", "SqsParameters": {"MessageGroupId": "g"}},
    ]  # fmt: skip

    assert bus.put_targets(Rule=rule, Targets=wanted)["FailedEntryCount"] == 0
    assert bus.list_targets_by_rule(Rule=rule)["Targets"] == wanted
