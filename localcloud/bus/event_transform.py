"""What a rule's target receives: the event, a part of it, a constant, or a template filled from it. Pure.

Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_VARIABLE = re.compile(r"<([A-Za-z0-9_.-]+)>")
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+|\*)\]|\['([^']+)'\]")


def target_body(target: Mapping[str, Any], event: Mapping[str, Any], rule_name: str, rule_arn: str) -> str:
    """The body for a target of ``PutTargets``. ``event`` may hold an ``ingestion-time``, which only templates see."""
    bare = {name: value for name, value in event.items() if name != "ingestion-time"}
    if target.get("Input") is not None:
        return str(target["Input"])
    if target.get("InputPath"):
        return json.dumps(at_path(bare, target["InputPath"]))
    transformer = target.get("InputTransformer")
    if not transformer:
        return json.dumps(bare)
    values: dict[str, Any] = {
        name: at_path(bare, path) for name, path in (transformer.get("InputPathsMap") or {}).items()
    }
    reserved = {
        "aws.events.rule-arn": rule_arn,
        "aws.events.rule-name": rule_name,
        "aws.events.event.ingestion-time": event.get("ingestion-time", event.get("time")),
        "aws.events.event": {name: value for name, value in bare.items() if name != "detail"},
        "aws.events.event.json": bare,
    }
    return fill(str(transformer["InputTemplate"]), {**values, **reserved})


def fill(template: str, values: Mapping[str, Any]) -> str:
    """Put values into ``<name>`` places. Inside a JSON string a string goes in as it is, escaped, and anything else as
    its JSON without quotes of its own; outside, everything goes in as JSON. What has no value leaves nothing.
    """
    template = template.strip()

    def value_of(match: re.Match[str]) -> str:
        value = values.get(match.group(1))
        if value is None:
            return ""
        if not _inside_string(template, match.start()):
            return json.dumps(value)
        if isinstance(value, str):
            return json.dumps(value, ensure_ascii=False)[1:-1]
        return json.dumps(value).replace('"', "")

    return _VARIABLE.sub(value_of, template)


def _inside_string(template: str, position: int) -> bool:
    before = re.sub(r"\\.", "", template[:position])
    return before.count('"') % 2 == 1


def at_path(document: Any, path: str) -> Any:
    """The value at a JSON path of EventBridge's subset (names, indices, ``*``); None where there is none."""
    found = [document]
    for name, index, quoted in _STEP.findall(path.removeprefix("$")):
        found = [inner for value in found for inner in _step(value, name or quoted, index)]
    if "*" in path:
        return found
    return found[0] if found else None


def _step(value: Any, name: str, index: str) -> list[Any]:
    if isinstance(value, dict):
        if name == "*":
            return list(value.values())
        return [value[name]] if name in value else []
    if isinstance(value, list) and index:
        if index == "*":
            return value
        return value[int(index) : int(index) + 1]
    return []
