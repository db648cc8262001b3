"""What a state may have, by its type, and what its values may be."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from localcloud.stepfunctions.rules.machines import SCHEMA, Diagnostic, Machine

LONGEST_NAME = 80
GOES_ON = ("Task", "Pass", "Wait", "Parallel", "Map")
_ANY = "Type Comment QueryLanguage"
_PATHS = f"{_ANY} InputPath OutputPath"
_NEXT = f"{_PATHS} Next End Assign"
_TEMPLATE = f"{_NEXT} ResultPath Parameters"
_FAILS = f"{_TEMPLATE} ResultSelector Retry Catch"
SUPPORTED: Mapping[str, frozenset[str]] = {  # https://states-language.net/spec.html#state-type-table
    kind: frozenset(names.split())
    for kind, names in {
        "Task": f"{_FAILS} Resource Credentials TimeoutSeconds TimeoutSecondsPath HeartbeatSeconds "
        "HeartbeatSecondsPath",
        "Pass": f"{_TEMPLATE} Result",
        "Wait": f"{_NEXT} Seconds SecondsPath Timestamp TimestampPath",
        "Choice": f"{_PATHS} Choices Default Assign",
        "Succeed": _PATHS,
        "Fail": f"{_ANY} Error ErrorPath Cause CausePath",
        "Parallel": f"{_FAILS} Branches",
        "Map": f"{_FAILS} ItemProcessor Iterator ItemsPath ItemSelector MaxConcurrency MaxConcurrencyPath ItemReader "
        "ItemBatcher ResultWriter ToleratedFailureCount ToleratedFailureCountPath ToleratedFailurePercentage "
        "ToleratedFailurePercentagePath Label",
    }.items()
}
# How a comparison's name begins -> what it compares with.
COMPARED: Mapping[str, type | tuple[type, ...]] = {
    "String": str, "Timestamp": str, "Numeric": (int, float), "Boolean": bool, "Is": bool,
}  # fmt: skip
NOT_REFERENCE = re.compile(r"\[\*\]|\.\.|\.\*|[?@]")  # what may select several values, or none
TEMPLATES = ("Parameters", "ResultSelector", "ItemSelector")


def problems(machine: Machine) -> Iterator[Diagnostic]:
    """What a state has that it may not have, or lacks."""
    for name, state in machine.states.items():
        place = f"{machine.place}/States/{name}"
        for message, below in _of_state(name, state):
            yield Diagnostic(SCHEMA, message, place + below)


def _of_state(name: str, state: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    kind = str(state.get("Type"))
    if len(name) > LONGEST_NAME:
        yield f"A state's name has at most {LONGEST_NAME} characters", ""
    if kind not in SUPPORTED:
        return  # the grammar says so
    yield from ((f"Field '{field}' is not supported", "") for field in state if field not in SUPPORTED[kind])
    if kind in GOES_ON and "Next" not in state and state.get("End") is not True:
        yield "One of 'Next' and 'End' is required", ""
    if kind == "Choice":
        yield from _choices(state)
    yield from _values(state)


def _values(state: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for field in ("TimeoutSeconds", "HeartbeatSeconds"):
        if isinstance(state.get(field), int) and state[field] < 1:
            yield "Value must be a positive number", f"/{field}"
    if NOT_REFERENCE.search(str(state.get("ResultPath") or "")):
        yield "Value is not a Reference Path", "/ResultPath"
    for field in TEMPLATES:
        yield from _template(state.get(field), f"/{field}")


def _template(value: Any, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, list):
        for index, part in enumerate(value):
            yield from _template(part, f"{place}[{index}]")
    for name, part in value.items() if isinstance(value, dict) else ():
        if not name.endswith(".$"):
            yield from _template(part, f"{place}/{name}")
        elif not (isinstance(part, str) and part.startswith(("$", "States."))):
            said = f"The value for the field '{name}' must be a valid JSONPath or a valid intrinsic function call"
            yield said, place


def _choices(state: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    listed = state.get("Choices")
    if not listed:
        yield "'Choices' must have a rule", ""
    for index, rule in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(rule, dict):
            if "Next" not in rule:
                yield "'Next' is required", f"/Choices[{index}]"
            yield from _rule(rule, f"/Choices[{index}]")


def _rule(rule: Mapping[str, Any], place: str) -> Iterator[tuple[str, str]]:
    for name, value in rule.items():
        expected = next((kind for begins, kind in COMPARED.items() if name.startswith(begins)), None)
        if expected is None:
            inner = value if isinstance(value, list) else [value] if name == "Not" else []
            for part in inner:
                if isinstance(part, dict):
                    yield from _rule(part, f"{place}/{name}")
        elif not isinstance(value, str if name.endswith("Path") else expected):
            yield f"{name} compares with another kind of value", f"{place}/{name}"
