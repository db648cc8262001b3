"""The machines of a definition: itself, branches of Parallel states and processors of Map states."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

SCHEMA, TARGET, END, NAME = (
    "SCHEMA_VALIDATION_FAILED", "MISSING_TRANSITION_TARGET", "MISSING_END_STATE", "DUPLICATE_STATE_NAME",
)  # fmt: skip


class Diagnostic(NamedTuple):
    """One thing that is wrong."""

    code: str
    message: str
    location: str | None

    def __str__(self) -> str:
        """As CreateStateMachine says it."""
        return f"{self.code}: {self.message} at {self.location or 'null'}"


class Machine(NamedTuple):
    """States that lead to one another, and where they stand in the definition."""

    place: str
    start: Any
    states: Mapping[str, Mapping[str, Any]]


def machines(document: Any, place: str = "") -> Iterator[Machine]:
    """A machine and all that are in it; what is no machine is left to the engine's grammar."""
    states = document.get("States") if isinstance(document, dict) else None
    if not isinstance(states, dict) or not all(isinstance(state, dict) for state in states.values()):
        return
    yield Machine(place, document.get("StartAt"), states)
    for name, state in states.items():
        here = f"{place}/States/{name}"
        for inner in ("Iterator", "ItemProcessor"):
            yield from machines(state.get(inner), f"{here}/{inner}")
        branches = state.get("Branches")
        for index, branch in enumerate(branches if isinstance(branches, list) else ()):
            yield from machines(branch, f"{here}/Branches[{index}]")
