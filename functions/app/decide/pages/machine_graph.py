"""A run's state machine as a graph of what takes time, and how far its execution is in it. Pure.

Choices, passes and ends take none: a way through them is a line. The machine runs one state at a time.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from app.decide.pages.drawings import Drawing, draw
from app.decide.pages.run_progress import took_text
from app.decide.pages.step_graph import Graph, levels, needed

TAKE_TIME = ("Task", "Wait", "Parallel", "Map")
ENDED = ("ExecutionSucceeded", "ExecutionFailed", "ExecutionAborted", "ExecutionTimedOut")
SAID = {"done": "done", "runs": "runs", "waits": "waits", "failed": "failed or stopped", "ahead": "not reached yet",
        "skipped": "skipped"}  # fmt: skip
Ways = Mapping[str, tuple[str, ...]]  # a state that takes time -> those that may come next, in the definition's order


class Visit(NamedTuple):
    """The last time that an execution was in a state."""

    state: str  # of SAID
    took_s: float


class StateRow(NamedTuple):
    """A state of the machine in a list."""

    name: str
    state: str  # of SAID
    told: str  # the same, in words
    took: str  # the last time that the run was in it; "" for one that it was not in


class Machine(NamedTuple):
    """The machine of a run, drawn and in a list."""

    drawing: Drawing
    rows: tuple[StateRow, ...]


def machine(definition: str, events: Sequence[Mapping[str, Any]], now: datetime) -> Machine | None:
    """The machine whose definition an execution runs, by the events of its history, oldest first; None of a machine in
    which nothing takes time.
    """
    ways = _ways(json.loads(definition))
    if not ways:
        return None
    seen = _visits(events, ways, now)
    graph = _graph(ways)
    order = [name for level in levels(graph) for name in level]
    rows = tuple(StateRow(name, seen[name].state, SAID[seen[name].state], _took(seen[name])) for name in order)
    skipped = {row.name for row in rows if row.state == "skipped"}  # no line leads there, or away
    lines = needed({name: frozenset() if name in skipped else before - skipped for name, before in graph.items()})
    return Machine(draw(graph, lines, {row.name: (row.state, row.took) for row in rows}, SAID), rows)


def _took(visit: Visit) -> str:
    return "" if visit.state in ("ahead", "skipped") else took_text(visit.took_s)


def _ways(definition: Mapping[str, Any]) -> Ways:
    """What may follow each state that takes time, from where the machine begins.

    Source: https://states-language.net/spec.html#states-fields
    """
    states, found, left = (
        definition["States"],
        dict[str, tuple[str, ...]](),
        [*_taking(definition["StartAt"], definition)],
    )
    while left:
        name = left.pop(0)
        if name not in found:
            after = dict.fromkeys(far for one in _next(states[name]) for far in _taking(one, definition))
            found[name] = tuple(after)
            left += after
    return found


def _next(state: Mapping[str, Any]) -> Iterator[str]:
    """The names of the states that may come after one, each where it is named first."""
    named = [state.get("Next"), *(one["Next"] for one in state.get("Choices", ())), state.get("Default"),
             *(one["Next"] for one in state.get("Catch", ()))]  # fmt: skip
    yield from (str(name) for name in dict.fromkeys(named) if name)


def _taking(name: str, definition: Mapping[str, Any], behind: frozenset[str] = frozenset()) -> Iterator[str]:
    """The states that take time at a name, or behind those that take none."""
    state = definition["States"][name]
    if state["Type"] in TAKE_TIME:
        yield name
    elif name not in behind:
        for following in _next(state):
            yield from _taking(following, definition, behind | {name})


def _graph(ways: Ways) -> Graph:
    """Which states come before each, without the ways back."""
    before: dict[str, set[str]] = {name: set() for name in ways}
    entered, left = set[str](), set[str]()

    def walk(name: str) -> None:
        entered.add(name)
        for following in ways[name]:
            if following in entered and following not in left:
                continue  # a way back
            before[following].add(name)
            if following not in entered:
                walk(following)
        left.add(name)

    for name in ways:
        if name not in entered:
            walk(name)
    return {name: frozenset(found) for name, found in before.items()}


def _visits(events: Sequence[Mapping[str, Any]], ways: Ways, now: datetime) -> dict[str, Visit]:
    """How far each state is."""
    over = bool(events) and events[-1]["type"] in ENDED
    seen, last = dict[str, Visit](), ""
    for name, own in _in_states(events):
        if name not in ways:
            continue
        ended = own[-1]["timestamp"] if _has_left(own) or over else now
        took_s = max((ended - own[0]["timestamp"]).total_seconds(), 0)
        last, seen[name] = name, Visit(_state(own, over=over), took_s)
    open_still = set() if over else _reachable(last, ways) if last else set(ways)
    return {name: seen.get(name, Visit("ahead" if name in open_still else "skipped", 0)) for name in ways}


def _in_states(events: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
    """The events of a history by the state that they happened in.

    Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html
    """
    name, own = "", list[Mapping[str, Any]]()
    for one in events:
        if entered := one.get("stateEnteredEventDetails"):
            if name:
                yield name, own
            name, own = str(entered["name"]), []
        own.append(one)
    if name:
        yield name, own


def _has_left(own: Sequence[Mapping[str, Any]]) -> bool:
    return any("stateExitedEventDetails" in one for one in own)


def _state(own: Sequence[Mapping[str, Any]], *, over: bool) -> str:
    """How far the state is that these events happened in, of SAID: what failed and was caught has failed, too."""
    kinds = [str(one["type"]) for one in own if "stateExitedEventDetails" not in one]
    kind = next((one for one in reversed(kinds) if one not in ENDED), "")
    failed = kind.endswith(("Failed", "TimedOut"))
    if _has_left(own):
        return "failed" if failed else "done"
    if over:
        return "failed"
    waits = failed or kind in ("WaitStateEntered", "TaskSubmitted")  # for its next attempt, a time, or an answer
    return "waits" if waits else "runs"


def _reachable(name: str, ways: Ways) -> set[str]:
    found, left = set[str](), [name]
    while left:
        for following in ways[left.pop()]:
            if following not in found:
                found.add(following)
                left.append(following)
    return found
