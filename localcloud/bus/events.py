"""The event bus: what happens is matched against rules and delivered to their targets.

moto keeps buses and rules; this delivers. Every target has a line of its own: deliveries to it keep their order, and a
target that fails or waits does not hold up another.
"""

from __future__ import annotations

import json
import logging
import threading
import uuid
from collections import deque
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError
from moto.core.exceptions import _RESTError
from moto.events.models import EventsBackend, Rule, events_backends

from localcloud.background import in_order, later, spawn
from localcloud.bus import event_rules, targets
from localcloud.bus.event_transform import target_body
from localcloud.bus.schedules import BadSchedule, next_time
from localcloud.front import moto_patches
from localcloud.iam import deliveries
from localcloud.iam.checks import Refused
from localcloud.settings import Cloud

log = logging.getLogger(__name__)
RECENT: deque[dict[str, Any]] = deque(maxlen=1000)
MODELS = "moto.events.models"
MOST_ATTEMPTS = 6  # AWS tries for 24 hours; here a target that fails for a minute has failed
LAST_DELAY_S = 30.0
FORGOTTEN_AFTER_S = 24 * 3600
# Errors that no retry can mend. Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
PERMANENT = ("ResourceNotFoundException", "AccessDeniedException", "StateMachineDoesNotExist", "ValidationException")
_STOPPED = threading.Event()
_cloud: Cloud | None = None


def emit(
    source: str,
    detail_type: str,
    detail: Mapping[str, Any],
    resources: Sequence[str] = (),
    *,
    region: str | None = None,
) -> str:
    """Put an event on the default bus as an AWS service does, and deliver it in the background. Answers its id."""
    cloud = _of_this_process()
    event = {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": detail_type,
        "source": source,
        "account": cloud.account_id,
        "time": _iso(datetime.now(UTC)),
        "region": region or cloud.region,
        "resources": list(resources),
        "detail": json.loads(json.dumps(detail)),
    }
    put(event, "default")
    return str(event["id"])


def put(event: Mapping[str, Any], bus: str) -> None:
    """Put a whole event on a bus of its region."""
    RECENT.append({"bus": bus, **event})
    backend: EventsBackend = events_backends[_of_this_process().account_id][event["region"]]
    for rule in list(backend.event_buses[bus].rules.values()):
        _route(rule, event)


def _route(rule: Rule, event: Mapping[str, Any]) -> None:
    if rule.state == "ENABLED" and event_rules.hears(rule, event):
        _send(rule, event)


def _send(rule: Rule, event: Mapping[str, Any]) -> None:
    for target in list(rule.targets):
        in_order((rule.arn, target["Id"]), _Delivery(rule, dict(target), event).attempt)


class _Delivery:
    """One event on its way to one target."""

    def __init__(self, rule: Rule, target: dict[str, Any], event: Mapping[str, Any]) -> None:
        self._rule = rule
        self._target = target
        self._event = event
        self._body = ""  # made by the first attempt: an odd target fails by itself, not with who put the event
        self._attempts = 0
        self._began = datetime.now(UTC)

    def attempt(self) -> None:
        """Deliver now; when that fails, later again, and in the end to the rule's dead letter queue."""
        self._attempts += 1
        try:
            deliveries.to_target(self._rule.arn, self._target)
            self._body = self._body or target_body(self._target, self._event, self._rule.name, self._rule.arn)
            targets.deliver(self._target["Arn"], self._body, self._target)
        except Refused as refused:
            self._failed("AccessDeniedException", str(refused))
        except ClientError as error:
            self._failed(error.response["Error"]["Code"], error.response["Error"]["Message"])
        except _RESTError as error:
            self._failed(error.error_type, error.message)
        except Exception as error:  # noqa: BLE001 - whatever a target raises is its own failure, and is told
            self._failed(type(error).__name__, str(error))

    def _failed(self, code: str, message: str) -> None:
        policy = self._target.get("RetryPolicy") or {}
        attempts = min(int(policy.get("MaximumRetryAttempts", 185)) + 1, MOST_ATTEMPTS)
        age_s = (datetime.now(UTC) - self._began).total_seconds()
        oldest_s = int(policy.get("MaximumEventAgeInSeconds", FORGOTTEN_AFTER_S))
        permanent = code in PERMANENT or code == "NotImplementedError"
        if not permanent and self._attempts < attempts and age_s < oldest_s:
            later(min(LAST_DELAY_S, 2.0 ** (self._attempts - 1)), self.attempt)
            return
        log.error("rule %s: %s got nothing: %s: %s", self._rule.name, self._target["Arn"], code, message)
        if queue := (self._target.get("DeadLetterConfig") or {}).get("Arn"):
            condition = "EventAgeExceeded" if age_s >= oldest_s else "MaximumRetryAttemptsExceeded"
            self._send_to_dead_letters(queue, code, message, None if permanent else condition)

    def _send_to_dead_letters(self, queue: str, code: str, message: str, exhausted: str | None) -> None:
        """Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html."""
        attributes = {
            "RULE_ARN": self._rule.arn,
            "TARGET_ARN": self._target["Arn"],
            "ERROR_CODE": code,
            "ERROR_MESSAGE": message[:1024] or code,
            "RETRY_ATTEMPTS": str(self._attempts - 1),
        }
        if exhausted:
            attributes["EXHAUSTED_RETRY_CONDITION"] = exhausted
        try:
            deliveries.to_dead_letters(self._rule.arn, queue)
        except Refused as refused:
            log.error("rule %s: %s got nothing: %s", self._rule.name, queue, refused)
            return
        body = self._body or target_body({}, self._event, self._rule.name, self._rule.arn)
        targets.send(queue, body, attributes=attributes)


