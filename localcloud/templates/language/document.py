"""A template's text as plain data: YAML with CloudFormation's tags, or JSON. Pure."""

from __future__ import annotations

import json
from typing import Any

import yaml

from localcloud.templates.errors import TemplateInvalid
from localcloud.templates.language import structure

Template = dict[str, Any]

_SHORT = {"Ref": "Ref", "Condition": "Condition"}  # every other tag !X is Fn::X
_SECTIONS = frozenset(
    [
        "AWSTemplateFormatVersion",
        "Description",
        "Metadata",
        "Parameters",
        "Rules",
        "Mappings",
        "Conditions",
        "Transform",
        "Resources",
        "Outputs",
        "Globals",
        "Hooks",
    ]
)
_RESOURCE_KEYS = frozenset(
    [
        "Type",
        "Properties",
        "DependsOn",
        "Condition",
        "Metadata",
        "DeletionPolicy",
        "UpdateReplacePolicy",
        "CreationPolicy",
        "UpdatePolicy",
        "Connectors",
        "IgnoreGlobals",
    ]
)


class _Loader(yaml.SafeLoader):
    """SafeLoader plus tags; dates stay text (``Version: 2012-10-17`` is a string to CloudFormation)."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _tagged(loader: Any, suffix: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
        if suffix == "GetAtt":
            value = value.split(".", 1)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    return {_SHORT.get(suffix, f"Fn::{suffix}"): value}


_Loader.add_multi_constructor("!", _tagged)


def parse(text: str) -> Template:
    """A template's text as a dict.

    Raises:
        TemplateInvalid: it is neither YAML nor JSON, or not shaped like a template.
    """
    try:
        found = json.loads(text) if text.lstrip().startswith("{") else yaml.load(text, Loader=_Loader)  # noqa: S506
    except (yaml.YAMLError, ValueError) as error:
        raise TemplateInvalid(f"Template format error: YAML not well-formed. {' '.join(str(error).split())}") from error
    if not isinstance(found, dict):
        raise TemplateInvalid("Template format error: unsupported structure.")
    _check(found)
    return found


def _check(template: Template) -> None:
    unknown = sorted(set(template) - _SECTIONS)
    if unknown:
        raise TemplateInvalid(f"Invalid template property or properties [{', '.join(unknown)}]")
    if template.get("Rules"):  # which would refuse parameters that then go unrefused
        raise TemplateInvalid("Rules do not run outside AWS: state what parameters may be in AllowedValues or patterns")
    resources = template.get("Resources")
    if not isinstance(resources, dict) or not resources:
        raise TemplateInvalid("Template format error: At least one Resources member must be defined.")
    for name, resource in resources.items():
        _check_resource(str(name), resource)
    structure.check(template)


def _check_resource(name: str, resource: Any) -> None:
    if not str(name).isalnum():
        raise TemplateInvalid(f"Template format error: Resource name {name} is non alphanumeric.")
    if not isinstance(resource, dict) or not isinstance(resource.get("Type"), str):
        raise TemplateInvalid(f"Template format error: [/Resources/{name}] Every resource must have a Type member.")
    unknown = sorted(set(resource) - _RESOURCE_KEYS)
    if unknown:
        raise TemplateInvalid(
            f"Invalid template resource property '{unknown[0]}' of resource {name} ({resource['Type']})"
        )


def transforms(template: Template) -> list[str]:
    """The macros that a template names."""
    named = template.get("Transform", [])
    return [str(name) for name in (named if isinstance(named, list) else [named])]
