"""Deliveries of events to targets: recorded before PutEvents is answered, until they have succeeded or failed.

Every target has a line of its own: deliveries to it keep their order, and a target that fails or waits does not hold up
another. Faults that somebody asked for disturb this: an event is lost, comes twice, late or after the next one.
"""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError
from moto.core.exceptions import _RESTError
from moto.events.models import Rule

from localcloud import journaling
from localcloud.background import in_order, later
from localcloud.bus import targets
from localcloud.bus.event_transform import target_body
from localcloud.faults import injection
from localcloud.faults.fault_file import Fault
from localcloud.iam import deliveries
from localcloud.iam.checks import Refused
from localcloud.persistence import records

log = logging.getLogger(__name__)
Line = tuple[str, str]  # a rule's ARN, and the id of its target
PART = "localcloud.bus.events"
MOST_ATTEMPTS = 6  # AWS tries for 24 hours; here a target that fails for a minute has failed
LAST_DELAY_S = 30.0
FORGOTTEN_AFTER_S = 24 * 3600
# Errors that no retry can mend. Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
PERMANENT = ("ResourceNotFoundException", "AccessDeniedException", "StateMachineDoesNotExist", "ValidationException")
_in_transit: dict[str, Delivery] = {}
_held: dict[Line, Delivery] = {}  # that a fault lets the next one overtake
_holding = threading.Lock()


def send(rule: Rule, event: Mapping[str, Any]) -> None:
    """Deliver an event to each of a rule's targets, in the background."""
    for target in list(rule.targets):
        delivery = Delivery(rule.arn, rule.name, dict(target), event)
        facts = {"source": str(event["source"]), "detail_type": str(event["detail-type"])}
        fault = injection.pick("events", rule=rule.name, target=str(target["Arn"]), **facts)
        if fault is None:
            delivery.begin()
        else:
            _disturb(delivery, fault)


def _disturb(delivery: Delivery, fault: Fault) -> None:
    if fault.kind == "drop":
        return
    delivery.record()
    if fault.kind == "delay":
        later(fault.seconds, delivery.queue)
    elif fault.kind == "reorder" and _hold(delivery):
        later(fault.seconds, _release, delivery.line)
    else:
        delivery.queue()
    if fault.kind == "duplicate":
        replace(delivery, id=str(uuid.uuid4())).begin()


def _hold(delivery: Delivery) -> bool:
    """Let the next delivery of the line overtake this one; False: this one overtakes another."""
    with _holding:
        if delivery.line in _held:
            return False
        _held[delivery.line] = delivery
        return True


def _release(line: Line) -> None:
    with _holding:
        held = _held.pop(line, None)
    if held is not None:
        in_order(line, held.attempt)


def snapshot_state() -> dict[str, Any]:
    """The deliveries that are not done."""
    return dict(_in_transit)


def resume(state: dict[str, Any]) -> None:
    """Continue the deliveries of an earlier process."""
    for delivery in state.values():
        delivery.begin()


@dataclass
class Delivery:
    """One event on its way to one target."""

    rule_arn: str
    rule_name: str
    target: dict[str, Any]
    event: Mapping[str, Any]
    body: str = ""  # made by the first attempt: an odd target fails by itself, not with who put the event
    attempts: int = 0
    began: datetime = field(default_factory=lambda: datetime.now(UTC))
    id: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def line(self) -> Line:
        """What keeps its order."""
        return self.rule_arn, self.target["Id"]

    def begin(self) -> None:
        """Record it, and deliver it after those before it."""
        self.record()
        self.queue()

    def record(self) -> None:
        """Let another process deliver it, if this one does not."""
        _in_transit[self.id] = self
        journaling.record(records.put, PART, (self.id,), self)

    def queue(self) -> None:
        """Deliver it after those before it, and before those that it overtakes."""
        in_order(self.line, self.attempt)
        _release(self.line)

    def permit(self) -> None:
        """Hold it against the policy or role that admits it."""
        deliveries.to_target(self.rule_arn, self.target)

    def deliver(self) -> None:
        """Hand the body to the target."""
        self.body = self.body or target_body(self.target, self.event, self.rule_name, self.rule_arn)
        targets.deliver(self.target["Arn"], self.body, self.target)

    def attempt(self) -> None:
        """Deliver now; when that fails, later again, and in the end to the rule's dead letter queue."""
        self.attempts += 1
        try:
            self.permit()
            self.deliver()
        except Refused as refused:
            self._failed("AccessDeniedException", str(refused))
        except ClientError as error:
            self._failed(error.response["Error"]["Code"], error.response["Error"]["Message"])
        except _RESTError as error:
            self._failed(error.error_type, error.message)
        except Exception as error:  # noqa: BLE001 - whatever a target raises is its own failure, and is told
            self._failed(type(error).__name__, str(error))
        else:
            self._delivered()

    def _delivered(self) -> None:
        _in_transit.pop(self.id, None)
        journaling.record(records.drop, PART, (self.id,))

    def _failed(self, code: str, message: str) -> None:
        policy = self.target.get("RetryPolicy") or {}
        attempts = min(int(policy.get("MaximumRetryAttempts", 185)) + 1, MOST_ATTEMPTS)
        age_s = (datetime.now(UTC) - self.began).total_seconds()
        oldest_s = int(policy.get("MaximumEventAgeInSeconds", FORGOTTEN_AFTER_S))
        permanent = code in PERMANENT or code == "NotImplementedError"
        if not permanent and self.attempts < attempts and age_s < oldest_s:
            later(min(LAST_DELAY_S, 2.0 ** (self.attempts - 1)), self.attempt)
            return
        log.error("rule %s: %s got nothing: %s: %s", self.rule_name, self.target["Arn"], code, message)
        if queue := (self.target.get("DeadLetterConfig") or {}).get("Arn"):
            condition = "EventAgeExceeded" if age_s >= oldest_s else "MaximumRetryAttemptsExceeded"
            try:
                self.bury(queue, code, message, None if permanent else condition)
            except Refused as refused:
                log.error("rule %s: %s got nothing: %s", self.rule_name, queue, refused)
        self._delivered()

    def bury(self, queue: str, code: str, message: str, exhausted: str | None) -> None:
        """Send it to the dead letter queue.

        Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html

        Raises:
            Refused: the queue does not admit it.
        """
        attributes = {
            "RULE_ARN": self.rule_arn,
            "TARGET_ARN": self.target["Arn"],
            "ERROR_CODE": code,
            "ERROR_MESSAGE": message[:1024] or code,
            "RETRY_ATTEMPTS": str(self.attempts - 1),
        }
        if exhausted:
            attributes["EXHAUSTED_RETRY_CONDITION"] = exhausted
        deliveries.to_dead_letters(self.rule_arn, queue)
        body = self.body or target_body({}, self.event, self.rule_name, self.rule_arn)
        targets.send(queue, body, attributes=attributes)
