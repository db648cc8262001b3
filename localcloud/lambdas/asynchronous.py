"""Asynchronous invocations: a queue per function, two retries, and then the destination or the dead letter queue.

Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
"""

from __future__ import annotations

import json
import logging
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from moto.awslambda.exceptions import UnknownFunctionException
from moto.awslambda.models import EventInvokeConfig, LambdaBackend, LambdaFunction

from localcloud import journaling
from localcloud.background import later, spawn
from localcloud.bus import targets
from localcloud.front import moto_patches
from localcloud.iam import deliveries
from localcloud.iam.checks import Refused
from localcloud.lambdas.pool import MACHINE_LIMIT
from localcloud.lambdas.worker import Outcome
from localcloud.persistence import records

log = logging.getLogger(__name__)
PART = "localcloud.lambdas"
RETRY_DELAYS_S = (1.0, 2.0)  # AWS waits 60 s and 120 s
DEAD_LETTERS = "localcloud_dead_letter_target"


def install() -> None:
    """Keep one configuration of a function's events: the last that was put, with what was updated since."""
    for verb, put in {"put": _put_config, "update": _update_config}.items():
        moto_patches.replace(f"moto.awslambda.models:LambdaBackend.{verb}_function_event_invoke_config", put)


def _put_config(self: LambdaBackend, function_name: str, config: dict[str, Any]) -> dict[str, Any]:
    function = self.get_function(function_name)
    put = EventInvokeConfig(function.function_arn, datetime.now(UTC).timestamp(), config)
    function.event_invoke_config = [put]
    answer: dict[str, Any] = put.response()
    return answer


def _update_config(self: LambdaBackend, function_name: str, config: dict[str, Any]) -> dict[str, Any]:
    self.get_function_event_invoke_config(function_name)  # fails where there is none
    return _put_config(self, function_name, _config(self.get_function(function_name)) | config)


class QueuedEvent(NamedTuple):
    """What is saved of an event until it is done."""

    function: str  # ARN, with a version unless it is the latest
    payload: bytes
    tries: int
    since: float


@dataclass
class Event:
    """One queued event."""

    function: LambdaFunction
    payload: bytes
    attempt: Callable[[str], Outcome]
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    tries: int = 0
    since: float = field(default_factory=time.time)

    def record(self) -> None:
        """Let another process continue it."""
        queued = QueuedEvent(self.function.function_arn, self.payload, self.tries, self.since)
        _unfinished[self.request_id] = queued
        journaling.record(records.put, PART, (self.request_id,), queued)

    def record_end(self) -> None:
        """It is done."""
        _unfinished.pop(self.request_id, None)
        journaling.record(records.drop, PART, (self.request_id,))


class _Queue:
    """The events of one function, worked on by as many threads as it may have processes."""

    def __init__(self) -> None:
        self._waiting: deque[Event] = deque()
        self._lock = threading.Lock()
        self._workers = 0

    def put(self, event: Event) -> None:
        with self._lock:
            self._waiting.append(event)
            if self._workers >= MACHINE_LIMIT:
                return
            self._workers += 1
        spawn(self._work)

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._workers -= 1
                    return
                event = self._waiting.popleft()
            try:
                _try(event, self)
            except Exception:  # one event must not end the others
                log.exception("an event for %s was lost", event.function.function_name)


_queues: dict[str, _Queue] = {}
_unfinished: dict[str, QueuedEvent] = {}  # by request
_lock = threading.Lock()


def submit(function: LambdaFunction, payload: bytes, attempt: Callable[[str], Outcome]) -> str:
    """Queue an event; ``attempt`` runs it once under a request id. Answers the request id."""
    event = Event(function, payload, attempt)
    _queue(event)
    return event.request_id


def _queue(event: Event) -> None:
    event.record()
    with _lock:
        waiting = _queues.setdefault(event.function.function_arn, _Queue())
    waiting.put(event)


def snapshot_state() -> dict[str, QueuedEvent]:
    """Every event that is not done."""
    return dict(_unfinished)


