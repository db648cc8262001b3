"""A template's parameters: defaults, what the caller gave, previous values, and the constraints on them. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from localcloud.templates.errors import TemplateInvalid
from localcloud.templates.language.document import Template

MASKED = "****"  # what NoEcho parameters look like from outside


def given(requested: list[dict[str, Any]], template: Template, previous: Mapping[str, str]) -> dict[str, str]:
    """The texts that the caller stated for the template's parameters; UsePreviousValue takes from ``previous``.

    Raises:
        TemplateInvalid: a parameter that the template does not have, or a previous value that is not there.
    """
    declared = template.get("Parameters", {})
    values: dict[str, str] = {}
    for item in requested:
        key = item["ParameterKey"]
        if item.get("UsePreviousValue"):
            if key not in previous:
                raise TemplateInvalid(f"Invalid input for parameter key {key}. There is no previous value")
            values[key] = previous[key]
        else:
            values[key] = str(item.get("ParameterValue", ""))
    extra = sorted(set(values) - set(declared))
    if extra:
        raise TemplateInvalid(f"Parameters: [{', '.join(extra)}] do not exist in the template")
    return values


def complete(template: Template, stated: Mapping[str, str]) -> dict[str, str]:
    """Every declared parameter as text: what was stated, else its default.

    Raises:
        TemplateInvalid: one has neither, or breaks one of its constraints.
    """
    declared: dict[str, Any] = template.get("Parameters", {})
    values = {
        key: stated[key] if key in stated else _as_text(spec["Default"])
        for key, spec in declared.items()
        if key in stated or "Default" in spec
    }
    missing = [key for key in declared if key not in values]
    if missing:
        raise TemplateInvalid(f"Parameters: [{', '.join(missing)}] must have values")
    for key, spec in declared.items():
        _constrain(key, values[key], spec)
    return values


def typed(template: Template, values: Mapping[str, str], ssm: Callable[[str], str]) -> dict[str, Any]:
    """What ``Ref`` of each parameter answers: lists split, SSM names looked up."""
    answer: dict[str, Any] = {}
    for key, spec in template.get("Parameters", {}).items():
        kind, text = spec.get("Type", "String"), values[key]
        if kind.startswith("AWS::SSM::Parameter::Value"):
            text, kind = ssm(text), kind.removeprefix("AWS::SSM::Parameter::Value").strip("<>")
        is_list = kind == "CommaDelimitedList" or kind.startswith("List<")
        answer[key] = [part.strip() for part in text.split(",")] if is_list else text
    return answer


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _constrain(key: str, text: str, spec: Mapping[str, Any]) -> None:
    problem = _problem(key, text, spec)
    if problem:
        raise TemplateInvalid(
            (
                spec.get("ConstraintDescription")
                and f"Parameter {key} failed to satisfy constraint: {spec['ConstraintDescription']}"
            )
            or problem
        )


def _problem(key: str, text: str, spec: Mapping[str, Any]) -> str | None:
    kind = spec.get("Type", "String")
    if "AllowedValues" in spec and text not in [_as_text(value) for value in spec["AllowedValues"]]:
        allowed = ", ".join(_as_text(value) for value in spec["AllowedValues"])
        return f"Parameter '{key}' must be one of AllowedValues [{allowed}]"
    if kind == "Number":
        return _number_problem(key, text, spec)
    if kind != "String":
        return None
    if "AllowedPattern" in spec and not re.fullmatch(spec["AllowedPattern"], text):
        return f"Parameter {key} failed to satisfy constraint: must match pattern {spec['AllowedPattern']}"
    if len(text) < int(spec.get("MinLength", 0)):
        return f"Parameter '{key}' must contain at least {spec['MinLength']} characters"
    if len(text) > int(spec.get("MaxLength", len(text))):
        return f"Parameter '{key}' must contain at most {spec['MaxLength']} characters"
    return None


def _number_problem(key: str, text: str, spec: Mapping[str, Any]) -> str | None:
    try:
        number = float(text)
    except ValueError:
        return f"Parameter '{key}' must be a number."
    if number < float(spec.get("MinValue", number)):
        return f"Parameter '{key}' must be a number not less than {spec['MinValue']}"
    if number > float(spec.get("MaxValue", number)):
        return f"Parameter '{key}' must be a number not greater than {spec['MaxValue']}"
    return None
