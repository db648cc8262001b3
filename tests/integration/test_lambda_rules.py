"""What Lambda refuses beyond what its model bounds: revisions that are gone, and settings of streams for a queue."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cloud import CloudServer, start_cloud, stop_cloud

NAME = "ruled"
STALE = {"RevisionId": "11111111-2222-3333-4444-555555555555"}


def zipped(answer: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("main.py", f"def handler(event, context):\n    return {answer}\n")
    return target.getvalue()


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CloudServer]:
    """A cloud of its own, with a function that has a version and an alias."""
    started = start_cloud(tmp_path_factory.mktemp("rules"))
    role = started.client("iam").create_role(RoleName="role", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    client = started.client("lambda")
    client.create_function(
        FunctionName=NAME, Runtime="python3.11", Role=role, Handler="main.handler", Code={"ZipFile": zipped("event")}
    )
    client.publish_version(FunctionName=NAME)
    client.create_alias(FunctionName=NAME, Name="live", FunctionVersion="1")
    yield started
    stop_cloud(started)


def error_of(act: Any, **asked: Any) -> tuple[int, str, str]:
    with pytest.raises(ClientError) as refused:
        act(**asked)
    told = refused.value.response
    return told["ResponseMetadata"]["HTTPStatusCode"], told["Error"]["Code"], told["Error"]["Message"]


@pytest.mark.parametrize(
    ("operation", "asked"),
    [
        ("update_function_code", {"ZipFile": zipped("None")}),
        ("update_function_configuration", {"Timeout": 9}),
        ("publish_version", {}),
        ("update_alias", {"Name": "live", "FunctionVersion": "$LATEST"}),
    ],
)
def test_a_change_of_a_revision_that_is_gone_is_refused(
    cloud: CloudServer, operation: str, asked: dict[str, Any]
) -> None:
    client = cloud.client("lambda")
    before = client.get_function_configuration(FunctionName=NAME)

    status, code, _ = error_of(getattr(client, operation), FunctionName=NAME, **asked, **STALE)

    assert (status, code) == (412, "PreconditionFailedException")
    after = client.get_function_configuration(FunctionName=NAME)
    assert (after["CodeSha256"], after["Timeout"]) == (before["CodeSha256"], before["Timeout"])


def test_a_change_of_the_latest_revision_makes_the_next(cloud: CloudServer) -> None:
    client = cloud.client("lambda")
    first = client.get_function(FunctionName=NAME)["Configuration"]["RevisionId"]

    second = client.update_function_configuration(FunctionName=NAME, Timeout=8, RevisionId=first)["RevisionId"]

    assert second != first
    assert client.get_function_configuration(FunctionName=NAME)["RevisionId"] == second
    assert error_of(client.update_function_configuration, FunctionName=NAME, Timeout=7, RevisionId=first)[0] == 412


def test_a_change_of_the_latest_revision_of_an_alias_makes_the_next(cloud: CloudServer) -> None:
    client = cloud.client("lambda")
    first = client.get_alias(FunctionName=NAME, Name="live")["RevisionId"]

    second = client.update_alias(FunctionName=NAME, Name="live", Description="told", RevisionId=first)["RevisionId"]

    assert client.get_alias(FunctionName=NAME, Name="live")["RevisionId"] == second != first


def test_a_version_is_published_of_the_code_that_was_meant(cloud: CloudServer) -> None:
    client = cloud.client("lambda")
    latest = client.get_function_configuration(FunctionName=NAME)

    assert error_of(client.publish_version, FunctionName=NAME, CodeSha256="another")[:2] == (
        400, "InvalidParameterValueException"
    )  # fmt: skip
    meant = {"CodeSha256": latest["CodeSha256"], "RevisionId": latest["RevisionId"]}
    assert client.publish_version(FunctionName=NAME, **meant)["CodeSha256"] == latest["CodeSha256"]


@pytest.mark.parametrize("operation", ["create_alias", "update_alias"])
def test_an_alias_with_weights_is_refused_by_name(cloud: CloudServer, operation: str) -> None:
    client = cloud.client("lambda")
    asked = {"FunctionName": NAME, "Name": "weighted" if operation == "create_alias" else "live"}
    weights = {"AdditionalVersionWeights": {"1": 0.5}}

    status, _, said = error_of(getattr(client, operation), **asked, FunctionVersion="1", RoutingConfig=weights)

    assert status == 501
    assert "RoutingConfig" in said


def test_an_alias_whose_weights_are_taken_away_is_taken(cloud: CloudServer) -> None:
    client = cloud.client("lambda")

    answer = client.update_alias(FunctionName=NAME, Name="live", RoutingConfig={"AdditionalVersionWeights": {}})

    assert not answer.get("RoutingConfig", {}).get("AdditionalVersionWeights")


def queue(cloud: CloudServer, named: str) -> str:
    sqs = cloud.client("sqs")
    url = sqs.create_queue(QueueName=named)["QueueUrl"]
    return str(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"])


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ({"StartingPosition": "LATEST"}, "StartingPosition is not valid for SQS event sources."),
        ({"BisectBatchOnFunctionError": True}, "BisectBatchOnFunctionError is not valid for SQS event sources."),
        ({"MaximumRetryAttempts": 2}, "MaximumRetryAttempts is not valid for SQS event sources."),
        ({"BatchSize": 11}, "Maximum batch window in seconds must be greater than 0"),
    ],
)
def test_a_mapping_of_a_queue_has_no_settings_of_streams(
    cloud: CloudServer, setting: dict[str, Any], said: str
) -> None:
    client, arn = cloud.client("lambda"), queue(cloud, "unmapped")

    told = error_of(client.create_event_source_mapping, FunctionName=NAME, EventSourceArn=arn, **setting)

    assert told[:2] == (400, "InvalidParameterValueException")
    assert said in told[2]
    assert client.list_event_source_mappings(EventSourceArn=arn)["EventSourceMappings"] == []


def test_a_queue_is_mapped_to_a_function_once(cloud: CloudServer) -> None:
    client, arn = cloud.client("lambda"), queue(cloud, "mapped")
    first = client.create_event_source_mapping(FunctionName=NAME, EventSourceArn=arn)

    status, code, said = error_of(client.create_event_source_mapping, FunctionName=NAME, EventSourceArn=arn)
    assert (status, code) == (409, "ResourceConflictException")
    assert first["UUID"] in said
    changed = error_of(client.update_event_source_mapping, UUID=first["UUID"], BatchSize=100)
    assert changed[:2] == (400, "InvalidParameterValueException")
    client.update_event_source_mapping(UUID=first["UUID"], BatchSize=100, MaximumBatchingWindowInSeconds=1)
