"""A local cloud that ends and starts again in the same folder: what was there goes on, and jobs are told as ended."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cloud import CloudServer, eventually, kill_cloud, start_cloud, stop_cloud
from sagemaker_requests import bucket, processing, python
from test_sagemaker_endpoints import answer, config, script_model, settled
from test_stepfunctions import Machines

from localcloud.snapshot.about import FORMAT

pytestmark = pytest.mark.timeout(900)
LARGE = bytes(range(256)) * 8000
FUNCTION = """
import boto3
def handler(event, context):
    boto3.client("s3").put_object(Bucket="kept", Key="heard/" + event["Records"][0]["body"], Body=b"")
"""
SCALED = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": "endpoint/kept/variant/AllTraffic",
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}
TEMPLATE = """{"Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "of-the-stack"}}},
 "Outputs": {"Url": {"Value": {"Ref": "Queue"}}}}"""


def zipped(text: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("app.py", text)
    return made.getvalue()


def fill(cloud: CloudServer) -> dict[str, Any]:
    """One of each kind of thing that has a life of its own; what a test wants to know of it later."""
    s3 = bucket(cloud, "kept")
    s3.put_bucket_versioning(Bucket="kept", VersioningConfiguration={"Status": "Enabled"})
    versions = [s3.put_object(Bucket="kept", Key="a b", Body=body)["VersionId"] for body in (b"one", b"two", LARGE)]
    key = cloud.client("kms").create_key()["KeyMetadata"]["KeyId"]
    secret = cloud.client("kms").encrypt(KeyId=key, Plaintext=b"word")["CiphertextBlob"]
    cloud.client("dynamodb").create_table(
        TableName="kept",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )
    cloud.client("dynamodb").put_item(TableName="kept", Item={"id": {"S": "x"}, "n": {"N": "7"}})
    cloud.client("cloudformation").create_stack(StackName="kept", TemplateBody=TEMPLATE)
    script_model(cloud, "kept-model")
    name = config(cloud, "kept-config", "kept-model")
    cloud.client("sagemaker").create_endpoint(EndpointName="kept", EndpointConfigName=name)
    settled(cloud, "kept")
    cloud.client("application-autoscaling").register_scalable_target(**SCALED, MinCapacity=1, MaxCapacity=3)
    request = processing(python("import time; time.sleep(600)"))
    cloud.client("sagemaker").create_processing_job(ProcessingJobName="kept", **request)
    execution, token = Machines(cloud).waiting()
    return {
        "branches": branching(Machines(cloud)),
        "versions": versions, "secret": secret, "queue": listening(cloud), "execution": execution, "token": token,
        "port": cloud.url.rpartition(":")[2],
    }  # fmt: skip


def branching(machines: Machines) -> str:
    """An execution that waits in a branch."""
    wait = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 600, "End": True}}}
    execution = machines.start(machines.make({"Both": {"Type": "Parallel", "Branches": [wait], "End": True}}))
    eventually(lambda: len(machines.events(execution)) >= 4, 20, "the branch")
    return execution


def listening(cloud: CloudServer) -> str:
    """A queue that feeds a function."""
    functions, queue = cloud.client("lambda"), cloud.client("sqs").create_queue(QueueName="kept")["QueueUrl"]
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = cloud.client("iam").create_role(
        RoleName="kept", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    )["Role"]["Arn"]
    functions.create_function(
        FunctionName="kept", Runtime="python3.11", Role=role, Handler="app.handler", Code={"ZipFile": zipped(FUNCTION)}
    )
    arn = "arn:aws:sqs:us-east-1:123456789012:kept"
    functions.create_event_source_mapping(EventSourceArn=arn, FunctionName="kept", BatchSize=1)
    return str(queue)


@pytest.fixture(scope="module")
def state_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kept")


@pytest.fixture(scope="module")
def before(state_dir: Path) -> dict[str, Any]:
    """What was told of the things in the first cloud, which has ended."""
    cloud = start_cloud(state_dir, 0, "--keep")
    try:
        return fill(cloud)
    finally:
        stop_cloud(cloud)


@pytest.fixture(scope="module")
def again(before: dict[str, Any], state_dir: Path) -> Iterator[CloudServer]:
    """The cloud that was started again."""
    cloud = start_cloud(state_dir, 0, "--keep")
    yield cloud
    stop_cloud(cloud)


def test_objects_tables_and_keys_are_there_again(again: CloudServer, before: dict[str, Any]) -> None:
    s3 = again.client("s3")
    bodies = [
        s3.get_object(Bucket="kept", Key="a b", VersionId=version)["Body"].read() for version in before["versions"]
    ]
    row = again.client("dynamodb").get_item(TableName="kept", Key={"id": {"S": "x"}})["Item"]

    assert bodies == [b"one", b"two", LARGE]
    assert row["n"] == {"N": "7"}
    assert again.client("kms").decrypt(CiphertextBlob=before["secret"])["Plaintext"] == b"word"


def test_it_answers_at_the_port_that_its_addresses_name(again: CloudServer, before: dict[str, Any]) -> None:
    assert again.url.rpartition(":")[2] == before["port"]


def test_a_stack_is_there_with_its_outputs_and_can_be_deleted(again: CloudServer) -> None:
    stacks = again.client("cloudformation")
    (stack,) = stacks.describe_stacks(StackName="kept")["Stacks"]

    stacks.delete_stack(StackName="kept")

    assert stack["Outputs"][0]["OutputValue"].endswith("/of-the-stack")
    eventually(lambda: "of-the-stack" not in str(again.client("sqs").list_queues()), 20, "the stack's queue to go")


def test_a_queue_feeds_its_function_again(again: CloudServer, before: dict[str, Any]) -> None:
    again.client("sqs").send_message(QueueUrl=before["queue"], MessageBody="hello")

    eventually(
        lambda: again.client("s3").list_objects_v2(Bucket="kept", Prefix="heard/hello")["KeyCount"], 30, "the function"
    )


def test_an_endpoint_answers_again(again: CloudServer) -> None:
    found = settled(again, "kept")

    assert found["EndpointStatus"] == "InService"
    assert found["EndpointConfigName"] == "kept-config"
    assert answer(again, "kept")["model"] == "kept-model"


def test_what_is_scaled_is_told_again(again: CloudServer) -> None:
    scaling = again.client("application-autoscaling")

    (found,) = scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]

    assert {name: found[name] for name in SCALED} == SCALED
    assert (found["MinCapacity"], found["MaxCapacity"]) == (1, 3)


def test_a_job_that_ran_is_told_as_stopped(again: CloudServer) -> None:
    job = again.client("sagemaker").describe_processing_job(ProcessingJobName="kept")
    told = [event["detail-type"] for event in again.page("events")]

    assert job["ProcessingJobStatus"] == "Stopped"
    assert "started again" in job["ExitMessage"]
    assert "SageMaker Processing Job State Change" in told


def test_an_execution_that_waited_goes_on_with_its_token(again: CloudServer, before: dict[str, Any]) -> None:
    states = again.client("stepfunctions")
    status = states.describe_execution(executionArn=before["execution"])["status"]

    states.send_task_success(taskToken=before["token"], output='{"a": 1}')

    ended = Machines(again).end(before["execution"])
    with pytest.raises(ClientError) as late:
        states.send_task_success(taskToken=before["token"], output="{}")
    assert status == "RUNNING"
    assert (ended["status"], json.loads(ended["output"])) == ("SUCCEEDED", {"a": 1})
    assert late.value.response["Error"]["Code"] == "TaskTimedOut"


def test_an_execution_within_branches_is_told_as_aborted(again: CloudServer, before: dict[str, Any]) -> None:
    execution = again.client("stepfunctions").describe_execution(executionArn=before["branches"])
    told = [event for event in again.page("events") if before["branches"] in event["resources"]]
    last = Machines(again).events(before["branches"])[-1]

    assert (execution["status"], execution["error"]) == ("ABORTED", "LocalCloud.Restarted")
    assert "Both" in execution["cause"]
    assert last["type"] == "ExecutionAborted"
    assert [event["detail"]["status"] for event in told] == ["ABORTED"]


def test_no_moment_is_too_short_where_there_was_no_end(tmp_path: Path) -> None:
    first = start_cloud(tmp_path, 0, "--keep")
    first.client("s3").create_bucket(Bucket="saved")
    kill_cloud(first)

    second = start_cloud(tmp_path, 0, "--keep")
    found = [one["Name"] for one in second.client("s3").list_buckets()["Buckets"]]
    stop_cloud(second)

    assert found == ["saved"]


@pytest.mark.parametrize(
    ("header", "told"),
    [({"moto": "1.0"}, f"written by format {FORMAT}, moto 1.0"), ({"port": 1}, "was saved at port 1")],
)
def test_a_state_that_cannot_go_on_is_refused_in_words(tmp_path: Path, header: dict[str, Any], told: str) -> None:
    stop_cloud(start_cloud(tmp_path, 0, "--keep"))
    path = tmp_path / "snapshot" / "state"
    first, _, rest = path.read_bytes().partition(b"\n")
    path.write_bytes(json.dumps(json.loads(first) | header).encode() + b"\n" + rest)

    command = [sys.executable, "-m", "localcloud", "--port", "4999", "--state", str(tmp_path), "--keep"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)

    assert done.returncode == 1
    assert told in done.stderr
