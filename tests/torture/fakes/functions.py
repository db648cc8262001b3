"""Lambda, EventBridge, SQS and SNS in memory: functions are invoked, retried and given up as AWS does it.

Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html (two retries, after one and
two minutes) and https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.errors import AccessDenied, BadSettings, ResourceMissing, RetrainError

from tests.lambda_context import Context
from tests.torture.agenda import Agenda
from tests.torture.fakes.s3 import BUCKET
from tests.torture.faults import Died, Faults, Gate
from tests.torture.stack import Rule

Handlers = Mapping[str, Callable[[Any, Any], Any]]
RETRIES_AFTER_S = (60, 120)
DEATHS = ("Lambda.Unknown", "Runtime.ExitError", "Runtime.OutOfMemory", "Sandbox.Timedout")
SETUP = (AccessDenied, BadSettings, ResourceMissing)  # here everything is set up
PROCESS_ENDED = "the process ended"
BATCH = 10
ARRIVALS = "ArrivalsQueue"


@dataclass
class Message:
    """A message of the arrivals queue."""

    id: str
    body: str
    received: int = 0
    visible_s: float | None = None  # in which a failed one is received again, where somebody said so


class Functions:
    """The functions, and what brings events to them."""

    def __init__(
        self, agenda: Agenda, faults: Faults, gate: Gate, handlers: Handlers, rules: tuple[Rule, ...],
        queue: tuple[int, int],
    ) -> None:  # fmt: skip
        self._agenda, self._faults, self._gate = agenda, faults, gate
        self._handlers, self._rules, self._queue = handlers, rules, queue
        self.notices: list[dict[str, str]] = []  # attributes of what people were told
        self.given_up: list[tuple[str, str]] = []  # function, error: events in the dead letter queue
        self.dead_letters: list[Message] = []  # of the arrivals queue
        self.waiting: list[Message] = []
        self.invisible: list[Message] = []
        self.bugs: list[str] = []
        self._numbers = 0

    def invoke(self, function: str, event: Any) -> tuple[Any, str, str]:
        """Run a function: its result, or the error's name and cause."""
        self._gate.running.append(function)
        self._gate.began.append(self._agenda.now)
        try:
            result = self._handlers[function](event, Context(function))
        except Died:
            return None, self._faults.random.choice(DEATHS), json.dumps({"errorMessage": PROCESS_ENDED})
        except Exception as error:  # noqa: BLE001  as Lambda does
            if not isinstance(error, RetrainError) or isinstance(error, SETUP):
                self.bugs.append(f"a function has a bug: {function}, {type(error).__name__} {error}")
            return None, type(error).__name__, json.dumps({"errorMessage": str(error)})
        finally:
            self._gate.running.pop()
            self._gate.began.pop()
        return json.loads(json.dumps(result)), "", ""

    def emit(self, source: str, detail_type: str, detail: dict[str, Any]) -> None:
        """EventBridge: every rule that hears the event delivers it, at least once if nothing is lost."""
        event = {"source": source, "detail-type": detail_type, "detail": detail, "time": self._agenda.at.isoformat()}
        for rule in self._rules:
            if rule.pattern.matches(event):
                target = rule.target
                for delay in self._faults.of_delivery(f"{detail_type} to {target}"):
                    deliver = self.send if target == ARRIVALS else lambda e, t=target: self.deliver(t, e)
                    self._agenda.later(delay, f"{detail_type} -> {target}", lambda d=deliver: d(event))

    def deliver(self, function: str, event: Any, attempt: int = 0) -> None:
        """Invoke a function asynchronously, with Lambda's retries."""
        _, error, _ = self.invoke(function, json.loads(json.dumps(event)))
        if not error:
            return
        if attempt < len(RETRIES_AFTER_S):
            delay = RETRIES_AFTER_S[attempt]
            self._agenda.later(delay, f"{function} again", lambda: self.deliver(function, event, attempt + 1))
        else:
            self.given_up.append((function, error))

    def invoke_event(self, *, FunctionName: str, InvocationType: str, Payload: bytes) -> dict[str, Any]:
        """Invoke, of type Event."""
        event = json.loads(Payload)
        for delay in self._faults.of_delivery(f"invocation of {FunctionName}"):
            self._agenda.later(delay, f"invoke {FunctionName}", lambda: self.deliver(FunctionName, event))
        return {"StatusCode": 202}

    def publish(self, *, TopicArn: str, Subject: str, Message: str, MessageAttributes: Any) -> dict[str, Any]:
        """SNS' Publish."""
        self.notices.append({name: entry["StringValue"] for name, entry in MessageAttributes.items()})
        return {"MessageId": "m"}

    def list_subscriptions_by_topic(self, *, TopicArn: str) -> dict[str, Any]:
        """SNS' ListSubscriptionsByTopic: somebody listens."""
        subscription = {"SubscriptionArn": f"{TopicArn}:1", "Protocol": "email", "Endpoint": "ada@example.com"}
        return {"Subscriptions": [subscription | {"TopicArn": TopicArn}]}

    # The arrivals queue

    def created(self, found: dict[str, Any]) -> None:
        """S3's event about a new object."""
        if found["key"].startswith(("incoming/", "scoring/")):
            self.emit("aws.s3", "Object Created", {"bucket": {"name": BUCKET}, "object": found})

    def send_message(self, *, QueueUrl: str, MessageBody: str, DelaySeconds: int) -> dict[str, Any]:
        """SendMessage, of SQS."""
        self._agenda.later(DelaySeconds, "sent", lambda: self.send(json.loads(MessageBody)))
        return {"MessageId": "m"}

    def send(self, event: Any) -> None:
        """A message comes into the queue."""
        self._numbers += 1
        self._receive_soon(Message(f"m{self._numbers}", json.dumps(event)))

    def _receive_soon(self, message: Message) -> None:
        self.waiting.append(message)
        self._agenda.later(0.1 + self._faults.random.random(), "poll", self._poll)

    def _poll(self) -> None:
        """Give the function a batch; what fails is visible again after the visibility timeout."""
        batch, self.waiting = self.waiting[:BATCH], self.waiting[BATCH:]
        if not batch:
            return
        self.invisible += batch
        records = [
            {
                "messageId": one.id, "body": one.body, "receiptHandle": one.id,
                "attributes": {"ApproximateReceiveCount": str(one.received + 1)},
            }
            for one in batch
        ]  # fmt: skip
        result, error, _ = self.invoke("RecordArrivalFunction", {"Records": records})
        failed = {one.id for one in batch} if error else {f["itemIdentifier"] for f in result["batchItemFailures"]}
        for message in batch:
            message.received += 1
            if message.id in failed:
                self._fail(message)
            else:
                self.invisible.remove(message)

    def _fail(self, message: Message) -> None:
        visible_s, most = self._queue
        delay_s, message.visible_s = visible_s if message.visible_s is None else message.visible_s, None
        if message.received >= most:
            self.invisible.remove(message)
            self.dead_letters.append(message)
        else:
            self._agenda.later(delay_s, "visible again", lambda: self._see_again(message))

    def _see_again(self, message: Message) -> None:
        self.invisible.remove(message)
        self._receive_soon(message)

    def get_queue_attributes(self, *, QueueUrl: str, AttributeNames: list[str]) -> dict[str, Any]:
        """SQS' GetQueueAttributes: how many messages it holds."""
        counts = {"ApproximateNumberOfMessages": self.waiting, "ApproximateNumberOfMessagesNotVisible": self.invisible}
        return {"Attributes": {name: str(len(counts.get(name, ()))) for name in AttributeNames}}

    def change_message_visibility(self, *, QueueUrl: str, ReceiptHandle: str, VisibilityTimeout: int) -> dict[str, Any]:
        """SQS' ChangeMessageVisibility, of a message that is being processed."""
        message = next(one for one in self.invisible if one.id == ReceiptHandle)
        message.visible_s = float(VisibilityTimeout)
        return {}

    def redrive(self) -> None:
        """Move the dead letters back, as an operator does."""
        letters, self.dead_letters = self.dead_letters, []
        for letter in letters:
            letter.received = 0
            self._receive_soon(letter)
