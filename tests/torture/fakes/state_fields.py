"""The Amazon States Language's fields: paths, templates, choices and retries, as far as the machines use them.

What nobody uses is refused by name, so that a new field is played or fails every schedule. Source:
https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html
"""

from __future__ import annotations

from typing import Any

Document = dict[str, Any]
NEVER_CAUGHT = ("States.DataLimitExceeded", "States.Runtime")
FIELDS = {
    "Task": "Type Comment Resource TimeoutSeconds TimeoutSecondsPath Parameters ResultPath Retry Catch Next",
    "Choice": "Type Comment Choices Default",
    "Pass": "Type Comment InputPath Parameters ResultPath Next End",
    "Wait": "Type Comment SecondsPath Next",
    "Succeed": "Type Comment",
    "Fail": "Type Comment Error CausePath",
}
RETRY = {"ErrorEquals", "IntervalSeconds", "MaxAttempts", "BackoffRate", "MaxDelaySeconds", "JitterStrategy"}


class PathMissing(Exception):
    """A path names what is not there: States.Runtime."""


def check(states: Document) -> None:
    """Refuse what is not played."""
    for name, state in states.items():
        unknown = state.keys() - set(FIELDS[state["Type"]].split())
        unknown |= {field for rule in state.get("Retry", []) for field in rule.keys() - RETRY}
        if unknown:
            raise NotImplementedError(f"state {name!r}: {sorted(unknown)}")


def look_up(path: str, data: Any, context: Document) -> Any:
    """The value at ``$.a.b`` of the data, or at ``$$.a.b`` of the context."""
    found = context if path.startswith("$$") else data
    for part in path.lstrip("$").split(".")[1:]:
        if not isinstance(found, dict) or part not in found:
            raise PathMissing(path)
        found = found[part]
    return found


def filled(template: Any, data: Any, context: Document) -> Any:
    """A template with the values of its paths."""
    if not isinstance(template, dict):
        return template
    return {
        name.removesuffix(".$"): look_up(value, data, context) if name.endswith(".$") else filled(value, data, context)
        for name, value in template.items()
    }


def with_result(path: str | None, data: Document, result: Any) -> Document:
    """The data with a result at ``$.name``, or the result alone at ``$``; null keeps the data as it is."""
    if path is None or path == "$":
        return data if path is None else result
    if not path.startswith("$.") or "." in path[2:]:
        raise NotImplementedError(f"ResultPath {path}")
    return data | {path[2:]: result}


def chosen(state: Document, data: Document, context: Document) -> str:
    """The state that a choice leads to."""
    for rule in state["Choices"]:
        if _holds(rule, data, context):
            return str(rule["Next"])
    return str(state["Default"])


def _holds(rule: Document, data: Document, context: Document) -> bool:
    signs = rule.keys() - {"Variable", "Next"}
    if signs == {"IsPresent"}:
        return _is_there(rule["Variable"], data, context) == rule["IsPresent"]
    if not signs <= {"StringEquals", "BooleanEquals"}:
        raise NotImplementedError(f"choice by {sorted(signs)}")
    return bool(look_up(rule["Variable"], data, context) == rule[signs.pop()])


def _is_there(path: str, data: Document, context: Document) -> bool:
    try:
        look_up(path, data, context)
    except PathMissing:
        return False
    return True


def catches(rule: Document, error: str) -> bool:
    """Whether a Retry or a Catch speaks of an error."""
    names = rule["ErrorEquals"]
    return error in names or ("States.ALL" in names and error not in NEVER_CAUGHT)


def delay_s(rule: Document, tried: int, drawn: float) -> float | None:
    """Seconds until the next attempt, with jitter; None when there have been enough."""
    if tried >= rule["MaxAttempts"]:
        return None
    seconds = rule["IntervalSeconds"] * rule["BackoffRate"] ** tried
    return float(min(seconds, rule.get("MaxDelaySeconds", seconds))) * drawn
