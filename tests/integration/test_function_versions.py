"""An Invoke runs the version that it asks for, by number or alias, and says so when there is none of it."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cloud import CloudServer, start_cloud, stop_cloud

SOURCE = """
def handler(event, context):
    return [{mark!r}, context.function_version, context.invoked_function_arn]
"""
ARN = "arn:aws:lambda:us-east-1:123456789012:function:versioned"


def package(mark: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("main.py", SOURCE.format(mark=mark))
    return target.getvalue()


@pytest.fixture(scope="module")
def functions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A client, where ``versioned`` has version 1, which alias ``live`` leads to, and a newer one unpublished."""
    cloud: CloudServer = start_cloud(tmp_path_factory.mktemp("versions"))
    role = cloud.client("iam").create_role(RoleName="role", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    client = cloud.client("lambda")
    client.create_function(
        FunctionName="versioned",
        Runtime="python3.11",
        Role=role,
        Handler="main.handler",
        Code={"ZipFile": package("old")},
    )
    client.publish_version(FunctionName="versioned")
    client.create_alias(FunctionName="versioned", Name="live", FunctionVersion="1")
    client.update_function_code(FunctionName="versioned", ZipFile=package("new"))
    yield client
    stop_cloud(cloud)


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ({"FunctionName": "versioned"}, ["new", "$LATEST", ARN]),
        ({"FunctionName": "versioned", "Qualifier": "$LATEST"}, ["new", "$LATEST", f"{ARN}:$LATEST"]),
        ({"FunctionName": "versioned", "Qualifier": "1"}, ["old", "1", f"{ARN}:1"]),
        ({"FunctionName": "versioned", "Qualifier": "live"}, ["old", "1", f"{ARN}:live"]),
        ({"FunctionName": "versioned:1"}, ["old", "1", f"{ARN}:1"]),
        ({"FunctionName": f"{ARN}:live", "Qualifier": "live"}, ["old", "1", f"{ARN}:live"]),
        ({"FunctionName": ARN, "Payload": json.dumps({"qualifier": "1"})}, ["new", "$LATEST", ARN]),
    ],
)
def test_a_call_runs_the_version_that_it_asks_for(functions: Any, asked: dict[str, str], answered: list[str]) -> None:
    answer = functions.invoke(**asked)

    assert json.loads(answer["Payload"].read()) == answered
    assert answer["ExecutedVersion"] == answered[1]


@pytest.mark.parametrize("kind", ["RequestResponse", "Event", "DryRun"])
def test_a_version_that_is_not_there_is_not_found(functions: Any, kind: str) -> None:
    with pytest.raises(ClientError) as refused:
        functions.invoke(FunctionName="versioned", Qualifier="77", InvocationType=kind)

    assert refused.value.response["Error"]["Code"] == "ResourceNotFoundException"
    assert refused.value.response["Error"]["Message"] == f"Function not found: {ARN}:77"


def test_a_name_and_a_qualifier_that_differ_are_refused(functions: Any) -> None:
    with pytest.raises(ClientError, match="derived qualifier") as refused:
        functions.invoke(FunctionName="versioned:1", Qualifier="live")

    assert refused.value.response["Error"]["Code"] == "InvalidParameterValueException"
