"""Whether a template has the structure that CloudFormation takes: its sections, its resources, and what its intrinsic
functions get. Pure.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html,
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html and, for conditions,
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-conditions.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from localcloud.templates.errors import TemplateInvalid, unresolved

_MAPS = ("Parameters", "Mappings", "Conditions", "Outputs", "Metadata", "Globals")
_MOST_CONDITIONS = 10
Takes = Callable[[Any], bool]


def _is_list(least: int, most: int | None = None) -> Takes:
    return lambda given: isinstance(given, list) and least <= len(given) <= (len(given) if most is None else most)


def _joins(given: Any) -> bool:
    return _is_list(2, 2)(given) and isinstance(given[0], str) and isinstance(given[1], (list, dict))


def _splits(given: Any) -> bool:
    return _is_list(2, 2)(given) and isinstance(given[0], str) and bool(given[0]) and isinstance(given[1], (str, dict))


def _selects(given: Any) -> bool:
    return _is_list(2, 2)(given) and isinstance(given[0], (str, int, dict)) and isinstance(given[1], (list, dict))


def _substitutes(given: Any) -> bool:
    if isinstance(given, str):
        return True
    return _is_list(2, 2)(given) and isinstance(given[0], str) and isinstance(given[1], dict)


def _decides(given: Any) -> bool:
    return _is_list(3, 3)(given) and isinstance(given[0], str)


def _is_name(given: Any) -> bool:
    return isinstance(given, str) and bool(given)


def _is_value(given: Any) -> bool:
    return isinstance(given, (str, int, float, dict))


# What each function gets, in words, and whether it is that.
_FUNCTIONS: Mapping[str, tuple[str, Takes]] = {
    "Ref": ("the name of a parameter or a resource", _is_name),
    "Fn::Join": ("a delimiter and a list of values", _joins),
    "Fn::Split": ("a delimiter and a source string", _splits),
    "Fn::Select": ("an index and a list", _selects),
    "Fn::Sub": ("a string, or a string and a map of values", _substitutes),
    "Fn::If": ("the name of a condition and two values", _decides),
    "Fn::FindInMap": ("a map's name, a top level key and a second level key", _is_list(3, 4)),
    "Fn::Base64": ("a value", _is_value),
    "Fn::ImportValue": ("a value", _is_value),
    "Fn::Equals": ("two values", _is_list(2, 2)),
    "Fn::Not": ("one condition", _is_list(1, 1)),
    "Fn::And": (f"two to {_MOST_CONDITIONS} conditions", _is_list(2, _MOST_CONDITIONS)),
    "Fn::Or": (f"two to {_MOST_CONDITIONS} conditions", _is_list(2, _MOST_CONDITIONS)),
}
_NOT_PLAYED = ("Fn::Cidr", "Fn::Transform", "Fn::GetStackOutput")


def check(template: Mapping[str, Any]) -> None:
    """Look at the structure of a template whose resources are maps with a type each.

    Raises:
        TemplateInvalid: with where it is not that of a template.
    """
    problem = next(_problems(template), None)
    if problem:
        raise TemplateInvalid(problem)


def _problems(template: Mapping[str, Any]) -> Iterator[str]:
    for section in _MAPS:
        if template.get(section) is not None and not isinstance(template[section], dict):
            yield f"Template format error: [/{section}] '{section}' must be a map"
    yield from _of_declarations(template)
    for name, output in (template.get("Outputs") or {}).items():
        yield from _of_output(name, output)
    for name, resource in template["Resources"].items():
        yield from _of_resource(name, resource, template["Resources"])
    for section in ("Conditions", "Resources", "Outputs"):
        yield from _of_functions(template.get(section), f"/{section}")


def _of_declarations(template: Mapping[str, Any]) -> Iterator[str]:
    for name, parameter in (template.get("Parameters") or {}).items():
        if not isinstance(parameter, dict) or not isinstance(parameter.get("Type"), str):
            yield f"Template format error: Every Parameters object must contain a Type member: {name}"
    for name, mapping in (template.get("Mappings") or {}).items():
        if not isinstance(mapping, dict) or not all(isinstance(one, dict) for one in mapping.values()):
            yield f"Template format error: Every Mappings attribute must be a String or a List: {name} has no keys"


def _of_output(name: str, output: Any) -> Iterator[str]:
    if not isinstance(output, dict) or output.get("Value") is None:
        yield f"Template format error: Every Outputs member must contain a Value object: {name}"
    elif "Export" in output and not (isinstance(output["Export"], dict) and "Name" in output["Export"]):
        yield f"Template format error: Output {name} is malformed: its Export has no Name"
    elif "Condition" in output and not isinstance(output["Condition"], str):
        yield f"Template format error: [/Outputs/{name}/Condition] a condition's name must be a string"


def _of_resource(name: str, resource: Mapping[str, Any], resources: Mapping[str, Any]) -> Iterator[str]:
    if resource.get("Properties") is not None and not isinstance(resource["Properties"], dict):
        yield f"Template format error: [/Resources/{name}/Properties] 'Properties' must be a map"
    needed = resource.get("DependsOn") or []
    listed = [needed] if isinstance(needed, str) else needed
    if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
        yield f"Template format error: [/Resources/{name}/DependsOn] DependsOn must be a string or a list of strings"
    elif absent := sorted(set(listed) - resources.keys()):
        yield f"Template format error: {unresolved(*absent)}"
    if "Condition" in resource and not isinstance(resource["Condition"], str):
        yield f"Template format error: [/Resources/{name}/Condition] a condition's name must be a string"


def _of_functions(value: Any, place: str) -> Iterator[str]:
    if isinstance(value, list):
        for number, item in enumerate(value):
            yield from _of_functions(item, f"{place}/{number}")
    elif isinstance(value, dict):
        for key, item in value.items():
            if len(value) == 1:
                yield from _of_function(key, item, place)
            yield from _of_functions(item, f"{place}/{key}")


def _of_function(name: str, given: Any, place: str) -> Iterator[str]:
    if name == "Condition" and place.startswith("/Conditions") and not _is_name(given):
        yield f"Template error: Condition at {place} requires the name of a condition"
    if str(name) in _NOT_PLAYED or str(name).startswith("Fn::ForEach"):
        yield f"Template error: {name} at {place} does not run outside AWS"
    wants, takes = _FUNCTIONS.get(str(name), ("", lambda _: True))
    if not takes(given):
        yield f"Template error: {name} at {place} requires {wants}"
