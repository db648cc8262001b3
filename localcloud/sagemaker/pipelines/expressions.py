"""What ``Get``, ``Std:Join`` and ``Std:JsonGet`` mean, and when a condition holds. Pure."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

TOKEN = re.compile(r"\[(\d+)\]|\[['\"]([^'\"]*)['\"]\]|([^.\[\]]+)")
ITEM_NAMES = ("OutputName", "InputName", "ChannelName", "MetricName", "Name")
COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "Equals": operator.eq,
    "NotEquals": operator.ne,
    "GreaterThan": operator.gt,
    "GreaterThanOrEqualTo": operator.ge,
    "LessThan": operator.lt,
    "LessThanOrEqualTo": operator.le,
}


class Unresolved(ValueError):
    """An expression points at nothing, or cannot be compared."""


@dataclass(frozen=True)
class Scope:
    """What expressions may see. ``property_file(step, name)`` answers a property file's JSON."""

    parameters: Mapping[str, Any]
    execution: Mapping[str, Any]
    steps: Mapping[str, Mapping[str, Any]]
    property_file: Callable[[str, str], Any]
    json_at: Callable[[str], Any]  # the JSON at an S3 URI


def resolve(value: Any, scope: Scope) -> Any:
    """``value`` with every expression replaced by what it stands for.

    Raises:
        Unresolved: an expression points at nothing.
    """
    if isinstance(value, Mapping):
        if set(value) == {"Get"}:
            return get(value["Get"], scope)
        if set(value) == {"Std:Join"}:
            parts = (resolve(part, scope) for part in value["Std:Join"]["Values"])
            return str(value["Std:Join"]["On"]).join(_text(part) for part in parts)
        if set(value) == {"Std:JsonGet"}:
            return _json_get(value["Std:JsonGet"], scope)
        return {name: resolve(part, scope) for name, part in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [resolve(part, scope) for part in value]
    return value


def get(reference: str, scope: Scope) -> Any:
    """One reference's value.

    Raises:
        Unresolved: there is no such value.
    """
    head, _, rest = reference.partition(".")
    if head == "Parameters":
        return _entry(scope.parameters, rest, reference)
    if head == "Execution":
        return _entry(scope.execution, rest, reference)
    name, _, path = rest.partition(".")
    return walk(_entry(scope.steps, name, reference), path, reference)


def holds(condition: Mapping[str, Any], scope: Scope) -> bool:
    """Whether one condition is true.

    Raises:
        Unresolved: a side points at nothing, or the two cannot be compared.
    """
    kind = condition.get("Type")
    if kind == "Not":
        return not holds(condition["Expression"], scope)
    if kind == "Or":
        return any(holds(part, scope) for part in condition["Conditions"])
    if kind in ("In", "NotIn"):
        wanted = condition.get("QueryValue", condition.get("Value"))
        among: bool = resolve(wanted, scope) in resolve(condition.get("Values", condition.get("In")), scope)
        return among is (kind == "In")
    if kind not in COMPARE:
        raise Unresolved(f"unknown condition {kind!r}")
    left, right = resolve(condition["LeftValue"], scope), resolve(condition["RightValue"], scope)
    try:
        return COMPARE[str(kind)](*_alike(left, right))
    except TypeError as error:
        raise Unresolved(f"{kind} cannot compare {left!r} with {right!r}") from error


def problems(condition: Any) -> Iterator[str]:
    """Why a condition is none: an unknown type, or a side that is not there.

    Source: https://aws-sagemaker-mlops.github.io/sagemaker-model-building-pipeline-definition-JSON-schema/
    """
    kind = condition.get("Type") if isinstance(condition, Mapping) else None
    if kind == "Not":
        yield from problems(condition.get("Expression"))
    elif kind == "Or":
        for part in condition.get("Conditions") or [None]:
            yield from problems(part)
    elif kind in ("In", "NotIn"):
        if not condition.keys() & {"QueryValue", "Value"} or not condition.keys() & {"Values", "In"}:
            yield f"a condition of type {kind} needs a Value, and what it is to be In"
    elif kind not in COMPARE:
        yield f"a condition has the unknown type {kind!r}"
    elif not {"LeftValue", "RightValue"} <= condition.keys():
        yield f"a condition of type {kind} needs a LeftValue and a RightValue"


def walk(value: Any, path: str, reference: str = "") -> Any:
    """Follow ``a.b[0]['name'].c``; a name on a list picks the item that is called so.

    Raises:
        Unresolved: there is nothing on the way.
    """
    path = path.removeprefix("$").removeprefix(".")
    for index, quoted, plain in TOKEN.findall(path):
        name = quoted or plain
        if isinstance(value, Sequence) and not isinstance(value, str):
            value = _item(value, index, name, reference or path)
        elif isinstance(value, Mapping):
            value = _entry(value, name or index, reference or path)
        else:
            raise Unresolved(f"{reference or path}: nothing is called {name or index} there")
    return value


def _item(values: Sequence[Any], index: str, name: str, reference: str) -> Any:
    if index:
        if int(index) < len(values):
            return values[int(index)]
    else:
        for item in values:
            if isinstance(item, Mapping) and any(item.get(key) == name for key in ITEM_NAMES):
                return item
    raise Unresolved(f"{reference}: there is no item {index or name!r}")


def _entry(values: Mapping[str, Any], name: str, reference: str) -> Any:
    if name not in values or values[name] is None:
        raise Unresolved(f"{reference}: there is no {name!r} (there is {', '.join(map(str, values)) or 'nothing'})")
    return values[name]


def _json_get(expression: Mapping[str, Any], scope: Scope) -> Any:
    if "S3Uri" in expression:
        return walk(scope.json_at(str(resolve(expression["S3Uri"], scope))), expression["Path"])
    reference = expression["PropertyFile"]
    reference = reference["Get"] if isinstance(reference, Mapping) else reference
    _, step, _, file = reference.split(".", 3)
    return walk(scope.property_file(step, file), expression["Path"], f"{file}: {expression['Path']}")


def _alike(left: Any, right: Any) -> tuple[Any, Any]:
    """A number beside a number written as text is compared as a number."""
    for one, other in ((left, right), (right, left)):
        if isinstance(one, (int, float)) and not isinstance(one, bool) and isinstance(other, str):
            try:
                return float(left), float(right)
            except ValueError:
                return left, right
    return left, right


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)
