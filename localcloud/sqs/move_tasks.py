"""Redrives: tasks that move a dead letter queue's messages back to where they came from, or to a queue that is named.

A moved message is a new one: with an id, a time and receives of its own.
Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html
Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html
"""

from __future__ import annotations

import base64
import json
import logging
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from moto.core.responses import ActionResult
from moto.sqs.exceptions import InvalidParameterValue, SQSException
from moto.sqs.models import Message, Queue, SQSBackend, sqs_backends

from localcloud import journaling
from localcloud.background import spawn
from localcloud.front import moto_patches
from localcloud.persistence import messages
from localcloud.sqs.guards import ARRIVAL, SOURCE

log = logging.getLogger(__name__)
RESPONSE = "moto.sqs.responses:SQSResponse"
TASKS = "localcloud_move_tasks"  # a queue's attribute: its tasks, newest last
MOST_TASKS = 10  # of one queue, that are listed
MOST_A_SECOND = 500
RUNNING, COMPLETED, CANCELLING, CANCELLED, FAILED = "RUNNING", "COMPLETED", "CANCELLING", "CANCELLED", "FAILED"


@dataclass
class MoveTask:
    """One redrive."""

    source: str  # ARN of the dead letter queue
    destination: str | None  # ARN; None: each message goes back to where it came from
    rate: int | None  # messages a second; None: as fast as it goes
    to_move: int
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    started_ms: int = field(default_factory=lambda: int(time.time() * 1000))
    status: str = RUNNING
    moved: int = 0
    failure: str | None = None

    @property
    def handle(self) -> str:
        """What cancels it."""
        return base64.b64encode(json.dumps({"taskId": self.id, "sourceArn": self.source}).encode()).decode()

    def described(self) -> dict[str, Any]:
        """As ListMessageMoveTasks shows it."""
        shown = {
            "TaskHandle": self.handle if self.status == RUNNING else None,
            "Status": self.status,
            "SourceArn": self.source,
            "DestinationArn": self.destination,
            "MaxNumberOfMessagesPerSecond": self.rate,
            "ApproximateNumberOfMessagesMoved": self.moved,
            "ApproximateNumberOfMessagesToMove": self.to_move,
            "FailureReason": self.failure,
            "StartedTimestamp": self.started_ms,
        }
        return {name: value for name, value in shown.items() if value is not None}


class NotFound(SQSException):  # type: ignore[misc]
    """A queue or a task that is named does not exist."""

    def __init__(self, message: str) -> None:
        super().__init__("ResourceNotFoundException", message)


class Stuck(Exception):
    """A message cannot be moved; the text is the task's FailureReason."""


def install() -> None:
    """Give SQS the operations that moto lacks."""
    moto_patches.add_operation(RESPONSE, "start_message_move_task", _start)
    moto_patches.add_operation(RESPONSE, "list_message_move_tasks", _list)
    moto_patches.add_operation(RESPONSE, "cancel_message_move_task", _cancel)


def resume() -> None:
    """Go on with the tasks of an earlier process."""
    for regions in list(dict.values(sqs_backends)):
        for backend in list(dict.values(regions)):
            for queue in backend.queues.values():
                for task in _tasks(queue):
                    spawn(_run, backend, task)


def _tasks(queue: Queue) -> list[MoveTask]:
    found: list[MoveTask] = vars(queue).setdefault(TASKS, [])
    return found


def _start(self: Any) -> ActionResult:
    backend: SQSBackend = self.sqs_backend
    with ARRIVAL:
        source = _queue(backend, self._get_param("SourceArn"), "SourceArn")
        destination, rate = self._get_param("DestinationArn") or None, self._get_param("MaxNumberOfMessagesPerSecond")
        _check(backend, source, destination, rate)
        task = MoveTask(source.queue_arn, destination, rate, len(source.messages))
        vars(source)[TASKS] = [*_tasks(source), task][-MOST_TASKS:]
    spawn(_run, backend, task)
    return ActionResult({"TaskHandle": task.handle})


