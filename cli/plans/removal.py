"""``retrain cleanup``: say what is there, take it away in order, and look again.

Meanwhile the stack hears nothing, or it would deploy again what is taken away.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from cli.stack.stack_resources import KINDS, Kind, Scope

AWS_POLL_S = 10.0
DEADLINE_S = 1800.0  # an endpoint that is being changed can be deleted when that has ended


@dataclass(frozen=True)
class Leftover:
    """One thing that is there; ``problem`` when it was to go and did not."""

    kind: str
    name: str
    problem: str = ""


def leftovers(scope: Scope, *, everything: bool) -> list[Leftover]:
    """What is there now, in the order in which it goes; the data too when ``everything`` is meant."""
    kinds = [kind for kind in KINDS if everything or not kind.data]
    return [Leftover(kind.words, name) for kind in kinds for name in sorted(kind.find(scope))]


def remove(scope: Scope, found: list[Leftover], say: Callable[[str], None], *, everything: bool) -> list[Leftover]:
    """Take away ``found``; answers what is still there, with the reason. A stack that keeps its data goes on then."""
    left: list[Leftover] = []
    with _deaf(scope, for_good=everything):
        for kind in KINDS:
            names = {one.name for one in found if one.kind == kind.words}
            problems = _take(kind, scope, names) if names else {}
            left += [Leftover(kind.words, name, problem) for name, problem in problems.items()]
            if names - problems.keys():
                say(f"gone: {kind.words} {', '.join(sorted(names - problems.keys()))}")
    if not everything:
        _end_stopped_runs(scope)
    return left


@contextmanager
def _deaf(scope: Scope, *, for_good: bool) -> Iterator[None]:
    """The stack's rules are off; all are on again afterwards, whoever switched them off, unless it is ``for_good``."""
    events = scope.client("events")
    names = [name.rpartition("|")[2] for name in scope.resources.get("AWS::Events::Rule", [])]
    try:
        for name in names:
            events.disable_rule(Name=name)
        yield
    finally:
        if not for_good:
            _hear(events, names)


def _hear(events: Any, names: list[str]) -> None:
    """Switch the rules on, each that can be."""
    refused = []
    for name in names:
        try:
            events.enable_rule(Name=name)
        except ClientError as error:
            refused.append(error)
    if refused:
        raise refused[0]


def _end_stopped_runs(scope: Scope) -> None:
    """Nobody heard that they were stopped: the reconciler looks now, and writes their ends."""
    for name in scope.resources.get("AWS::Lambda::Function", []):
        if scope.templated(name, "ReconcileRunsFunction"):
            scope.client("lambda").invoke(FunctionName=name, Payload=b'{"grace_s": 0}')


def _take(kind: Kind, scope: Scope, names: set[str]) -> dict[str, str]:
    """Remove ``names`` and wait until they are gone; the last reason of each that is still there at the deadline."""
    deadline = time.monotonic() + DEADLINE_S
    problems: dict[str, str] = {}
    asked: set[str] = set()
    denied: set[str] = set()
    while there := names & set(kind.find(scope)):
        for name in there - (asked - problems.keys()):
            asked.add(name)
            problems.pop(name, None)
            try:
                kind.remove(scope, name)
            except ClientError as error:  # in use, or gone meanwhile: the next look tells
                problems[name] = str(error)
                denied |= {name} if "AccessDenied" in error.response["Error"]["Code"] else set()
        if there <= denied or time.monotonic() > deadline:
            return {name: problems.get(name, f"still there after {DEADLINE_S:.0f} s") for name in there}
        time.sleep(scope.target.poll_s(AWS_POLL_S))
    return {}


def words(found: list[Leftover]) -> str:
    """A line for each kind, with the names."""
    by_kind: dict[str, list[str]] = {}
    for one in found:
        by_kind.setdefault(one.kind, []).append(one.name + (f" ({one.problem})" if one.problem else ""))
    return "\n".join(f"  {kind}: {', '.join(names)}" for kind, names in by_kind.items())


def next_step(stack: str, scope: Scope, *, everything: bool) -> str:
    """What is to be done next, in a sentence."""
    if not scope.resources:
        return f"nothing of stack '{stack}' is left" if everything else "gone; data and ledger are kept"
    if everything:
        return f"gone; now `sam delete --stack-name {stack}`"
    return f"gone; to go on with the data: `retrain publish`; to end it: `sam delete --stack-name {stack}`"
