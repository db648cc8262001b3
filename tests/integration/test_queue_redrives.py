"""Redrives of dead letters: StartMessageMoveTask and what belongs to it, as AWS answers."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cloud import CloudServer, eventually, start_cloud, stop_cloud

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CloudServer]:
    server = start_cloud(tmp_path_factory.mktemp("redrives"), 0)
    yield server
    stop_cloud(server)


class Queues:
    """A queue with a dead letter queue, and another one."""

    def __init__(self, cloud: CloudServer) -> None:
        self.sqs = cloud.client("sqs")
        name = uuid.uuid4().hex[:8]
        self.dead = self._made(f"dead-{name}", {})
        self.dead_arn = self.arn(self.dead)
        policy = f'{{"deadLetterTargetArn": "{self.dead_arn}", "maxReceiveCount": 1}}'
        self.main = self._made(f"main-{name}", {"RedrivePolicy": policy, "VisibilityTimeout": "0"})
        self.second = self._made(f"second-{name}", {"RedrivePolicy": policy, "VisibilityTimeout": "0"})
        self.other = self._made(f"other-{name}", {})

    def _made(self, name: str, attributes: dict[str, str]) -> str:
        return str(self.sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"])

    def arn(self, url: str) -> str:
        answer = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return str(answer["Attributes"]["QueueArn"])

    def let_die(self, url: str, *bodies: str) -> None:
        """Send messages, and receive them once too often."""
        for body in bodies:
            self.sqs.send_message(QueueUrl=url, MessageBody=body, MessageAttributes=ATTRIBUTES)
        before = self.count(self.dead)
        eventually(lambda: self._receive(url) and self.count(self.dead) == before + len(bodies), 20, "dead letters")

    def _receive(self, url: str) -> bool:
        self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)
        return True

    def count(self, url: str) -> int:
        answer = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
        return int(answer["Attributes"]["ApproximateNumberOfMessages"])

    def bodies(self, url: str) -> set[str]:
        found = self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=60)
        return {message["Body"] for message in found.get("Messages", [])}

    def task(self) -> dict[str, Any]:
        (found,) = self.sqs.list_message_move_tasks(SourceArn=self.dead_arn)["Results"]
        return dict(found)

    def ended(self) -> dict[str, Any]:
        return eventually(lambda: self.task() if self.task()["Status"] not in ("RUNNING", "CANCELLING") else None)


ATTRIBUTES = {"kind": {"DataType": "String", "StringValue": "letter"}}


@pytest.fixture
def queues(cloud: CloudServer) -> Queues:
    return Queues(cloud)


def refused(call: Callable[..., Any], **arguments: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as error:
        call(**arguments)
    return error.value.response["Error"]["Code"], error.value.response["Error"]["Message"]


def test_dead_letters_go_back_to_the_queues_that_they_came_from(queues: Queues) -> None:
    queues.let_die(queues.main, "a", "b")
    queues.let_die(queues.second, "c")

    handle = queues.sqs.start_message_move_task(SourceArn=queues.dead_arn)["TaskHandle"]

    task = queues.ended()
    assert handle
    assert {name: task[name] for name in sorted(task) if name != "StartedTimestamp"} == {
        "ApproximateNumberOfMessagesMoved": 3,
        "ApproximateNumberOfMessagesToMove": 3,
        "SourceArn": queues.dead_arn,
        "Status": "COMPLETED",
    }
    assert (queues.bodies(queues.main), queues.bodies(queues.second)) == ({"a", "b"}, {"c"})
    assert queues.count(queues.dead) == 0


def test_dead_letters_go_to_the_queue_that_is_named_as_new_messages(queues: Queues) -> None:
    queues.let_die(queues.main, "a")
    old = queues.sqs.receive_message(QueueUrl=queues.dead, VisibilityTimeout=0)["Messages"][0]

    queues.sqs.start_message_move_task(SourceArn=queues.dead_arn, DestinationArn=queues.arn(queues.other))

    assert queues.ended()["DestinationArn"] == queues.arn(queues.other)
    (new,) = queues.sqs.receive_message(
        QueueUrl=queues.other, AttributeNames=["All"], MessageAttributeNames=["All"], WaitTimeSeconds=5
    )["Messages"]
    assert (new["Body"], new["MessageAttributes"]) == ("a", ATTRIBUTES)
    assert new["MessageId"] != old["MessageId"]
    assert new["Attributes"]["ApproximateReceiveCount"] == "1"


def test_a_redrive_can_be_cancelled_and_what_was_moved_stays_moved(queues: Queues) -> None:
    queues.let_die(queues.main, *"abcdefgh")
    handle = queues.sqs.start_message_move_task(
        SourceArn=queues.dead_arn, DestinationArn=queues.arn(queues.other), MaxNumberOfMessagesPerSecond=1
    )["TaskHandle"]
    running = eventually(lambda: task if (task := queues.task())["ApproximateNumberOfMessagesMoved"] else None)
    second = refused(queues.sqs.start_message_move_task, SourceArn=queues.dead_arn)

    moved = queues.sqs.cancel_message_move_task(TaskHandle=handle)["ApproximateNumberOfMessagesMoved"]

    task = queues.ended()
    assert (running["Status"], running["TaskHandle"], running["MaxNumberOfMessagesPerSecond"]) == ("RUNNING", handle, 1)
    assert second[0] == "InvalidParameterValue"
    assert "Only one active task is allowed" in second[1]
    assert task["Status"] == "CANCELLED"
    assert "TaskHandle" not in task
    assert 1 <= moved <= task["ApproximateNumberOfMessagesMoved"] < 8
    assert queues.count(queues.other) + queues.count(queues.dead) == 8
    assert refused(queues.sqs.cancel_message_move_task, TaskHandle=handle)[0] == "InvalidParameterValue"


def test_a_letter_of_no_known_source_fails_the_task_by_name(queues: Queues) -> None:
    queues.sqs.send_message(QueueUrl=queues.dead, MessageBody="put there by hand")

    queues.sqs.start_message_move_task(SourceArn=queues.dead_arn)

    task = queues.ended()
    assert (task["Status"], task["FailureReason"]) == ("FAILED", "CouldNotDetermineMessageSource")
    assert queues.count(queues.dead) == 1


def test_a_destination_that_is_deleted_meanwhile_fails_the_task(queues: Queues) -> None:
    queues.let_die(queues.main, *"abc")
    queues.sqs.start_message_move_task(
        SourceArn=queues.dead_arn, DestinationArn=queues.arn(queues.other), MaxNumberOfMessagesPerSecond=1
    )

    queues.sqs.delete_queue(QueueUrl=queues.other)

    assert queues.ended()["FailureReason"] == "AWS.SimpleQueueService.NonExistentQueue"


def test_the_last_tasks_are_listed_newest_first(queues: Queues) -> None:
    for _ in range(3):
        queues.let_die(queues.main, "a")
        queues.sqs.start_message_move_task(SourceArn=queues.dead_arn, DestinationArn=queues.arn(queues.other))
        queues.ended()

    def listed(**more: int) -> list[int]:
        found = queues.sqs.list_message_move_tasks(SourceArn=queues.dead_arn, **more)["Results"]
        return [task["StartedTimestamp"] for task in found]

    assert len(listed()) == 1
    assert listed(MaxResults=10) == sorted(listed(MaxResults=10), reverse=True)
    assert len(listed(MaxResults=10)) == 3


def test_what_cannot_be_redriven_is_refused_in_awss_words(queues: Queues) -> None:
    start, cancel = queues.sqs.start_message_move_task, queues.sqs.cancel_message_move_task
    nowhere = queues.dead_arn + "-gone"
    main = queues.arn(queues.main)

    assert refused(start, SourceArn=main) == (
        "InvalidParameterValue",
        "Source queue must be configured as a Dead Letter Queue.",
    )
    assert refused(start, SourceArn=nowhere) == (
        "ResourceNotFoundException",
        "The resource that you specified for the SourceArn parameter doesn't exist.",
    )
    assert refused(start, SourceArn=queues.dead_arn, DestinationArn=nowhere) == (
        "ResourceNotFoundException",
        "The resource that you specified for the DestinationArn parameter doesn't exist.",
    )
    assert refused(start, SourceArn=queues.dead_arn, DestinationArn=queues.dead_arn)[0] == "InvalidParameterValue"
    for rate in (0, 501):
        assert (
            refused(start, SourceArn=queues.dead_arn, MaxNumberOfMessagesPerSecond=rate)[0] == "InvalidParameterValue"
        )
    assert refused(cancel, TaskHandle="odd") == ("InvalidParameterValue", "Value for parameter TaskHandle is invalid.")
    assert refused(queues.sqs.list_message_move_tasks, SourceArn=nowhere)[0] == "ResourceNotFoundException"
