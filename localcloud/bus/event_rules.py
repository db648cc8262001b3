"""EventBridge's operations as AWS takes them: moto keeps rules, targets and archives, behind AWS's checks.

Patterns are this cloud's own (``patterns``) wherever moto matches one. A rule that came from a saved state and whose
pattern AWS would refuse hears nothing, and the log says so once.
"""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import botocore.session
from botocore.model import StructureShape
from moto.core.exceptions import JsonRESTError
from moto.events.models import EventPattern, EventsBackend, Rule
from moto.events.responses import EventsHandler

from localcloud.bus import event_checks
from localcloud.bus.event_checks import Refusal
from localcloud.bus.member_types import mistyped
from localcloud.bus.patterns import InvalidPattern, compiled
from localcloud.front import moto_patches

log = logging.getLogger(__name__)
RESPONSES = "moto.events.responses:EventsHandler"
Answers = Sequence[Mapping[str, Any]]
_told: set[tuple[str, str]] = set()  # rules that hear nothing, and their patterns


def hears(rule: Rule, event: Mapping[str, Any]) -> bool:
    """Whether a rule's pattern matches an event; not for a rule without one, or with one that is not valid."""
    source = rule.event_pattern.dump()
    if not source:
        return False
    try:
        return compiled(source).matches(event)
    except InvalidPattern as error:
        if (rule.arn, source) not in _told:
            _told.add((rule.arn, source))
            log.error("rule %s hears nothing: its event pattern is not valid: %s", rule.name, error)
        return False


def put_screened(
    put: Callable[[EventsBackend, list[dict[str, Any]]], Answers], backend: EventsBackend, entries: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Put the entries that AWS takes, and answer for each in its place.

    What is for a bus that is not there is taken and reaches nobody, as on AWS; the log tells it.
    """
    errors = [event_checks.entry_error(entry) for entry in entries]
    known = [error is None and _has_bus(backend, entry) for entry, error in zip(entries, errors, strict=True)]
    answers = iter(put(backend, [entry for entry, good in zip(entries, known, strict=True) if good]))
    return [
        dict(next(answers)) if good else error or {"EventId": str(uuid.uuid4())}
        for good, error in zip(known, errors, strict=True)
    ]


def _has_bus(backend: EventsBackend, entry: Mapping[str, Any]) -> bool:
    name = backend._normalize_event_bus_arn(entry.get("EventBusName"))
    if name not in backend.event_buses:
        log.warning("an event of %s is for bus %s, which does not exist", entry.get("Source"), name)
    return name in backend.event_buses


# --- what replaces moto's


@cache
def _shape(operation: str) -> StructureShape:
    model = botocore.session.get_session().get_service_model("events")
    shape = model.operation_model(operation).input_shape
    if shape is None:
        raise RuntimeError(f"botocore's model has no input for {operation}")
    return shape


def _asked(handler: EventsHandler, operation: str) -> dict[str, Any]:
    asked: dict[str, Any] = json.loads(handler.body or "{}")
    if (said := mistyped(_shape(operation), asked)) is not None:
        raise JsonRESTError("SerializationException", said)
    return asked


def _refused(refusal: Refusal) -> JsonRESTError:
    return JsonRESTError(refusal.code, refusal.message)


def _checked(operation: str, check: Callable[[EventsHandler, dict[str, Any]], None]) -> None:
    """Let ``check`` see what an operation was asked, before moto does it."""
    method = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in operation).lstrip("_")

    def respond(self: EventsHandler) -> Any:
        try:
            check(self, _asked(self, operation))
        except Refusal as refusal:
            raise _refused(refusal) from None
        return original(self)

    original = moto_patches.replace(f"{RESPONSES}.{method}", respond)


def _check_targets(handler: EventsHandler, asked: dict[str, Any]) -> None:
    backend = handler.events_backend
    bus = backend.event_buses.get(backend._normalize_event_bus_arn(asked.get("EventBusName")))
    rule = bus.rules.get(asked["Rule"]) if bus else None
    there = [target["Id"] for target in rule.targets] if rule else []
    event_checks.check_targets(asked["Targets"], there, handler.region)


def _test_event_pattern(self: EventsHandler) -> str:
    asked = _asked(self, "TestEventPattern")
    try:
        pattern = event_checks.pattern(asked["EventPattern"])
        return json.dumps({"Result": pattern.matches(event_checks.tested_event(asked["Event"]))})
    except Refusal as refusal:
        raise _refused(refusal) from None


def _load(cls: type[EventPattern], raw_pattern: str | None) -> EventPattern:
    if not raw_pattern:
        return cls(raw_pattern, {})
    try:
        event_checks.pattern(raw_pattern)
    except Refusal as refusal:
        raise _refused(refusal) from None
    return cls(raw_pattern, json.JSONDecoder().raw_decode(raw_pattern.strip())[0])


def _matches_event(self: EventPattern, event: Mapping[str, Any]) -> bool:
    source = self.dump()
    return not source or compiled(source).matches(event)


def install() -> None:
    """Check from now on as AWS does."""
    _checked("PutRule", lambda _, asked: event_checks.check_rule(asked))
    _checked("PutTargets", _check_targets)
    _checked("PutEvents", lambda _, asked: event_checks.check_entries(asked["Entries"]))
    moto_patches.replace(f"{RESPONSES}.test_event_pattern", _test_event_pattern)
    moto_patches.replace("moto.events.models:EventPattern.load", _load)
    moto_patches.replace("moto.events.models:EventPattern.matches_event", _matches_event)
