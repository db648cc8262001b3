"""Where the states of a machine lead: every target is there, every state is reached, something ends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from localcloud.stepfunctions.rules.machines import END, NAME, TARGET, Diagnostic, Machine

ENDS = ("Succeed", "Fail")


def problems(machine: Machine) -> Iterator[Diagnostic]:
    """Targets that are missing, a whole definition without an end, and else states that nothing leads to."""
    targets = [(machine.start, f"{machine.place}/StartAt")] if isinstance(machine.start, str) else []
    for name, state in machine.states.items():
        targets += list(_targets(state, f"{machine.place}/States/{name}"))
    for name, location in targets:
        if name not in machine.states:
            yield Diagnostic(TARGET, f"Missing 'Next' target: {name}", location)
    if not machine.place and not any(map(_ends, machine.states.values())):
        yield Diagnostic(END, "Workflow has no terminal state", None)
        return
    reached = _reached(machine)
    for name in machine.states:
        if name not in reached:
            yield Diagnostic(TARGET, f'State "{name}" is not reachable.', f"{machine.place}/States/{name}")


def duplicates(found: Sequence[Machine]) -> Iterator[Diagnostic]:
    """States of one name, which is one for the whole definition.

    Source: https://docs.aws.amazon.com/step-functions/latest/dg/statemachine-structure.html
    """
    seen: set[str] = set()
    for machine in found:
        for name in machine.states:
            if name in seen:
                yield Diagnostic(NAME, f"Duplicate State name: {name}", f"{machine.place}/States/{name}")
            seen.add(name)


def _ends(state: Mapping[str, Any]) -> bool:
    return state.get("End") is True or state.get("Type") in ENDS


def _targets(state: Mapping[str, Any], place: str) -> Iterator[tuple[str, str]]:
    for field in ("Next", "Default"):
        if isinstance(state.get(field), str):
            yield state[field], f"{place}/{field}"
    for field in ("Choices", "Catch"):
        listed = state.get(field)
        for index, entry in enumerate(listed if isinstance(listed, list) else ()):
            if isinstance(entry, dict) and isinstance(entry.get("Next"), str):
                yield entry["Next"], f"{place}/{field}[{index}]/Next"


def _reached(machine: Machine) -> set[str]:
    reached: set[str] = set()
    waiting = [str(machine.start)]
    while waiting:
        name = waiting.pop()
        if name in machine.states and name not in reached:
            reached.add(name)
            waiting += [target for target, _ in _targets(machine.states[name], "")]
    return reached
