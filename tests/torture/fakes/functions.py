"""Lambda, EventBridge, SQS and SNS in memory: functions are invoked, retried and given up as AWS does it.

Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html (two retries, after one and
two minutes)
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from app.errors import AccessDenied, BadSettings, ResourceMissing, RetrainError

from tests.lambda_context import Context
from tests.torture import reviewers
from tests.torture.agenda import Agenda
from tests.torture.fakes.queues import Limits, Queue
from tests.torture.fakes.s3 import BUCKET
from tests.torture.faults import Died, Faults, Gate
from tests.torture.stack import Rule

Handlers = Mapping[str, Callable[[Any, Any], Any]]
RETRIES_AFTER_S = (60, 120)
DEATHS = ("Lambda.Unknown", "Runtime.ExitError", "Runtime.OutOfMemory", "Sandbox.Timedout")
SETUP = (AccessDenied, BadSettings, ResourceMissing)  # here everything is set up
PROCESS_ENDED = "the process ended"
BATCH = 10
ARRIVALS, CHAMPIONS = "ArrivalsQueue", "ChampionQueue"


class Functions:
    """The functions, and what brings events to them."""

    def __init__(
        self, agenda: Agenda, faults: Faults, gate: Gate, handlers: Handlers, rules: tuple[Rule, ...],
        limits: Callable[[str], Limits],
    ) -> None:  # fmt: skip
        self._agenda, self._faults, self._gate = agenda, faults, gate
        self._handlers, self._rules = handlers, rules
        self.notices: list[dict[str, str]] = []  # attributes of what people were told
        self.links: list[tuple[str, int, str]] = []  # reviewer, version and address of each link that was sent
        self.given_up: list[tuple[str, str]] = []  # function, error: events in the dead letter queue
        self.bugs: list[str] = []
        shared = (agenda, faults, self.invoke)
        self.arrivals = Queue(*shared, "RecordArrivalFunction", BATCH, limits(ARRIVALS))
        self.champions = Queue(*shared, "AskChampionFunction", 1, limits(CHAMPIONS))

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
                for delay in self._faults.of_event(f"{detail_type} to {target}"):
                    deliver = self.arrivals.send if target == ARRIVALS else lambda e, t=target: self.deliver(t, e)
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
        notice = {name: entry["StringValue"] for name, entry in MessageAttributes.items()}
        self.notices.append(notice)
        if notice.get("reviewer") and (link := reviewers.LINK.search(Message)):
            self.links.append((notice["reviewer"], int(notice["version"]), link[0]))
        return {"MessageId": "m"}

    def list_subscriptions_by_topic(self, *, TopicArn: str) -> dict[str, Any]:
        """SNS' ListSubscriptionsByTopic."""
        return {"Subscriptions": reviewers.subscriptions(TopicArn)}

    def get_subscription_attributes(self, *, SubscriptionArn: str) -> dict[str, Any]:
        """SNS' GetSubscriptionAttributes."""
        return {"Attributes": reviewers.subscription(SubscriptionArn)}

    # The arrivals queue

    def created(self, found: dict[str, Any]) -> None:
        """S3's event about a new object."""
        if found["key"].startswith(("incoming/", "scoring/")):
            self.emit("aws.s3", "Object Created", {"bucket": {"name": BUCKET}, "object": found})

    def send_message(self, *, QueueUrl: str, MessageBody: str, DelaySeconds: int) -> dict[str, Any]:
        """SendMessage, of SQS."""
        self._agenda.later(DelaySeconds, "sent", lambda: self.arrivals.send(json.loads(MessageBody)))
        return {"MessageId": "m"}

    def get_queue_attributes(self, *, QueueUrl: str, AttributeNames: list[str]) -> dict[str, Any]:
        """SQS' GetQueueAttributes: how many messages it holds."""
        counts = {
            "ApproximateNumberOfMessages": self.arrivals.waiting,
            "ApproximateNumberOfMessagesNotVisible": self.arrivals.invisible,
        }
        return {"Attributes": {name: str(len(counts.get(name, ()))) for name in AttributeNames}}

    def change_message_visibility(self, *, QueueUrl: str, ReceiptHandle: str, VisibilityTimeout: int) -> dict[str, Any]:
        """SQS' ChangeMessageVisibility, of a message that is being processed."""
        self.arrivals.make_visible_in(ReceiptHandle, VisibilityTimeout)
        return {}

    def change_message_visibility_batch(self, *, QueueUrl: str, Entries: list[dict[str, Any]]) -> dict[str, Any]:
        """SQS' ChangeMessageVisibilityBatch."""
        for entry in Entries:
            self.arrivals.make_visible_in(entry["ReceiptHandle"], entry["VisibilityTimeout"])
        return {}

    # The champion's queue

    def ask_champion(self, body: dict[str, Any]) -> None:
        """SageMaker's message of a Callback step: it comes at least once."""
        for delay in self._faults.of_delivery("callback to AskChampionFunction") or [1.0]:
            self._agenda.later(delay, "callback -> AskChampionFunction", lambda: self.champions.send(body))

    def redrive(self) -> None:
        """Move the dead letters of both queues back, as an operator does."""
        self.arrivals.redrive()
        self.champions.redrive()
