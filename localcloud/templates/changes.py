"""What has to be done, and in which order: dependencies between resources, and old against new. Pure."""

from __future__ import annotations

import graphlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from localcloud.templates.errors import TemplateInvalid
from localcloud.templates.language.document import Template
from localcloud.templates.language.intrinsics import Scope, Unknown, references, resolve
from localcloud.templates.resource_types import Made, kind_of, known


class Action(StrEnum):
    """What happens to one resource, in CloudFormation's words."""

    ADD = "Add"
    MODIFY = "Modify"
    REMOVE = "Remove"


@dataclass(frozen=True)
class Change:
    """One line of a change set. ``replacement`` tells whether Modify makes a new resource."""

    action: Action
    logical_id: str
    type: str
    physical_id: str | None = None
    replacement: bool = False
    properties: tuple[str, ...] = ()


@dataclass
class Resource:
    """A resource that exists in a stack, with the values it was made from."""

    logical_id: str
    type: str
    made: Made
    properties: dict[str, Any]
    retain: bool = False
    status: str = "CREATE_COMPLETE"
    reason: str | None = None
    stamp: Any = None
    depends_on: set[str] = field(default_factory=set)


def wanted(template: Template, scope: Scope) -> list[str]:
    """The logical ids whose condition holds, each after everything that it refers to.

    Raises:
        TemplateInvalid: unknown types, a cycle, or a reference to a resource that is not made.
    """
    resources = template["Resources"]
    there = [name for name, spec in resources.items() if "Condition" not in spec or scope.holds(spec["Condition"])]
    unknown = [f"{resources[name]['Type']} ({name})" for name in there if not kind_of(resources[name]["Type"])]
    if unknown:
        raise TemplateInvalid(
            f"Template format error: Unrecognized resource types: [{', '.join(unknown)}]. The local cloud does not "
            "make these: take them out of the template, or put them behind a condition."
        )
    graph = {name: dependencies(resources[name], set(there)) for name in there}
    try:
        return list(graphlib.TopologicalSorter(graph).static_order())
    except graphlib.CycleError as error:
        names = ", ".join(dict.fromkeys(error.args[1]))
        raise TemplateInvalid(f"Circular dependency between resources: [{names}]") from error


def dependencies(spec: Mapping[str, Any], among: set[str]) -> set[str]:
    """The resources that must be there before this one."""
    stated = spec.get("DependsOn", [])
    return (references(spec.get("Properties", {})) | set([stated] if isinstance(stated, str) else stated)) & among


def plan(
    template: Template,
    there: Mapping[str, Resource],
    scope_with: Callable[[Callable[[str], Any], Callable[[str, str], Any]], Scope],
) -> list[Change]:
    """The change set from what is there to ``template``. Values that only execution can tell count as changed."""
    moved: set[str] = set()

    def ref(name: str) -> Any:
        return there[name].made.physical_id if name in there and name not in moved else Unknown(name)

    def attribute(name: str, key: str) -> Any:
        known = name in there and name not in moved and key in there[name].made.attributes
        return there[name].made.attributes[key] if known else Unknown(f"{name}.{key}")

    scope = scope_with(ref, attribute)
    changes: list[Change] = []
    refused: list[str] = []
    names = wanted(template, scope)
    for name in names:
        spec = template["Resources"][name]
        properties = resolve(spec.get("Properties", {}), scope)
        change = _change(name, spec["Type"], properties, there.get(name))
        if change:
            changes.append(change)
            refused += [f"{name}: {why}"] if (why := known(spec["Type"]).unplayed(properties)) else []
        if change and (change.action is Action.ADD or change.replacement):
            moved.add(name)
    if refused:
        raise TemplateInvalid(f"The local cloud does not make these resources: {'; '.join(refused)}")
    gone = [there[name] for name in there if name not in names]
    return changes + [Change(Action.REMOVE, old.logical_id, old.type, old.made.physical_id) for old in reversed(gone)]


def _change(name: str, kind: str, properties: dict[str, Any], old: Resource | None) -> Change | None:
    if old is None:
        return Change(Action.ADD, name, kind)
    if old.type != kind:
        raise TemplateInvalid(
            f"Update of resource type is not permitted. The new template modifies resource type of "
            f"the following resources: [{name}]"
        )
    if old.properties == properties:
        return None
    keys = sorted({*old.properties, *properties})
    differing = tuple(key for key in keys if old.properties.get(key) != properties.get(key))
    replacement = known(kind).must_replace(old.properties, properties)
    return Change(Action.MODIFY, name, kind, old.made.physical_id, replacement, differing)


def capabilities(template: Template) -> set[str]:
    """What the caller must say yes to.

    Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html
    """
    named = {
        "AWS::IAM::Role": "RoleName",
        "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
        "AWS::IAM::InstanceProfile": "InstanceProfileName",
    }
    found = [spec for spec in template["Resources"].values() if spec["Type"].startswith("AWS::IAM::")]
    if any(named.get(spec["Type"]) in spec.get("Properties", {}) for spec in found):
        return {"CAPABILITY_NAMED_IAM"}
    return {"CAPABILITY_IAM"} if found else set()
