"""What a request's model does not bound and its service refuses all the same, in the service's own code."""

from __future__ import annotations

import io
import json
from typing import Any
from urllib.parse import urlencode

import pytest

from localcloud.front import supported
from localcloud.front.bounds.requests import find_fault
from localcloud.front.malformed.texts import Fault

TOPIC = {"TopicArn": "arn:aws:sns:us-east-1:123456789012:topic"}
SUBSCRIBED = {"SubscriptionArn": "arn:aws:sns:us-east-1:123456789012:topic:one"}
MACHINE = {"name": "machine", "definition": "{}", "roleArn": "arn:aws:iam::123456789012:role/machine"}
PARAMETER = {"Name": "name", "Type": "String"}


def fault(service: str, operation: str, asked: dict[str, Any]) -> Fault | None:
    environ: dict[str, Any] = {"PATH_INFO": "/", "QUERY_STRING": "", "CONTENT_TYPE": "application/x-amz-json-1.1"}
    body = json.dumps(asked)
    if service == "sns":
        body = urlencode({"Action": operation, **asked})
        environ["CONTENT_TYPE"] = "application/x-www-form-urlencoded"
    environ["wsgi.input"] = io.BytesIO(body.encode())
    return find_fault(service, supported.SERVICES[service].model, operation, environ)


def subscribe(name: str, value: str) -> dict[str, str]:
    return {**TOPIC, "Protocol": "sqs", "Attributes.entry.1.key": name, "Attributes.entry.1.value": value}


def topic(name: str) -> dict[str, str]:
    return {"Name": "topic", "Attributes.entry.1.key": name, "Attributes.entry.1.value": "x"}


REFUSED: list[tuple[str, str, dict[str, Any], str, str]] = [
    ("ssm", "PutParameter", {**PARAMETER, "Value": "abc", "AllowedPattern": r"^\d+$"},
     "ParameterPatternMismatchException", r"^\d+$"),
    ("ssm", "PutParameter", {**PARAMETER, "Value": "abc", "AllowedPattern": "("},
     "InvalidAllowedPatternException", "("),
    ("ssm", "PutParameter", {**PARAMETER, "Value": "a" * 4097}, "ValidationException", "4096"),
    ("ssm", "PutParameter", {**PARAMETER, "Value": "ä" * 2049, "Tier": "Standard"}, "ValidationException", "4096"),
    ("ssm", "PutParameter", {**PARAMETER, "Value": "a" * 8193, "Tier": "Advanced"}, "ValidationException", "8192"),
    ("logs", "PutRetentionPolicy", {"logGroupName": "group", "retentionInDays": 4},
     "InvalidParameterException", "Value '4' at 'retentionInDays'"),
    ("stepfunctions", "CreateStateMachine", {**MACHINE, "loggingConfiguration": {"level": "ALL"}},
     "InvalidLoggingConfiguration", "Log Destination"),
    ("stepfunctions", "CreateStateMachine", {**MACHINE, "loggingConfiguration": {"level": "ERROR", "destinations": []}},
     "InvalidLoggingConfiguration", "Log Destination"),
    ("stepfunctions", "UpdateStateMachine",
     {"stateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:machine",
      "loggingConfiguration": {"level": "FATAL"}},
     "InvalidLoggingConfiguration", "Log Destination"),
    ("sns", "Subscribe", subscribe("RedrivePolicy", "no JSON"), "InvalidParameter", "RedrivePolicy"),
    ("sns", "Subscribe", subscribe("RedrivePolicy", '{"maxReceiveCount": 5}'), "InvalidParameter", "maxReceiveCount"),
    ("sns", "Subscribe", subscribe("FilterPolicyScope", "Body"), "InvalidParameter", "FilterPolicyScope"),
    ("sns", "Subscribe", subscribe("Unknown", "x"), "InvalidParameter", "Unknown"),
    ("sns", "SetSubscriptionAttributes",
     {**SUBSCRIBED, "AttributeName": "FilterPolicyScope", "AttributeValue": "Body"},
     "InvalidParameter", "FilterPolicyScope"),
    ("sns", "SetSubscriptionAttributes", {**SUBSCRIBED, "AttributeName": "RedrivePolicy", "AttributeValue": "no JSON"},
     "InvalidParameter", "RedrivePolicy"),
    ("sns", "SetSubscriptionAttributes", {**SUBSCRIBED, "AttributeName": "Unknown", "AttributeValue": "x"},
     "InvalidParameter", "AttributeName"),
    ("sns", "SetTopicAttributes", {**TOPIC, "AttributeName": "Unknown", "AttributeValue": "x"},
     "InvalidParameter", "AttributeName"),
    ("sns", "CreateTopic", topic("Unknown"), "InvalidParameter", "Unknown"),
]  # fmt: skip
TAKEN: list[tuple[str, str, dict[str, Any]]] = [
    ("ssm", "PutParameter", {**PARAMETER, "Value": "12", "AllowedPattern": r"^\d+$"}),
    ("ssm", "PutParameter", {**PARAMETER, "Value": "a" * 4096}),
    ("ssm", "PutParameter", {**PARAMETER, "Value": "a" * 8192, "Tier": "Intelligent-Tiering"}),
    ("logs", "PutRetentionPolicy", {"logGroupName": "group", "retentionInDays": 5}),
    ("stepfunctions", "CreateStateMachine", {**MACHINE, "loggingConfiguration": {"level": "OFF"}}),
    ("stepfunctions", "CreateStateMachine", {**MACHINE, "loggingConfiguration": {
        "level": "ALL", "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": "arn"}}]}}),
    ("stepfunctions", "CreateStateMachine", MACHINE),
    ("sns", "Subscribe", subscribe("RedrivePolicy", '{"deadLetterTargetArn": "arn"}')),
    ("sns", "Subscribe", subscribe("RedrivePolicy", "")),
    ("sns", "Subscribe", subscribe("FilterPolicyScope", "MessageBody")),
    ("sns", "Subscribe", {**TOPIC, "Protocol": "sqs"}),
    ("sns", "SetTopicAttributes", {**TOPIC, "AttributeName": "DisplayName", "AttributeValue": "x"}),
    ("sns", "CreateTopic", topic("KmsMasterKeyId")),
]  # fmt: skip


@pytest.mark.parametrize(("service", "operation", "asked", "code", "said"), REFUSED)
def test_what_its_service_refuses_is_refused_by_code(
    service: str, operation: str, asked: dict[str, Any], code: str, said: str
) -> None:
    found = fault(service, operation, asked)

    assert found is not None
    assert (found.code, found.status) == (code, 400)
    assert said in found.message


@pytest.mark.parametrize(("service", "operation", "asked"), TAKEN)
def test_what_its_service_takes_is_taken(service: str, operation: str, asked: dict[str, Any]) -> None:
    assert fault(service, operation, asked) is None


@pytest.mark.parametrize(
    ("service", "operation", "asked", "named"),
    [
        ("ssm", "PutParameter", {**PARAMETER, "Value": "a", "AllowedPattern": r"\p{Lower}"}, "AllowedPattern"),
        ("sns", "CreateTopic", topic("SQSSuccessFeedbackRoleArn"), "SQSSuccessFeedbackRoleArn"),
        ("sns", "SetTopicAttributes", {**TOPIC, "AttributeName": "ArchivePolicy"}, "ArchivePolicy"),
    ],
)
def test_what_nobody_plays_is_refused_by_name(service: str, operation: str, asked: dict[str, Any], named: str) -> None:
    found = fault(service, operation, asked)

    assert found is not None
    assert (found.code, found.status) == ("NotImplemented", 501)
    assert named in found.message
