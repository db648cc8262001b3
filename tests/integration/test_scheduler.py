"""EventBridge Scheduler from outside: schedules fire under their role, and what is not played is refused by name."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cloud import CloudServer
from event_calls import name

OFF = {"Mode": "OFF"}
ROLE_ARN = "arn:aws:iam::123456789012:role/any"


@pytest.fixture
def scheduler(cloud_server: CloudServer) -> Any:
    return cloud_server.client("scheduler")


@pytest.fixture
def queue(cloud_server: CloudServer) -> str:
    return str(cloud_server.client("sqs").create_queue(QueueName=name("heard"))["QueueUrl"])


def target(queue: str, **more: Any) -> dict[str, Any]:
    arn = f"arn:aws:sqs:us-east-1:123456789012:{queue.rpartition('/')[2]}"
    return {"Arn": arn, "RoleArn": ROLE_ARN, **more}


def heard(cloud_server: CloudServer, queue: str) -> list[Any]:
    found = cloud_server.client("sqs").receive_message(
        QueueUrl=queue, WaitTimeSeconds=20, MessageAttributeNames=["All"]
    )
    return list(found.get("Messages", []))


def test_a_rate_fires_at_once_and_says_what_it_is(cloud_server: CloudServer, scheduler: Any, queue: str) -> None:
    made, group = name("s"), name("g")
    scheduler.create_schedule_group(Name=group)
    words = "arn <aws.scheduler.schedule-arn> at <aws.scheduler.scheduled-time> for the <aws.scheduler.attempt-number>"
    scheduler.create_schedule(
        Name=made, GroupName=group, ScheduleExpression="rate(1 day)", FlexibleTimeWindow=OFF,
        Target=target(queue, Input=words),
    )  # fmt: skip

    (message,) = heard(cloud_server, queue)

    arn = f"arn:aws:scheduler:us-east-1:123456789012:schedule/{group}/{made}"
    assert message["Body"].startswith(f"arn {arn} at 20")
    assert message["Body"].endswith("for the 1")


def test_a_schedule_that_is_changed_is_read_as_it_was_changed_and_one_that_is_deleted_is_gone(scheduler: Any) -> None:
    made, group, never = name("s"), name("g"), "cron(0 0 1 1 ? 2199)"
    whole = {"Name": made, "GroupName": group, "FlexibleTimeWindow": OFF, "Target": target("q", Input="{}")}
    scheduler.create_schedule_group(Name=group, Tags=[{"Key": "retrain-stack", "Value": "retrain"}])
    scheduler.create_schedule(**whole, ScheduleExpression=never, State="DISABLED")

    scheduler.update_schedule(**whole, ScheduleExpression=never, ScheduleExpressionTimezone="Europe/Berlin")
    found = scheduler.get_schedule(Name=made, GroupName=group)
    listed = scheduler.list_schedules(GroupName=group)["Schedules"]
    scheduler.delete_schedule_group(Name=group)

    assert (found["ScheduleExpressionTimezone"], found["State"]) == ("Europe/Berlin", "ENABLED")
    assert [one["Name"] for one in listed] == [made]
    with pytest.raises(ClientError, match="does not exist"):
        scheduler.get_schedule(Name=made, GroupName=group)


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        ({"ScheduleExpression": "cron(nonsense)"}, 400, "Invalid Schedule Expression cron"),
        ({"ScheduleExpressionTimezone": "Mars/Olympus"}, 400, "no time zone"),
        ({"GroupName": "nobodys"}, 404, "Schedule group nobodys does not exist"),
        ({"FlexibleTimeWindow": {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 5}}, 501, "flexible time window"),
        ({"ActionAfterCompletion": "DELETE"}, 501, "deleted when it is over"),
        ({"KmsKeyArn": "arn:aws:kms:us-east-1:123456789012:key/a"}, 501, "KmsKeyArn"),
        ({"Target": {"Arn": "arn:aws:scheduler:::aws-sdk:sqs:sendMessage", "RoleArn": ROLE_ARN}}, 501,
         "No schedule reaches arn:aws:scheduler:::aws-sdk"),
        ({"Target": {"Arn": "arn:aws:lambda:us-east-1:123456789012:function:f", "RoleArn": ROLE_ARN,
                     "Input": "no json"}}, 400, "Invalid RequestJson"),
    ],
)  # fmt: skip
def test_what_is_not_played_and_what_aws_refuses_is_told(
    scheduler: Any, changes: dict[str, Any], code: int, words: str
) -> None:
    whole = {"Name": name("s"), "ScheduleExpression": "rate(1 day)", "FlexibleTimeWindow": OFF, "Target": target("q")}

    with pytest.raises(ClientError, match=words) as refused:
        scheduler.create_schedule(**(whole | changes))

    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == code


def test_what_a_target_does_not_take_goes_to_the_dead_letter_queue(
    cloud_server: CloudServer, scheduler: Any, queue: str
) -> None:
    dead = target(queue)["Arn"]
    gone = {"Arn": "arn:aws:lambda:us-east-1:123456789012:function:gone", "RoleArn": target(queue)["RoleArn"]}
    gone |= {"Input": '{"a": 1}', "DeadLetterConfig": {"Arn": dead}, "RetryPolicy": {"MaximumRetryAttempts": 0}}
    whole = {"ScheduleExpression": "rate(1 day)", "FlexibleTimeWindow": OFF, "Target": gone}
    scheduler.create_schedule(Name=name("s"), **whole)

    (message,) = heard(cloud_server, queue)

    said = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
    assert json.loads(message["Body"]) == {"a": 1}
    assert (said["TARGET_ARN"], said["RETRY_ATTEMPTS"]) == (gone["Arn"], "0")
    assert said["SCHEDULE_ARN"].startswith("arn:aws:scheduler:us-east-1:123456789012:schedule/default/")
