"""CloudFormation's intrinsic functions over plain data: give it what the names mean, get the resolved value. Pure.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from localcloud.templates.errors import TemplateInvalid, unresolved
from localcloud.templates.language.document import Template

NO_VALUE = object()  # AWS::NoValue: the property is taken away
_VARIABLE = re.compile(r"\$\{([^!}][^}]*)\}")
_LITERAL = re.compile(r"\$\{!([^}]*)\}")
_DYNAMIC = re.compile(r"\{\{resolve:([a-z-]+):([^}]+)\}\}")


@dataclass(frozen=True)
class Unknown:
    """A value that only execution can tell (an attribute of a resource that is not made yet). Equal to nothing else."""

    what: str

    def __str__(self) -> str:
        return f"{{{{changeSet:KNOWN_AFTER_APPLY:{self.what}}}}}"


@dataclass
class Scope:
    """What names mean. ``ref`` and ``attribute`` answer for resources; parameters and pseudo parameters are plain."""

    parameters: Mapping[str, Any]
    pseudo: Mapping[str, Any]
    template: Template
    ref: Callable[[str], Any]
    attribute: Callable[[str, str], Any]
    imported: Callable[[str], Any] = lambda name: _no_export(name)
    dynamic: Callable[[str, str], str] = lambda service, key: f"{{{{resolve:{service}:{key}}}}}"
    located: Callable[[str], str] = str  # a text that was put together, with the addresses that hold here
    _conditions: dict[str, bool] = field(default_factory=dict)
    _looked_at: set[str] = field(default_factory=set)

    def named(self, name: str) -> Any:
        """What ``Ref`` answers."""
        if name == "AWS::NoValue":
            return NO_VALUE
        for known in (self.pseudo, self.parameters):
            if name in known:
                return known[name]
        if name in self.template.get("Resources", {}):
            return self.ref(name)
        raise TemplateInvalid(f"Template format error: {unresolved(name)}")

    def holds(self, name: str) -> bool:
        """Whether the condition ``name`` is true."""
        conditions = self.template.get("Conditions", {})
        if name not in conditions:
            raise TemplateInvalid(f"Template format error: Unresolved condition [{name}]")
        if name in self._looked_at:
            raise TemplateInvalid(f"Template format error: Circular dependencies between conditions: [{name}]")
        if name not in self._conditions:
            self._looked_at.add(name)
            self._conditions[name] = bool(_condition(conditions[name], self))
            self._looked_at.discard(name)
        return self._conditions[name]


def _no_export(name: str) -> Any:
    raise TemplateInvalid(f"No export named {name} found.")


def resolve(value: Any, scope: Scope) -> Any:
    """``value`` with every intrinsic function replaced by what it stands for."""
    if isinstance(value, list):
        found = [resolve(item, scope) for item in value]
        return [item for item in found if item is not NO_VALUE]
    if isinstance(value, str):
        return _DYNAMIC.sub(lambda match: scope.dynamic(match[1], match[2]), value)
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        (name, argument), *_ = value.items()
        if name in _FUNCTIONS:
            return _called(name, argument, scope)
    resolved = {key: resolve(item, scope) for key, item in value.items()}
    return {key: item for key, item in resolved.items() if item is not NO_VALUE}


def _called(name: str, argument: Any, scope: Scope) -> Any:
    """What a function makes of its argument; what that stands for may be of a kind that it does not take."""
    try:
        return _FUNCTIONS[name](argument, scope)
    except (TypeError, ValueError, LookupError, AttributeError) as error:
        shown = json.dumps(argument, default=str)[:100]
        raise TemplateInvalid(f"Template error: {name} cannot take {shown}: {error}") from error


def references(value: Any) -> set[str]:
    """Every name that ``value`` refers to, by Ref, Fn::GetAtt or Fn::Sub (parameters and pseudo parameters too)."""
    if isinstance(value, list):
        return set().union(*(references(item) for item in value)) if value else set()
    if not isinstance(value, dict):
        return set()
    found: set[str] = set()
    for key, item in value.items():
        if key == "Ref" and isinstance(item, str):
            found.add(item)
        elif key == "Fn::GetAtt":
            found.add(_attribute_of(item)[0])
        elif key == "Fn::Sub":
            found |= _substituted(item)
        else:
            found |= references(item)
    return found


def _substituted(argument: Any) -> set[str]:
    text, own = argument if isinstance(argument, list) else (argument, {})
    names = {name.strip().split(".", 1)[0] for name in _VARIABLE.findall(text) if name.strip() not in own}
    return names | references(own)


def _attribute_of(argument: Any) -> tuple[str, str]:
    if isinstance(argument, str):
        argument = argument.split(".", 1)
    if not isinstance(argument, list) or len(argument) != 2:
        raise TemplateInvalid(
            "Template error: every Fn::GetAtt object requires two non-empty parameters, "
            "the resource name and the resource attribute"
        )
    return str(argument[0]), argument[1]


def _get_att(argument: Any, scope: Scope) -> Any:
    name, attribute = _attribute_of(argument)
    if name not in scope.template.get("Resources", {}):
        raise TemplateInvalid(f"Template error: instance of Fn::GetAtt references undefined resource {name}")
    return scope.attribute(name, str(resolve(attribute, scope)))


def _sub(argument: Any, scope: Scope) -> Any:
    text, own = argument if isinstance(argument, list) else (argument, {})
    values = {key: resolve(item, scope) for key, item in own.items()}

    def found(match: re.Match[str]) -> str:
        name = match[1].strip()
        if name in values:
            return _text(values[name])
        if "." in name:
            return _text(_get_att(name.split(".", 1), scope))
        return _text(scope.named(name))

    return resolve(scope.located(_LITERAL.sub(r"${\1}", _VARIABLE.sub(found, text))), scope)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ",".join(_text(item) for item in value)
    return str(value)


def _join(argument: Any, scope: Scope) -> Any:
    glue, parts = argument[0], resolve(argument[1], scope)
    return parts if isinstance(parts, Unknown) else scope.located(glue.join(_text(part) for part in parts))


def _split(argument: Any, scope: Scope) -> Any:
    text = resolve(argument[1], scope)
    return text if isinstance(text, Unknown) else str(text).split(argument[0])


def _select(argument: Any, scope: Scope) -> Any:
    index, choices = int(resolve(argument[0], scope)), resolve(argument[1], scope)
    if isinstance(choices, Unknown):
        return choices
    if not 0 <= index < len(choices):
        raise TemplateInvalid(f"Template error: Fn::Select cannot select nonexistent value at index {index}")
    return choices[index]


def _if(argument: Any, scope: Scope) -> Any:
    name, yes, no = argument
    return resolve(yes if scope.holds(name) else no, scope)


def _find_in_map(argument: Any, scope: Scope) -> Any:
    place: Any = scope.template.get("Mappings", {})
    path = [resolve(key, scope) for key in argument[:3]]
    for key in path:
        if not isinstance(place, dict) or key not in place:
            if len(argument) > 3 and "DefaultValue" in argument[3]:
                return resolve(argument[3]["DefaultValue"], scope)
            raise TemplateInvalid(f"Template error: Unable to get mapping for {'::'.join(map(str, path))}")
        place = place[key]
    return place


def _base64(argument: Any, scope: Scope) -> str:
    return base64.b64encode(_text(resolve(argument, scope)).encode()).decode()


def _zones(argument: Any, scope: Scope) -> list[str]:
    region = resolve(argument, scope) or scope.pseudo["AWS::Region"]
    return [f"{region}{letter}" for letter in "abc"]


def _condition(value: Any, scope: Scope) -> Any:
    """A condition's value; ``{"Condition": name}`` means a condition only inside conditions."""
    if isinstance(value, dict) and set(value) == {"Condition"}:
        return scope.holds(value["Condition"])
    return resolve(value, scope)


def _equals(argument: Any, scope: Scope) -> bool:
    left, right = (_text(_condition(side, scope)) for side in argument)
    return left == right


_FUNCTIONS: dict[str, Callable[[Any, Scope], Any]] = {
    "Ref": lambda argument, scope: scope.named(str(argument)),
    "Fn::GetAtt": _get_att,
    "Fn::Sub": _sub,
    "Fn::Join": _join,
    "Fn::Split": _split,
    "Fn::Select": _select,
    "Fn::If": _if,
    "Fn::FindInMap": _find_in_map,
    "Fn::Base64": _base64,
    "Fn::GetAZs": _zones,
    "Fn::ImportValue": lambda argument, scope: scope.imported(_text(resolve(argument, scope))),
    "Fn::ToJsonString": lambda argument, scope: json.dumps(resolve(argument, scope)),
    "Fn::Length": lambda argument, scope: len(resolve(argument, scope)),
    "Fn::Equals": _equals,
    "Fn::Not": lambda argument, scope: not _condition(argument[0], scope),
    "Fn::And": lambda argument, scope: all(_condition(item, scope) for item in argument),
    "Fn::Or": lambda argument, scope: any(_condition(item, scope) for item in argument),
}
