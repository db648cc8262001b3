"""Which permissions a call of IAM itself needs: on roles, users and policies, with the keys that bound who makes them.
Pure: of a role that is there, whoever knows it adds ``Role`` (a ``StandingRole``) to the parameters.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from localcloud.iam.permissions import Parameters, Place, RequiredPermission
from localcloud.iam.policies import Context

BOUNDARY, POLICY = "iam:PermissionsBoundary", "iam:PolicyARN"
BOUNDED = (  # operations of which the boundary of the role that is there is a key
    "AttachRolePolicy", "DetachRolePolicy", "PutRolePolicy", "DeleteRolePolicy", "DeleteRolePermissionsBoundary",
)  # fmt: skip
TAG = re.compile(r"Tags\.member\.(\d+)\.Key")


@dataclass(frozen=True)
class StandingRole:
    """What policies may ask of a role that is there."""

    arn: str
    boundary: str = ""  # ARN of a policy
    tags: Mapping[str, str] = field(default_factory=dict)


def needs(operation: str, parameters: Parameters, place: Place) -> list[RequiredPermission] | None:
    """What a call needs; None of one that names neither role, user nor policy."""
    resource = _resource(parameters, place)
    if resource is None:
        return None
    context = {**_keys(operation, parameters), **_resource_tags(parameters), **_request_tags(parameters)}
    found = [RequiredPermission(f"iam:{operation}", resource, context)]
    if operation == "CreateRole" and _tags(parameters):
        found.append(RequiredPermission("iam:TagRole", resource, {**_request_tags(parameters)}))
    return found


def of_sts(operation: str, parameters: Parameters, place: Place) -> list[RequiredPermission]:
    """Taking on a role, with tags of the session's own, too; asking who one is takes nothing.

    Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html
    """
    if operation == "GetCallerIdentity":
        return []
    role = str(parameters.get("RoleArn", "*"))
    said = {"sts:RoleSessionName": parameters.get("RoleSessionName"), "sts:ExternalId": parameters.get("ExternalId")}
    context = {key: (str(value),) for key, value in said.items() if value} | dict(_request_tags(parameters))
    tagged = [RequiredPermission("sts:TagSession", role, context)] if _tags(parameters) else []
    return [RequiredPermission(f"sts:{operation}", role, context), *tagged]


def _resource(parameters: Parameters, place: Place) -> str | None:
    if standing := parameters.get("Role"):
        return str(standing.arn)
    for parameter, kind in (("RoleName", "role"), ("UserName", "user"), ("PolicyName", "policy")):
        if name := parameters.get(parameter):
            return f"arn:aws:iam::{place.account}:{kind}{parameters.get('Path') or '/'}{name}"
    return str(parameters["PolicyArn"]) if parameters.get("PolicyArn") else None


def _keys(operation: str, parameters: Parameters) -> Context:
    """The boundary that a request sets, or that its role has, and the policy that it attaches."""
    standing = parameters.get("Role")
    boundary = standing.boundary if standing and operation in BOUNDED else parameters.get("PermissionsBoundary")
    policy = parameters.get("PolicyArn") if operation in ("AttachRolePolicy", "DetachRolePolicy") else None
    return {key: (str(value),) for key, value in ((BOUNDARY, boundary), (POLICY, policy)) if value}


def _resource_tags(parameters: Parameters) -> Context:
    standing = parameters.get("Role")
    return {
        f"{service}:ResourceTag/{name}": (value,)
        for name, value in (standing.tags.items() if standing else ())
        for service in ("aws", "iam")
    }


def _request_tags(parameters: Parameters) -> Context:
    tags = _tags(parameters)
    keys = {"aws:TagKeys": tuple(tags)} if tags else {}
    return {**{f"aws:RequestTag/{name}": (value,) for name, value in tags.items()}, **keys}


def _tags(parameters: Parameters) -> dict[str, str]:
    """The tags of a form, whose members are numbered."""
    return {
        str(name): str(parameters.get(f"Tags.member.{matched[1]}.Value", ""))
        for parameter, name in parameters.items()
        if (matched := TAG.fullmatch(parameter))
    }
