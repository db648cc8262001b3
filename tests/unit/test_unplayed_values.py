"""What is played with some values only is refused with the others, by name."""

from __future__ import annotations

import io
import json
from typing import Any
from urllib.parse import urlencode

import pytest

from localcloud.front import supported
from localcloud.front.members.refusing import refusals

ACCOUNT = "123456789012"
SOURCE = {"TableArn": "arn", "S3Bucket": "bucket"}


def told(service: str, operation: str, document: dict[str, Any]) -> list[str]:
    environ: dict[str, Any] = {"wsgi.input": io.BytesIO(json.dumps(document).encode())}
    return refusals(service, supported.SERVICES[service].model, operation, environ, ACCOUNT)


@pytest.mark.parametrize(
    ("service", "operation", "document"),
    [
        ("logs", "FilterLogEvents", {"filterPattern": '{ $.level = "ERROR" }'}),
        ("logs", "FilterLogEvents", {"filterPattern": "?a ?b"}),
        ("logs", "FilterLogEvents", {"filterPattern": "ERROR -fatal"}),
        ("logs", "FilterLogEvents", {"filterPattern": '"a" "b"'}),
        ("logs", "FilterLogEvents", {"filterPattern": "%regex%"}),
        ("logs", "FilterLogEvents", {"filterPattern": "404"}),
        ("logs", "PutSubscriptionFilter", {"filterPattern": "NOMATCH"}),
        ("dynamodb", "ExportTableToPointInTime", SOURCE),
        ("awslambda", "CreateFunction", {"Code": {"S3Bucket": "b", "S3Key": "k", "S3ObjectVersion": "v"}}),
        ("awslambda", "UpdateAlias", {"RoutingConfig": {"AdditionalVersionWeights": {"2": 0.1}}}),
        ("sns", "Publish", {"PhoneNumber": "+15550100", "Message": "m"}),
        ("ssm", "PutParameter", {"Name": "n", "Value": "v", "Policies": '[{"Type": "Expiration"}]'}),
    ],
)
def test_a_value_that_nobody_plays_is_refused_with_its_member(
    service: str, operation: str, document: dict[str, Any]
) -> None:
    (said,) = told(service, operation, document)

    assert said.split()[0] in {*document, "S3Prefix"}
    assert "outside AWS" in said


@pytest.mark.parametrize(
    ("service", "operation", "document"),
    [
        ("logs", "FilterLogEvents", {}),
        ("logs", "FilterLogEvents", {"filterPattern": " "}),
        ("logs", "FilterLogEvents", {"filterPattern": "ERROR now"}),
        ("logs", "FilterLogEvents", {"filterPattern": '"any {text} ?there"'}),
        ("logs", "PutSubscriptionFilter", {"filterPattern": ""}),
        ("dynamodb", "ExportTableToPointInTime", {**SOURCE, "S3Prefix": "p"}),
        ("awslambda", "CreateFunction", {"Code": {"S3Bucket": "b", "S3Key": "k"}}),
        ("awslambda", "UpdateAlias", {"RoutingConfig": {"AdditionalVersionWeights": {}}}),
    ],
)
def test_a_value_that_is_played_is_taken(service: str, operation: str, document: dict[str, Any]) -> None:
    assert told(service, operation, document) == []


@pytest.mark.parametrize(("protocol", "refused"), [("sms", 1), ("firehose", 1), ("email", 0), ("lambda", 0)])
def test_a_subscription_that_nothing_here_could_deliver_to_is_refused(protocol: str, refused: int) -> None:
    form = urlencode({"Action": "Subscribe", "TopicArn": "arn", "Protocol": protocol}).encode()
    environ = {"wsgi.input": io.BytesIO(form), "CONTENT_TYPE": "application/x-www-form-urlencoded"}

    assert len(refusals("sns", "sns", "Subscribe", environ, ACCOUNT)) == refused
