"""The event bus: what happens is matched against rules and delivered to their targets.

moto keeps buses and rules; ``in_transit`` delivers.
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

from moto.events.models import EventsBackend, Rule, events_backends

from localcloud import journaling
from localcloud.background import spawn
from localcloud.bus import event_rules, in_transit, targets
from localcloud.bus.schedules import BadSchedule, next_time
from localcloud.front import moto_patches
from localcloud.settings import Cloud

log = logging.getLogger(__name__)
RECENT: deque[dict[str, Any]] = deque(maxlen=1000)
MODELS = "moto.events.models"
RUNS = {"aws.sagemaker": "sagemaker"}  # what changes by itself, and tells so by events
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
    if source in RUNS:
        journaling.flush(RUNS[source])  # what an event tells of is kept before the event
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
        in_transit.send(rule, event)


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


def snapshot_state() -> dict[str, Any]:
    """What is on its way to targets."""
    return in_transit.snapshot_state()


def resume(state: dict[str, Any]) -> None:
    """Deliver what an earlier process took."""
    in_transit.resume(state)


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
        in_transit.send(rule, event)
