"""What the local cloud does not do, it refuses by name: whole services, and operations that moto only pretends."""

from __future__ import annotations

import http.client
import importlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore import xform_name
from botocore.config import Config
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


@pytest.mark.parametrize(
    ("service", "operation", "request_", "told"),
    [
        ("dynamodb", "create_table", {
            "TableName": "t", "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}], "ResourcePolicy": "{}",
            "AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"}], "BillingMode": "PAY_PER_REQUEST",
         }, "CreateTable: ResourcePolicy does not run outside AWS"),
        ("kms", "encrypt", {"KeyId": "k", "Plaintext": b"x", "EncryptionAlgorithm": "RSAES_OAEP_SHA_1"},
         "EncryptionAlgorithm RSAES_OAEP_SHA_1 does not run outside AWS: use SYMMETRIC_DEFAULT"),
        ("iam", "list_groups", {"PathPrefix": "/a/"}, "ListGroups: PathPrefix does not run outside AWS"),
        ("cloudwatch", "describe_alarms", {"ChildrenOfAlarmName": "a"}, "ChildrenOfAlarmName does not run outside AWS"),
        ("lambda", "list_layers", {"CompatibleRuntime": "python3.13"}, "CompatibleRuntime does not run outside AWS"),
        ("lambda", "invoke", {"FunctionName": "f", "TenantId": "t"}, "TenantId does not run outside AWS"),
        ("s3", "put_object", {"Bucket": "b", "Key": "k", "WriteOffsetBytes": 1}, "WriteOffsetBytes does not run"),
    ],
)  # fmt: skip
def test_a_member_that_nobody_plays_is_refused_by_name(
    cloud: CloudServer, service: str, operation: str, request_: dict[str, Any], told: str
) -> None:
    with pytest.raises(ClientError, match=told) as refused:
        getattr(cloud.client(service), operation)(**request_)

    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501


def test_a_bucket_that_is_expected_to_be_anothers_is_refused(cloud: CloudServer) -> None:
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="mine")

    assert s3.list_objects_v2(Bucket="mine", ExpectedBucketOwner="123456789012")["KeyCount"] == 0
    with pytest.raises(ClientError, match="Access Denied") as refused:
        s3.list_objects_v2(Bucket="mine", ExpectedBucketOwner="111122223333")
    assert refused.value.response["Error"]["Code"] == "AccessDenied"


def test_an_archived_object_is_read_once_it_is_restored(cloud: CloudServer) -> None:
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="cold")
    s3.put_object(Bucket="cold", Key="k", Body=b"x", StorageClass="GLACIER")
    with pytest.raises(ClientError, match="InvalidObjectState"):
        s3.get_object(Bucket="cold", Key="k")
    s3.restore_object(Bucket="cold", Key="k", RestoreRequest={"Days": 1})

    assert s3.get_object(Bucket="cold", Key="k")["Body"].read() == b"x"
    assert 'ongoing-request="false"' in s3.head_object(Bucket="cold", Key="k")["Restore"]


@pytest.mark.parametrize(("service", "operation"), [
    ("logs", "GetLogObject"), ("logs", "StartLiveTail"), ("s3", "WriteGetObjectResponse"),
    ("stepfunctions", "StartSyncExecution"), ("stepfunctions", "TestState"),
])  # fmt: skip
def test_an_operation_with_a_host_of_its_own_is_answered_at_the_clouds_address(
    cloud: CloudServer, service: str, operation: str
) -> None:
    config = Config(inject_host_prefix=False, retries={"total_max_attempts": 1})  # as AWS_DISABLE_HOST_PREFIX_INJECTION
    keys = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
    client = boto3.client(service, endpoint_url=cloud.url, region_name="us-east-1", config=config, **keys)
    shape = client.meta.service_model.operation_model(operation)

    assert shape.endpoint is not None
    status, message = answered(client, operation)
    assert (status, operation in message) == (501, True), message


def test_a_client_that_resolves_the_prefixed_host_is_answered_there(cloud: CloudServer) -> None:
    port = urlsplit(cloud.url).port
    signed = "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/states/aws4_request, SignedHeaders=host, Signature=0"
    headers = {
        "Host": f"sync-127.0.0.1:{port}", "X-Amz-Target": "AWSStepFunctions.StartSyncExecution",
        "Authorization": signed, "Content-Type": "application/x-amz-json-1.0",
    }  # fmt: skip
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST", "/", json.dumps({"stateMachineArn": "a"}), headers)
    found = connection.getresponse()
    said = found.read().decode()
    connection.close()

    assert (found.status, "StartSyncExecution is not implemented" in said) == (501, True), said
