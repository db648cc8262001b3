"""``retrain cleanup``: what is there becomes a plan, and carrying it out looks again until each thing is gone.

Meanwhile the stack's rules are off, or it would deploy again what is taken away.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from cli.changes import Change
from cli.stack.stack_resources import KINDS, Kind, Scope, StackResource

AWS_POLL_S = 10.0
DEADLINE_S = 1800.0  # an endpoint that is being changed can be deleted when that has ended


@dataclass(frozen=True)
class SwitchOff:
    """A rule of the stack hears nothing while things are removed."""

    rule: str
    heading = "switch off rule"

    @property
    def subject(self) -> str:
        """The rule."""
        return self.rule


@dataclass(frozen=True)
class Remove:
    """One thing goes for good."""

    kind: str
    name: str

    @property
    def heading(self) -> str:
        """The kind of thing."""
        return f"remove {self.kind}"

    @property
    def subject(self) -> str:
        """What is removed."""
        return self.name


@dataclass(frozen=True)
class SwitchOn:
    """A rule hears again, whoever had switched it off."""

    rule: str
    heading = "switch on rule"

    @property
    def subject(self) -> str:
        """The rule."""
        return self.rule


@dataclass(frozen=True)
class RecordEnds:
    """The reconciler writes how the runs ended that were stopped while nobody heard of it."""

    function: str
    heading = "record how stopped runs ended, with the function"

    @property
    def subject(self) -> str:
        """The function."""
        return self.function


@dataclass(frozen=True)
class Outcome:
    """Changes that were made, and why others were not."""

    done: tuple[Change, ...]
    kept: Mapping[Remove, str] = field(default_factory=dict)


def plan(
    resources: Sequence[StackResource], rules: Sequence[str], reconcilers: Sequence[str], *, everything: bool
) -> list[Change]:
    """What removing ``resources`` takes, in order; a stack that keeps its data goes on afterwards."""
    if not resources:
        return []
    before: list[Change] = [SwitchOff(rule) for rule in rules]
    removals = [Remove(resource.kind, resource.name) for resource in resources]
    after: list[Change] = [*map(SwitchOn, rules), *map(RecordEnds, reconcilers)]
    return [*before, *removals, *([] if everything else after)]


def rules_of(scope: Scope) -> list[str]:
    """The names of the stack's EventBridge rules."""
    return [name.rpartition("|")[2] for name in scope.resources.get("AWS::Events::Rule", [])]


def reconcilers_of(scope: Scope) -> list[str]:
    """The function that records the end of runs, where the stack still has it."""
    functions = scope.resources.get("AWS::Lambda::Function", [])
    return [name for name in functions if scope.templated(name, "ReconcileRunsFunction")]


def execute(scope: Scope, changes: Sequence[Change]) -> Iterator[Outcome]:
    """Make the changes in their order, and yield what was made. Rules are on again whatever happens meanwhile."""
    events = scope.client("events")
    off, on, removals = (_of(kind, changes) for kind in (SwitchOff, SwitchOn, Remove))
    try:
        for change in off:
            events.disable_rule(Name=change.rule)
        yield Outcome(tuple(off))
        for kind in KINDS if removals else ():
            planned = [change for change in removals if change.kind == kind.label]
            if there := planned + _made_meanwhile(kind, scope, planned):
                yield _remove(kind, scope, there)
    finally:
        _switch_on(events, on)
    yield Outcome(tuple(on))
    for change in _of(RecordEnds, changes):
        scope.client("lambda").invoke(FunctionName=change.function, Payload=b'{"grace_s": 0}')
        yield Outcome((change,))


def _made_meanwhile(kind: Kind, scope: Scope, planned: Sequence[Remove]) -> list[Remove]:
    """What a run made after the plan and before it was stopped: a version in it keeps its group from going."""
    if kind.data:
        return []
    known = {change.name for change in planned}
    return [Remove(kind.label, name) for name in sorted(set(kind.find(scope)) - known)]


def _of(kind: type[Any], changes: Sequence[Change]) -> list[Any]:
    return [change for change in changes if isinstance(change, kind)]


def _switch_on(events: Any, changes: Sequence[SwitchOn]) -> None:
    """Switch on each rule that can be, and raise the first refusal afterwards."""
    refused = []
    for change in changes:
        try:
            events.enable_rule(Name=change.rule)
        except ClientError as error:
            refused.append(error)
    if refused:
        raise refused[0]


def _remove(kind: Kind, scope: Scope, changes: Sequence[Remove]) -> Outcome:
    problems = _removed(kind, scope, {change.name for change in changes})
    done = tuple(change for change in changes if change.name not in problems)
    return Outcome(done, {change: problems[change.name] for change in changes if change.name in problems})


def _removed(kind: Kind, scope: Scope, names: set[str]) -> dict[str, str]:
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


def next_step(stack: str, scope: Scope, *, everything: bool) -> str:
    """What is to be done next, in a sentence."""
    if not scope.resources:
        return f"nothing of stack '{stack}' is left" if everything else "gone; data and ledger are kept"
    if everything:
        return f"gone; now `sam delete --stack-name {stack}`"
    return f"gone; to go on with the data: `retrain publish`; to end it: `sam delete --stack-name {stack}`"
