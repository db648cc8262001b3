"""What the local cloud does not do, it refuses by name: whole services, and operations that moto only pretends."""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError
from cloud import CloudServer, eventually, start_cloud, stop_cloud
from moto.backends import list_of_moto_modules
from sample_requests import least_request

from localcloud.front import services, supported

LOCALCLOUD = Path(__file__).parents[2] / "localcloud"
SOURCES = "".join(path.read_text() for path in LOCALCLOUD.rglob("*.py"))  # which name the operations that they add
DOCS = Path(__file__).parents[2] / "docs" / "local-cloud.md"
FOREIGN = ("glue", "athena", "ec2", "autoscaling", "rekognition", "batch", "dynamodbstreams", "sagemaker-metrics")
SAME_REQUEST = {"ListDirectoryBuckets"}  # as ListBuckets, but for the host
NO_HOST = {"GetLogObject", "StartLiveTail", "StartSyncExecution", "TestState", "WriteGetObjectResponse"}  # by prefix
RESPONSES = {
    "events": "EventsHandler",
    "sqs": "SQSResponse",
    "sns": "SNSResponse",
    "awslambda": "LambdaResponse",
    "stepfunctions": "StepFunctionResponse",
    "dynamodb": "DynamoHandler",
    "iam": "IamResponse",
    "sts": "TokenResponse",
    "cloudwatch": "CloudWatchResponse",
    "logs": "LogsResponse",
    "kms": "KmsResponse",
    "ssm": "SimpleSystemManagerResponse",
    "budgets": "BudgetsResponse",
    "scheduler": "EventBridgeSchedulerResponse",
    "sagemakerruntime": "SageMakerRuntimeResponse",
}


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CloudServer]:
    cloud = start_cloud(tmp_path_factory.mktemp("unsupported"))
    yield cloud
    stop_cloud(cloud)


def answered(client: Any, operation: str) -> tuple[int, str]:
    """The status and the message that the least request for an operation is answered with."""
    shape = client.meta.service_model.operation_model(operation).input_shape
    try:
        response = getattr(client, xform_name(operation))(**least_request(shape))
    except ClientError as error:
        return error.response["ResponseMetadata"]["HTTPStatusCode"], error.response["Error"]["Message"]
    return response["ResponseMetadata"]["HTTPStatusCode"], ""


def refused_operations(name: str, service: supported.Service, known: list[str]) -> set[str]:
    """What a service has to refuse: what is written down, and what neither moto nor the local cloud has."""
    if service.played is not None and service.model != "sagemaker":
        return set(known) - service.played
    if name in RESPONSES:
        moto = getattr(importlib.import_module(f"moto.{name}.responses"), RESPONSES[name])
        lacking = {one for one in known if not hasattr(moto, xform_name(one))}
        return set(service.refused) | {one for one in lacking if f'"{xform_name(one)}"' not in SOURCES}
    return set(service.refused)


def test_only_the_services_of_the_table_have_an_application() -> None:
    foreign = [name for name in [*list_of_moto_modules(), "moto_api", None] if name not in supported.SERVICES]

    assert len(foreign) > 100
    assert {services.app_of(name) for name in foreign} == {services._refuse_all}


def test_the_documentation_names_the_services_of_the_table() -> None:
    rows = re.findall(r"^\| ([A-Z][^|]+?) \|", DOCS.read_text().partition("## Where to look")[0], re.MULTILINE)
    named = {name.strip() for row in rows for name in row.split(",")}

    assert named == {service.title for service in supported.SERVICES.values()}


@pytest.mark.parametrize("service", FOREIGN)
def test_a_service_that_is_not_there_answers_501_by_name(cloud: CloudServer, service: str) -> None:
    client = cloud.client(service)
    operations = client.meta.service_model.operation_names[:3]

    for operation in operations:
        status, message = answered(client, operation)
        assert (status, operation in message) == (501, True), message


@pytest.mark.parametrize("name", [name for name in supported.SERVICES if name not in ("sagemaker", "cloudformation")])
def test_an_operation_that_is_not_there_answers_501_by_name(cloud: CloudServer, name: str) -> None:
    service = supported.SERVICES[name]
    client = cloud.client(service.model)
    refused = refused_operations(name, service, client.meta.service_model.operation_names) - SAME_REQUEST - NO_HOST
    found = {operation: answered(client, operation) for operation in sorted(refused)}

    assert {one: told for one, told in found.items() if told[0] != 501 or one not in told[1]} == {}


@pytest.mark.parametrize("service", ["sagemaker", "cloudformation"])
def test_a_service_of_the_local_clouds_own_answers_501_for_all_else(cloud: CloudServer, service: str) -> None:
    client = cloud.client(service)
    found = {one: answered(client, one) for one in client.meta.service_model.operation_names}
    unnamed = [one for one, (status, message) in found.items() if status == 501 and one not in message]
    refused = {one for one, (status, _) in found.items() if status == 501}

    assert unnamed == []
    assert (
        refused
        >= {
            "sagemaker": {
                "Search",
                "CreateCompilationJob",
                "CreateAutoMLJobV2",
                "CreateNotebookInstance",
                "ListDomains",
            },
            "cloudformation": {"CreateStackSet", "DetectStackDrift", "ContinueUpdateRollback"},
        }[service]
    )
    assert len(refused) > 60


def test_a_state_machine_gets_no_pretended_answer_of_a_service_that_is_not_there(cloud: CloudServer) -> None:
    states = cloud.client("stepfunctions")
    iam = cloud.client("iam")
    role = iam.create_role(RoleName="m", AssumeRolePolicyDocument='{"Version": "2012-10-17", "Statement": []}')["Role"]
    task = "arn:aws:states:::aws-sdk:rekognition:detectLabels"
    state = {"Type": "Task", "Resource": task, "Parameters": {"Image": {}}, "End": True}
    definition = json.dumps({"StartAt": "A", "States": {"A": state}})
    machine = states.create_state_machine(name="m", roleArn=role["Arn"], definition=definition)
    execution = states.start_execution(stateMachineArn=machine["stateMachineArn"])["executionArn"]

    def ended() -> Any:
        found = states.describe_execution(executionArn=execution)
        return found if found["status"] != "RUNNING" else None

    found = eventually(ended)

    assert found["status"] == "FAILED"
    assert "rekognition DetectLabels is not implemented" in found["cause"]
