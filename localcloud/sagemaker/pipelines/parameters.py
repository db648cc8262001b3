"""A pipeline's parameters: declared, and set. Pure.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-parameters.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

NUMBERS = {"Integer": int, "Float": float}
# As JSON writes numbers: of what only Python takes for one, such as 1_0, nobody knows that SageMaker does.
WRITTEN = {"Integer": re.compile("-?[0-9]+"), "Float": re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")}
FIELDS = ("Name", "Type", "DefaultValue", "EnumValues", "Description")


class Malformed(ValueError):
    """The definition cannot be run; the message lists everything that is wrong with it."""


@dataclass(frozen=True)
class Parameter:
    """What a caller may set. ``default`` None: it must be set."""

    name: str
    type: str
    default: Any = None
    allowed: tuple[Any, ...] = ()


def parameter_values(parameters: Mapping[str, Parameter], given: Mapping[str, str]) -> dict[str, Any]:
    """Every parameter's value: given (as text), else its default.

    Raises:
        Malformed: an unknown name, a missing value, one of another type or not among those allowed.
    """
    unknown = [name for name in given if name not in parameters]
    problems = [f"Unknown parameter '{name}': the pipeline has {listed(parameters)}" for name in unknown]
    values: dict[str, Any] = {}
    for parameter in parameters.values():
        value = given.get(parameter.name, parameter.default)
        if value is None:
            problems.append(f"Parameter '{parameter.name}' has no default value and was not set")
            continue
        try:
            values[parameter.name] = _convert(parameter, value)
        except ValueError as error:
            problems.append(str(error))
    if problems:
        raise Malformed("; ".join(problems))
    return values


def declared_parameters(raw: Sequence[Mapping[str, Any]], problems: list[str]) -> dict[str, Parameter]:
    """The parameters by name; what is wrong with them is added to ``problems``."""
    found: dict[str, Parameter] = {}
    for entry in raw:
        problems.extend(unknown_fields(f"parameter {entry.get('Name', '')}", entry, FIELDS))
        parameter = Parameter(
            entry.get("Name", ""),
            entry.get("Type", ""),
            entry.get("DefaultValue"),
            tuple(entry.get("EnumValues") or ()),
        )
        if parameter.name in found:
            problems.append(f"parameter {parameter.name} is declared twice")
        if parameter.type not in ("String", "Boolean", *NUMBERS):
            problems.append(f"parameter {parameter.name} has the unknown type {parameter.type!r}")
        elif parameter.default is not None:
            try:
                _convert(parameter, parameter.default)
            except ValueError as error:
                problems.append(str(error))
        found[parameter.name] = parameter
    return found


def _convert(parameter: Parameter, value: Any) -> Any:
    converted = value
    if parameter.type in NUMBERS:
        try:
            if isinstance(value, str) and not WRITTEN[parameter.type].fullmatch(value):
                raise ValueError("another way to write a number")
            converted = NUMBERS[parameter.type](value)
        except (TypeError, ValueError) as error:
            raise ValueError(
                f"Parameter '{parameter.name}' must be of type {parameter.type}, found {value!r}"
            ) from error
    elif parameter.type == "Boolean":
        if str(value).lower() not in ("true", "false"):
            raise ValueError(f"Parameter '{parameter.name}' must be of type Boolean, found {value!r}")
        converted = str(value).lower() == "true"
    elif not isinstance(value, str):
        raise ValueError(f"Parameter '{parameter.name}' must be of type String, found {value!r}")
    if parameter.allowed and converted not in parameter.allowed:
        raise ValueError(f"Parameter '{parameter.name}' must be one of {list(parameter.allowed)}, found {value!r}")
    return converted


def unknown_fields(what: str, entry: Mapping[str, Any], known: Iterable[str]) -> list[str]:
    """A sentence for each field that nobody knows; the SDKs write what they leave out as null."""
    return [f"{what} has the unknown field {name}" for name in entry if name not in known and entry[name] is not None]


def listed(names: Iterable[str]) -> str:
    """Names in a row."""
    return ", ".join(names) or "none"