def _check(backend: SQSBackend, source: Queue, destination: str | None, rate: int | None) -> None:
    if not any(queue.dead_letter_queue is source for queue in backend.queues.values()):
        raise InvalidParameterValue("Source queue must be configured as a Dead Letter Queue.")
    if destination is not None and _queue(backend, destination, "DestinationArn") is source:
        raise InvalidParameterValue("Source queue arn and destination queue arn cannot be the same.")
    if rate is not None and not 1 <= int(rate) <= MOST_A_SECOND:
        raise InvalidParameterValue(
            f"Value {rate} for parameter MaxNumberOfMessagesPerSecond is invalid. Reason: You must enter a number that "
            f"is between 1 and {MOST_A_SECOND}."
        )
    if any(task.status in (RUNNING, CANCELLING) for task in _tasks(source)):
        raise InvalidParameterValue(
            "There is already a task running. Only one active task is allowed for a source queue arn at a given time."
        )


def _list(self: Any) -> ActionResult:
    source = _queue(self.sqs_backend, self._get_param("SourceArn"), "SourceArn")
    most = int(self._get_param("MaxResults") or 1)
    if not 1 <= most <= MOST_TASKS:
        raise InvalidParameterValue(f"Value for parameter MaxResults is invalid. Reason: {most} is not in [1, 10].")
    with ARRIVAL:
        return ActionResult({"Results": [task.described() for task in _tasks(source)[::-1][:most]]})


def _cancel(self: Any) -> ActionResult:
    task_id, arn = _parsed(self._get_param("TaskHandle"))
    with ARRIVAL:
        source = _queue(self.sqs_backend, arn, "SourceArn")
        task = next((one for one in _tasks(source) if one.id == task_id), None)
        if task is None:
            raise NotFound("Task does not exist.")
        if task.status != RUNNING:
            raise InvalidParameterValue("Only active tasks can be cancelled.")
        task.status = CANCELLING
        ARRIVAL.notify_all()
        return ActionResult({"ApproximateNumberOfMessagesMoved": task.moved})


def _parsed(handle: Any) -> tuple[str, str]:
    try:
        found = json.loads(base64.b64decode(str(handle), validate=True))
        return str(found["taskId"]), str(found["sourceArn"])
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidParameterValue("Value for parameter TaskHandle is invalid.") from error


def _queue(backend: SQSBackend, arn: Any, parameter: str) -> Queue:
    found = next((queue for queue in list(backend.queues.values()) if queue.queue_arn == arn), None)
    if found is None:
        raise NotFound(f"The resource that you specified for the {parameter} parameter doesn't exist.")
    return found


def _run(backend: SQSBackend, task: MoveTask) -> None:
    """Move messages until there is none, somebody cancels, or one cannot be moved."""
    with ARRIVAL:
        try:
            for _ in _moves(backend, task):
                if task.rate is not None:
                    ARRIVAL.wait_for(lambda: task.status != RUNNING, 1 / task.rate)
        except Stuck as stuck:
            task.status, task.failure = FAILED, str(stuck)
        if task.status == CANCELLING:
            task.status = CANCELLED
        journaling.flush("sqs")


def _moves(backend: SQSBackend, task: MoveTask) -> Iterator[None]:
    while task.status == RUNNING:
        source = next((queue for queue in backend.queues.values() if queue.queue_arn == task.source), None)
        message = next(iter(source.messages), None) if source is not None else None
        if source is None or message is None or task.moved >= task.to_move:
            task.status = COMPLETED
            return
        _move(backend, source, message, task.destination or getattr(message, SOURCE, None))
        task.moved += 1
        yield


def _move(backend: SQSBackend, source: Queue, message: Message, destination: str | None) -> None:
    if destination is None:
        raise Stuck("CouldNotDetermineMessageSource")
    target = next((queue for queue in backend.queues.values() if queue.queue_arn == destination), None)
    if target is None:
        raise Stuck("AWS.SimpleQueueService.NonExistentQueue")
    fresh = Message(str(uuid.uuid4()), message.body, message.system_attributes)
    for name in ("message_attributes", "deduplication_id", "group_id", "sequence_number"):
        setattr(fresh, name, getattr(message, name))
    fresh.mark_sent()
    target.add_message(fresh)
    source._messages.remove(message)
    source.pending_messages.discard(message)
    messages.record_deletions(source, [message])
