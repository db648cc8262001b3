"""A local cloud that is killed: what it had answered is there when it is started again, and who waited still waits."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cloud import CloudServer, kill_cloud, start_cloud, stop_cloud
from persisted_things import KEY, LARGE, begin_others, fill_bucket, fill_queue, fill_table, fill_the_rest
from test_stepfunctions import Machines

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[CloudServer, dict[str, Any]]]:
    """A cloud that was started again after it was killed at the moment of its last answer; what was told before."""
    folder = tmp_path_factory.mktemp("killed")
    first = start_cloud(folder, 0, "--keep")
    told = fill_bucket(first) | fill_queue(first) | fill_the_rest(first)
    machines = Machines(first)
    told["execution"], told["token"] = machines.waiting()
    told["answered"], answered = machines.waiting()
    told["stopped"], told["late"] = machines.waiting()
    first.client("stepfunctions").stop_execution(executionArn=told["stopped"], error="Enough")
    told |= begin_others(first, machines)
    fill_table(first)
    first.client("stepfunctions").send_task_success(taskToken=answered, output='{"yes": true}')
    kill_cloud(first)
    again = start_cloud(folder, 0, "--keep")
    assert "a change could not be" not in (folder / "server.log").read_text()
    yield again, told
    stop_cloud(again)


def test_objects_are_there_in_all_their_versions(killed: tuple[CloudServer, dict[str, Any]]) -> None:
    cloud, told = killed
    s3 = cloud.client("s3")
    listed = s3.list_object_versions(Bucket="bucket")
    bodies = [s3.get_object(Bucket="bucket", Key=KEY, VersionId=one)["Body"].read() for one in told["versions"]]
    tags = s3.get_object_tagging(Bucket="bucket", Key=KEY, VersionId=told["versions"][0])["TagSet"]

    assert bodies == [b"one", LARGE]
    assert tags == [{"Key": "a", "Value": "b"}]
    assert {one["Key"] for one in s3.list_objects_v2(Bucket="bucket")["Contents"]} >= {KEY, "copy", "called/0"}
    assert {one["Key"] for one in listed["DeleteMarkers"]} == {"gone", "deleted"}
    assert len([one for one in listed["Versions"] if not one["Key"].startswith("called/")]) == 5


def test_an_upload_in_parts_goes_on(killed: tuple[CloudServer, dict[str, Any]]) -> None:
    cloud, told = killed
    s3 = cloud.client("s3")

    parts = {"Parts": [{"PartNumber": 1, "ETag": told["part"]}]}
    s3.complete_multipart_upload(Bucket="bucket", Key="parts", UploadId=told["upload"], MultipartUpload=parts)

    assert s3.get_object(Bucket="bucket", Key="parts")["Body"].read() == LARGE
    s3.delete_object(Bucket="bucket", Key="parts")


def test_messages_are_there_and_receipts_are_known(killed: tuple[CloudServer, dict[str, Any]]) -> None:
    cloud, told = killed
    sqs = cloud.client("sqs")
    visible = sqs.receive_message(QueueUrl=told["queue"], MaxNumberOfMessages=10)["Messages"]
    sqs.delete_message(QueueUrl=told["queue"], ReceiptHandle=told["held"])
    sqs.delete_message(QueueUrl=told["queue"], ReceiptHandle=told["gone"])
    left = sqs.get_queue_attributes(QueueUrl=told["queue"], AttributeNames=["All"])["Attributes"]

    assert len({message["Body"] for message in visible}) == 2
    assert left["ApproximateNumberOfMessagesNotVisible"] == "2"
    assert "Messages" not in sqs.receive_message(QueueUrl=told["purged"])


def test_items_are_as_the_last_call_left_them(killed: tuple[CloudServer, dict[str, Any]]) -> None:
    cloud, _ = killed
    found = cloud.client("dynamodb").scan(TableName="table")["Items"]

    assert {(row["sk"]["S"], row["n"]["N"]) for row in found} == {("1", "1"), ("2", "0"), ("3", "3")}


def test_what_services_were_told_to_be_is_there(killed: tuple[CloudServer, dict[str, Any]]) -> None:
    cloud, told = killed
    attached = cloud.client("iam").list_attached_role_policies(RoleName="role")["AttachedPolicies"]
    stack = cloud.client("cloudformation").describe_stack_resources(StackName="stack")["StackResources"]
    group = cloud.client("sagemaker").describe_model_package_group(ModelPackageGroupName="group")
    lines = cloud.client("logs").filter_log_events(logGroupName="group")["events"]
    tags = cloud.client("sagemaker").list_tags(ResourceArn=group["ModelPackageGroupArn"])["Tags"]

    assert [one["PolicyName"] for one in attached] == ["AmazonS3FullAccess"]
    assert cloud.client("kms").decrypt(CiphertextBlob=told["secret"])["Plaintext"] == b"word"
    assert cloud.client("ssm").get_parameter(Name="/name")["Parameter"]["Value"] == "value"
    assert [one["message"] for one in lines] == ["line"]
    assert [one["MetricName"] for one in cloud.client("cloudwatch").list_metrics(Namespace="n")["Metrics"]] == ["m"]
    assert [one["AlarmName"] for one in cloud.client("cloudwatch").describe_alarms()["MetricAlarms"]] == ["alarm"]
    assert len(cloud.client("sns").list_topics()["Topics"]) == 1
    assert [one["Name"] for one in cloud.client("events").list_rules()["Rules"]] == ["rule"]
    assert [one["ResourceStatus"] for one in stack] == ["CREATE_COMPLETE"]
    assert [one["name"] for one in cloud.client("apigateway").get_rest_apis()["items"]] == ["api"]
    assert [one["Name"] for one in cloud.client("apigatewayv2").get_apis()["Items"]] == ["api"]
    assert tags == [{"Key": "a", "Value": "b"}]


def test_an_execution_that_waited_still_waits_for_the_same_token(killed: tuple[CloudServer, dict[str, Any]]) -> None:
    cloud, told = killed
    machines = Machines(cloud)
    before = cloud.client("stepfunctions").describe_execution(executionArn=told["execution"])

    cloud.client("stepfunctions").send_task_success(taskToken=told["token"], output='{"late": 1}')

    ended = machines.end(told["execution"])
    events = machines.events(told["execution"])
    assert before["status"] == "RUNNING"
    assert (ended["status"], json.loads(ended["output"])) == ("SUCCEEDED", {"late": 1})
    assert [event["id"] for event in events] == list(range(1, len(events) + 1))
    assert [event["type"] for event in events] == [
        "ExecutionStarted", "TaskStateEntered", "TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded",
        "TaskStateExited", "ExecutionSucceeded",
    ]  # fmt: skip


def test_an_answer_that_was_taken_is_not_lost(killed: tuple[CloudServer, dict[str, Any]]) -> None:
    cloud, told = killed

    ended = Machines(cloud).end(told["answered"])

    assert (ended["status"], json.loads(ended["output"])) == ("SUCCEEDED", {"yes": True})


def test_a_rest_goes_on_and_a_function_that_died_is_called_again(killed: tuple[CloudServer, dict[str, Any]]) -> None:
    cloud, told = killed
    rested, called = (Machines(cloud).end(told[name], 60) for name in ("rests", "calls"))
    kinds = [event["type"] for event in Machines(cloud).events(told["calls"])]

    assert (rested["status"], called["status"]) == ("SUCCEEDED", "SUCCEEDED")
    assert json.loads(called["output"]) == {"calls": 2}
    assert kinds[:4] == ["ExecutionStarted", "TaskStateEntered", "LambdaFunctionScheduled", "LambdaFunctionStarted"]
    assert kinds.count("LambdaFunctionScheduled") == 1


def test_what_was_stopped_stays_stopped_and_its_token_is_too_late(killed: tuple[CloudServer, dict[str, Any]]) -> None:
    cloud, told = killed
    states = cloud.client("stepfunctions")
    found = states.describe_execution(executionArn=told["stopped"])
    with pytest.raises(ClientError) as late:
        states.send_task_success(taskToken=told["late"], output="{}")

    assert (found["status"], found["error"]) == ("ABORTED", "Enough")
    assert late.value.response["Error"]["Code"] == "TaskTimedOut"