def resume(
    state: Mapping[str, QueuedEvent],
    function_of: Callable[[str], LambdaFunction],
    attempt_of: Callable[[LambdaFunction, bytes], Callable[[str], Outcome]],
) -> None:
    """Continue the events of an earlier process."""
    for request_id, queued in state.items():
        try:
            function = function_of(queued.function)
        except UnknownFunctionException:
            continue  # it was deleted meanwhile
        attempt = attempt_of(function, queued.payload)
        _queue(Event(function, queued.payload, attempt, request_id, queued.tries, queued.since))


def remember_dead_letters(function: LambdaFunction, spec: Mapping[str, Any]) -> None:
    """Keep what moto drops: the function's DeadLetterConfig."""
    if "DeadLetterConfig" in spec:
        setattr(function, DEAD_LETTERS, (spec["DeadLetterConfig"] or {}).get("TargetArn") or None)


def dead_letters_of(function: LambdaFunction) -> str | None:
    """The ARN of the function's dead letter queue or topic."""
    return getattr(function, DEAD_LETTERS, None)


def _try(event: Event, waiting: _Queue) -> None:
    event.tries += 1
    try:
        outcome = event.attempt(event.request_id)
    except UnknownFunctionException:
        event.record_end()  # the function was deleted meanwhile
        return
    config = _config(event.function)
    if not outcome.error:
        _tell(event, outcome, config, "OnSuccess", "Success")
        event.record_end()
    elif time.time() - event.since > config.get("MaximumEventAgeInSeconds", 21600):
        _give_up(event, outcome, config, "EventAgeExceeded")
    elif event.tries <= config.get("MaximumRetryAttempts", len(RETRY_DELAYS_S)):
        event.record()
        later(RETRY_DELAYS_S[event.tries - 1], waiting.put, event)
    else:
        _give_up(event, outcome, config, "RetriesExhausted")


def _config(function: LambdaFunction) -> dict[str, Any]:
    kept = function.event_invoke_config
    return dict(kept[-1].config) if kept else {}


def _give_up(event: Event, outcome: Outcome, config: Mapping[str, Any], condition: str) -> None:
    _tell(event, outcome, config, "OnFailure", condition)
    _send_to_dead_letters(event, outcome)
    event.record_end()


def _send_to_dead_letters(event: Event, outcome: Outcome) -> None:
    if target := dead_letters_of(event.function):
        answer = json.loads(outcome.payload or b"{}")
        message = answer.get("errorMessage", "") if isinstance(answer, dict) else ""
        attributes = {"RequestID": event.request_id, "ErrorCode": "200", "ErrorMessage": message[:1024]}
        if _permitted(event, target):
            targets.send(target, event.payload.decode(), attributes=attributes)


def _permitted(event: Event, target: str) -> bool:
    """Whether the function's role may tell ``target``; if not, nobody hears of it but the log."""
    try:
        deliveries.from_function(event.function.role, target)
    except Refused as refused:
        log.error("%s got nothing: %s", target, refused)
        return False
    return True


def _tell(event: Event, outcome: Outcome, config: Mapping[str, Any], end: str, condition: str) -> None:
    destination = ((config.get("DestinationConfig") or {}).get(end) or {}).get("Destination")
    if not destination or not _permitted(event, destination):
        return
    arn = event.function.function_arn
    record = {
        "version": "1.0",
        "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "requestContext": {
            "requestId": event.request_id,
            "functionArn": arn if event.function.version != "$LATEST" else f"{arn}:$LATEST",
            "condition": condition,
            "approximateInvokeCount": event.tries,
        },
        "requestPayload": json.loads(event.payload),
        "responseContext": {
            "statusCode": 200,
            "executedVersion": str(event.function.version),
            **({"functionError": outcome.error} if outcome.error else {}),
        },
        "responsePayload": json.loads(outcome.payload or b"null"),
    }
    targets.send_record(destination, record, "Success" if end == "OnSuccess" else "Failure")
