"""Stacks as CloudFormation's Describe and List operations show them. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from localcloud.templates.changes import Change, Resource, capabilities
from localcloud.templates.errors import TemplateInvalid
from localcloud.templates.language.document import Template, transforms
from localcloud.templates.language.parameters import MASKED
from localcloud.templates.stacks import ChangeSet, Event, Request, Stack

PAGE = 100


def stack(of: Stack) -> dict[str, Any]:
    """One entry of DescribeStacks."""
    request = of.request
    answer: dict[str, Any] = {
        "StackId": of.id,
        "StackName": of.name,
        "ChangeSetId": of.change_set_id,
        "CreationTime": of.created,
        "LastUpdatedTime": of.updated,
        "DeletionTime": of.deleted,
        "StackStatus": of.status,
        "StackStatusReason": of.reason,
        "DisableRollback": bool(request and request.disable_rollback),
        "NotificationARNs": [],
        "EnableTerminationProtection": False,
        "DriftInformation": {"StackDriftStatus": "NOT_CHECKED"},
        "RollbackConfiguration": {},
        "Outputs": [
            {"OutputKey": one.key, "OutputValue": one.value, "Description": one.description, "ExportName": one.export}
            for one in of.outputs
        ],
        "Tags": [],
        "Parameters": [],
        "Capabilities": [],
    }
    if request:
        answer |= {
            "Description": request.template.get("Description"),
            "Parameters": _parameters(request),
            "Tags": [{"Key": key, "Value": value} for key, value in request.tags.items()],
            "Capabilities": list(request.capabilities),
            "RoleARN": request.role_arn,
        }
    return _present(answer)


def _present(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}


def _parameters(request: Request) -> list[dict[str, Any]]:
    declared = request.template.get("Parameters", {})
    return [
        {"ParameterKey": key, "ParameterValue": MASKED if declared.get(key, {}).get("NoEcho") else value}
        for key, value in request.stated.items()
    ]


def stacks(all_stacks: list[Stack], asked: Mapping[str, Any]) -> dict[str, Any]:
    """ListStacks."""
    wanted = asked.get("StackStatusFilter") or []
    shown = [stack(one) for one in all_stacks if not wanted or one.status in wanted]
    shown = [one | ({"TemplateDescription": one["Description"]} if "Description" in one else {}) for one in shown]
    keys = (
        "TemplateDescription",
        "StackId",
        "StackName",
        "CreationTime",
        "LastUpdatedTime",
        "DeletionTime",
        "StackStatus",
        "StackStatusReason",
        "DriftInformation",
    )
    return {"StackSummaries": [{key: one[key] for key in keys if key in one} for one in shown]}


def change_set(of: Stack, found: ChangeSet) -> dict[str, Any]:
    """DescribeChangeSet."""
    return _present(
        {
            "ChangeSetName": found.name,
            "ChangeSetId": found.id,
            "StackId": of.id,
            "StackName": of.name,
            "Description": found.description,
            "Parameters": _parameters(found.request),
            "CreationTime": found.created,
            "ExecutionStatus": found.execution,
            "Status": found.status,
            "StatusReason": found.reason,
            "Capabilities": list(found.request.capabilities),
            "Tags": [{"Key": key, "Value": value} for key, value in found.request.tags.items()],
            "NotificationARNs": [],
            "RollbackConfiguration": {},
            "IncludeNestedStacks": False,
            "Changes": [{"Type": "Resource", "ResourceChange": _change(one)} for one in found.changes],
        }
    )


def _change(of: Change) -> dict[str, Any]:
    shown = {
        "Action": of.action.value,
        "LogicalResourceId": of.logical_id,
        "PhysicalResourceId": of.physical_id,
        "ResourceType": of.type,
        "Scope": ["Properties"] if of.properties else [],
        "Details": [{"Target": {"Attribute": "Properties", "Name": name}} for name in of.properties],
    }
    if of.action == "Modify":
        shown["Replacement"] = "True" if of.replacement else "False"
    return _present(shown)


def change_sets(of: Stack, asked: Mapping[str, Any]) -> dict[str, Any]:
    """ListChangeSets."""
    del asked
    shown = [change_set(of, one) for one in of.change_sets.values()]
    hidden = ("Changes", "Parameters", "Capabilities", "Tags", "NotificationARNs", "RollbackConfiguration")
    return {"Summaries": [{key: value for key, value in one.items() if key not in hidden} for one in shown]}


def events(of: Stack, asked: Mapping[str, Any]) -> dict[str, Any]:
    """DescribeStackEvents, newest first, in pages."""
    start = int(asked.get("NextToken") or 0)
    newest = list(reversed(of.events))
    shown = [_event(of, one) for one in newest[start : start + PAGE]]
    more = start + PAGE < len(newest)
    return {"StackEvents": shown} | ({"NextToken": str(start + PAGE)} if more else {})


def _event(of: Stack, one: Event) -> dict[str, Any]:
    return _present(
        {
            "StackId": of.id,
            "EventId": one.id,
            "StackName": of.name,
            "LogicalResourceId": one.logical_id,
            "PhysicalResourceId": one.physical_id,
            "ResourceType": one.type,
            "Timestamp": one.at,
            "ResourceStatus": one.status,
            "ResourceStatusReason": one.reason,
        }
    )


def _resource(of: Stack, one: Resource) -> dict[str, Any]:
    return _present(
        {
            "StackName": of.name,
            "StackId": of.id,
            "LogicalResourceId": one.logical_id,
            "PhysicalResourceId": one.made.physical_id,
            "ResourceType": one.type,
            "Timestamp": one.stamp,
            "ResourceStatus": one.status,
            "ResourceStatusReason": one.reason,
            "DriftInformation": {"StackResourceDriftStatus": "NOT_CHECKED"},
        }
    )


def resources(of: Stack, asked: Mapping[str, Any]) -> dict[str, Any]:
    """DescribeStackResources."""
    wanted = asked.get("LogicalResourceId")
    return {"StackResources": [_resource(of, one) for name, one in of.resources.items() if wanted in (None, name)]}


def resource(of: Stack, asked: Mapping[str, Any]) -> dict[str, Any]:
    """DescribeStackResource."""
    name = asked["LogicalResourceId"]
    if name not in of.resources:
        raise TemplateInvalid(f"Resource {name} does not exist for stack {of.name}")
    shown = _resource(of, of.resources[name])
    return {"StackResourceDetail": shown | {"LastUpdatedTimestamp": shown["Timestamp"]}}


def resource_list(of: Stack, asked: Mapping[str, Any]) -> dict[str, Any]:
    """ListStackResources."""
    del asked
    shown = [_resource(of, one) for one in of.resources.values()]
    hidden = ("StackName", "StackId", "Timestamp")
    return {
        "StackResourceSummaries": [
            {key: value for key, value in one.items() if key not in hidden} | {"LastUpdatedTimestamp": one["Timestamp"]}
            for one in shown
        ]
    }


def template(of: Stack, stage: str) -> dict[str, Any]:
    """GetTemplate: the text as given, or what the transforms made of it."""
    request = of.request
    if request is None:
        return {"TemplateBody": "", "StagesAvailable": ["Original"]}
    body = request.original if stage == "Original" else json.dumps(request.template)
    return {"TemplateBody": body, "StagesAvailable": ["Original", "Processed"]}


def validated(of: Template) -> dict[str, Any]:
    """ValidateTemplate."""
    shown = summary(of)
    parameters = [
        {key: one[key] for key in ("ParameterKey", "DefaultValue", "NoEcho", "Description") if key in one}
        for one in shown["Parameters"]
    ]
    return {
        key: value
        for key, value in shown.items()
        if key in ("Description", "Capabilities", "CapabilitiesReason", "DeclaredTransforms")
    } | {"Parameters": parameters}


def summary(of: Template) -> dict[str, Any]:
    """GetTemplateSummary."""
    parameters = [
        _present(
            {
                "ParameterKey": key,
                "DefaultValue": str(spec["Default"]) if "Default" in spec else None,
                "ParameterType": spec.get("Type", "String"),
                "NoEcho": bool(spec.get("NoEcho")),
                "Description": spec.get("Description"),
                "ParameterConstraints": {"AllowedValues": [str(value) for value in spec.get("AllowedValues", [])]},
            }
        )
        for key, spec in of.get("Parameters", {}).items()
    ]
    needed = sorted(capabilities(of))
    return _present(
        {
            "Parameters": parameters,
            "Description": of.get("Description"),
            "Capabilities": needed,
            "CapabilitiesReason": "The template makes IAM resources" if needed else None,
            "ResourceTypes": sorted({spec["Type"] for spec in of["Resources"].values()}),
            "Version": str(of["AWSTemplateFormatVersion"]) if "AWSTemplateFormatVersion" in of else None,
            "DeclaredTransforms": transforms(of),
        }
    )


def exports(found: Mapping[str, tuple[str, Stack]]) -> dict[str, Any]:
    """ListExports."""
    return {
        "Exports": [
            {"ExportingStackId": owner.id, "Name": name, "Value": value} for name, (value, owner) in found.items()
        ]
    }