def _iso(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _moto_time(value: Any) -> str:
    """PutEvents' time as moto holds it: seconds, or ISO text."""
    if isinstance(value, (int, float)):
        return _iso(datetime.fromtimestamp(value, UTC))
    try:
        return _iso(datetime.fromtimestamp(float(value), UTC))
    except ValueError:
        return _iso(datetime.fromisoformat(str(value).replace("Z", "+00:00")))


def _of_this_process() -> Cloud:
    if _cloud is None:
        raise RuntimeError("events.install(cloud) has not been called")
    return _cloud


def _to_bus(arn: str, body: str, _: Mapping[str, Any]) -> None:
    """Another bus takes the event as it is, with its id; what a template made takes the place of ``detail``."""
    region, bus = arn.split(":")[3], arn.rpartition("/")[2]
    event = json.loads(body)
    account, now = _of_this_process().account_id, _iso(datetime.now(UTC))
    fresh = {"version": "0", "id": str(uuid.uuid4()), "account": account, "time": now, "resources": []}
    put({**fresh, **event, "region": region}, bus)


# --- what replaces moto's


def _send_to_targets(rule: Rule, event: Mapping[str, Any]) -> None:
    times = {name: _moto_time(event[name]) for name in ("time", "ingestion-time") if name in event}
    _route(rule, {**event, **times})


def _is_archive(target: Mapping[str, Any]) -> bool:
    return target["Arn"].split(":")[2] == "events" and "/" not in target["Arn"]


def _as_delivered(entry: Mapping[str, Any], answer: Mapping[str, Any], region: str) -> dict[str, Any]:
    """An entry of PutEvents in the shape that targets get; one that was refused has its error instead of an id."""
    return {
        "bus": entry.get("EventBusName", "default"),
        "id": answer.get("EventId"),
        "source": entry.get("Source"),
        "detail-type": entry.get("DetailType"),
        "detail": entry.get("Detail"),
        "resources": list(entry.get("Resources") or ()),
        "region": region,
        **{name: answer[name] for name in ("ErrorCode", "ErrorMessage") if name in answer},
    }


def install(cloud: Cloud) -> None:
    """Deliver from now on, and on schedule."""
    global _cloud
    _cloud = cloud
    targets.SENDERS["events"] = _to_bus

    def send_to_targets(self: Rule, original_event: Any, transform_input: bool = True) -> None:
        if any(_is_archive(target) for target in self.targets):
            if event_rules.hears(self, original_event):
                original_send(self, original_event, transform_input)
        else:
            _send_to_targets(self, original_event)

    def put_events(self: EventsBackend, events: list[dict[str, Any]]) -> Any:
        entries = event_rules.put_screened(original_put, self, events)
        RECENT.extend(
            _as_delivered(event, entry, self.region_name) for event, entry in zip(events, entries, strict=True)
        )
        return entries

    event_rules.install()
    original_send = moto_patches.replace(f"{MODELS}:Rule.send_to_targets", send_to_targets)
    original_put = moto_patches.replace(f"{MODELS}:EventsBackend.put_events", put_events)
    spawn(_Schedules(cloud).run)


class _Schedules:
    """Fires scheduled rules. A rule's clock starts when it is first seen, enabled or changed."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._due: dict[str, tuple[str, datetime | None]] = {}

    def run(self) -> None:
        """Look every second, as exact as EventBridge's own schedules or better."""
        while not _STOPPED.wait(1.0):
            now = datetime.now(UTC)
            for backend in list(events_backends[self._cloud.account_id].values()):
                for bus in list(backend.event_buses.values()):
                    for rule in list(bus.rules.values()):
                        if rule.scheduled_expression:
                            self._look_at(rule, now, backend.region_name)

    def _look_at(self, rule: Rule, now: datetime, region: str) -> None:
        if rule.state != "ENABLED":
            self._due.pop(rule.arn, None)
            return
        expression, due = self._due.get(rule.arn, ("", None))
        if expression == rule.scheduled_expression and (due is None or now < due):
            return
        try:
            self._due[rule.arn] = (rule.scheduled_expression, next_time(rule.scheduled_expression, now))
        except BadSchedule as error:
            self._due[rule.arn] = (rule.scheduled_expression, None)
            log.error("rule %s never fires: %s", rule.name, error)
        if due is not None and expression == rule.scheduled_expression:
            self._fire(rule, due, region)

    def _fire(self, rule: Rule, due: datetime, region: str) -> None:
        event = {
            "version": "0",
            "id": str(uuid.uuid4()),
            "detail-type": "Scheduled Event",
            "source": "aws.events",
            "account": self._cloud.account_id,
            "time": _iso(due),
            "region": region,
            "resources": [rule.arn],
            "detail": {},
        }
        RECENT.append({"bus": "default", **event})
        _send(rule, event)
