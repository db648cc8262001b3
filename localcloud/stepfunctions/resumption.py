"""Where an interrupted execution is resumed, decided from its history alone.

A state that was entered and not exited is entered again. Events of its present attempt that the history has are not
added twice, and a task that was submitted is not submitted again: it continues to wait for its token or its job.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Event = Mapping[str, Any]
ENDS = ("ExecutionSucceeded", "ExecutionFailed", "ExecutionAborted", "ExecutionTimedOut")
NESTING = ("Parallel", "Map")  # states with states in them: nobody knows how far each branch was
FAILED = ("Failed", "TimedOut", "SubmitFailed", "StartFailed", "ScheduleFailed")  # how an attempt's last event ends


@dataclass(frozen=True)
class Resumption:
    """Enter ``state`` with ``given``. ``recorded`` are the types of events that the history has of this attempt."""

    state: str | None  # None: the first one
    given: Any
    recorded: frozenset[str] = frozenset()
    submitted: bool = False
    waited_s: float = 0.0  # since the present attempt, or the state, began
    variables: Mapping[str, Any] = field(default_factory=dict)


class NotResumable(Exception):
    """An execution cannot be resumed; the text says why."""


def plan(history: Sequence[Event], following: str | None, now: datetime) -> Resumption:
    """Where an execution is resumed. A state's present attempt is what came after its entry, or its last failure.

    Raises:
        NotResumable: within a state that has states in it, or where its history has a gap.
    """
    if not all(history):
        raise NotResumable("its history has a gap")
    at = _open(history)
    variables = _variables(history)
    if not at:
        return _between(history, following, variables)
    entered = history[at[0]]
    if kind(entered).removesuffix("StateEntered") in NESTING:
        raise NotResumable(f"it was within {_details(entered)['name']}, which has states of its own")
    failures = [place for place in range(at[0] + 1, len(history)) if kind(history[place]).endswith(FAILED)]
    attempt = history[max([at[0], *failures]) + 1 :]
    began = next((event for event in attempt if kind(event) == "TaskScheduled"), None if failures else entered)
    return Resumption(
        _details(entered)["name"],
        json.loads(_details(entered)["input"]),
        frozenset({kind(entered), *(kind(event) for event in attempt)}),
        submitted=any(kind(event) == "TaskSubmitted" for event in attempt),
        waited_s=(now - moment(began)).total_seconds() if began is not None else 0.0,
        variables=variables,
    )


def is_over(history: Sequence[Event], following: str | None) -> bool:
    """Whether all its states are done, whatever its status is."""
    if history and kind(history[-1]) in ENDS:
        return True
    return len(history) > 1 and all(history) and not _open(history) and following is None


def kind(event: Event) -> str:
    """An event's type."""
    return str(getattr(event["type"], "value", event["type"]))


def moment(event: Event) -> datetime:
    """When it happened."""
    at = event["timestamp"]
    found = at if isinstance(at, datetime) else datetime.fromisoformat(str(at).replace("Z", "+00:00"))
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _between(history: Sequence[Event], following: str | None, variables: Mapping[str, Any]) -> Resumption:
    """After a state, or before the first one."""
    exits = [event for event in history if kind(event).endswith("StateExited")]
    if exits:
        return Resumption(following, json.loads(_details(exits[-1])["output"]), variables=variables)
    given = next((event for event in history if kind(event) == "ExecutionStarted"), None)
    if given is None:
        raise NotResumable("it had not begun")
    return Resumption(None, json.loads(given["executionStartedEventDetails"]["input"]))


def _open(history: Sequence[Event]) -> list[int]:
    """The states that were entered and not exited, outermost first, as indices of their events."""
    entered: list[int] = []
    for place, event in enumerate(history):
        if kind(event).endswith("StateEntered"):
            entered.append(place)
        elif kind(event).endswith("StateExited"):
            name = _details(event)["name"]
            left = next(at for at in reversed(entered) if _details(history[at])["name"] == name)
            entered.remove(left)
    return entered


def _variables(history: Sequence[Event]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for event in history:
        if kind(event).endswith("StateExited"):
            found |= {name: json.loads(text) for name, text in _details(event).get("assignedVariables", {}).items()}
    return found


def _details(event: Event) -> Mapping[str, Any]:
    name = "stateEnteredEventDetails" if kind(event).endswith("Entered") else "stateExitedEventDetails"
    details: Mapping[str, Any] = event[name]
    return details
