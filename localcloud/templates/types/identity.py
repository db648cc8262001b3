"""Roles and policies."""

from __future__ import annotations

from typing import Any

from localcloud.templates.resource_types import Kind, Made, Place, Properties, changed
from localcloud.templates.types.shapes import fit, picked, text


class Role(Kind):
    """Ref is the role's name."""

    type = "AWS::IAM::Role"
    properties = (
        "RoleName AssumeRolePolicyDocument ManagedPolicyArns Policies Path Description MaxSessionDuration"
        " PermissionsBoundary Tags"
    )
    required = "AssumeRolePolicyDocument"
    replaces = "RoleName Path"

    def create(self, place: Place, wanted: Properties) -> Made:
        iam = place.client("iam")
        name = wanted.get("RoleName") or place.name(64)
        values = picked(
            wanted, "AssumeRolePolicyDocument", "Path", "Description", "MaxSessionDuration", "PermissionsBoundary"
        )
        values |= {"RoleName": name, "Tags": place.tag_list(wanted.get("Tags"))}
        made = iam.create_role(**fit(iam, "create_role", values))["Role"]
        return Made(name, {"Arn": made["Arn"], "RoleId": made["RoleId"]})

    def change(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        iam, name = place.client("iam"), made.physical_id
        if changed(old, new, "AssumeRolePolicyDocument"):
            iam.update_assume_role_policy(RoleName=name, PolicyDocument=text(new["AssumeRolePolicyDocument"]))
        if changed(old, new, "Description", "MaxSessionDuration"):
            values = {"RoleName": name, "MaxSessionDuration": new.get("MaxSessionDuration", 3600)}
            iam.update_role(**fit(iam, "update_role", values | {"Description": new.get("Description", "")}))
        if changed(old, new, "PermissionsBoundary"):
            if "PermissionsBoundary" in new:
                iam.put_role_permissions_boundary(RoleName=name, PermissionsBoundary=new["PermissionsBoundary"])
            else:
                iam.delete_role_permissions_boundary(RoleName=name)
        if changed(old, new, "Tags"):
            iam.tag_role(RoleName=name, Tags=place.tag_list(new.get("Tags")))
        return made

    def stabilize(self, place: Place, made: Made, old: Properties, new: Properties) -> None:
        iam, name = place.client("iam"), made.physical_id
        before, after = set(old.get("ManagedPolicyArns") or []), set(new.get("ManagedPolicyArns") or [])
        for arn in sorted(before - after):
            iam.detach_role_policy(RoleName=name, PolicyArn=arn)
        for arn in sorted(after - before):
            iam.attach_role_policy(RoleName=name, PolicyArn=arn)
        had, has = _inline(old), _inline(new)
        for policy in sorted(set(had) - set(has)):
            iam.delete_role_policy(RoleName=name, PolicyName=policy)
        for policy, document in has.items():
            if had.get(policy) != document:
                iam.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=document)

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        iam, name = place.client("iam"), made.physical_id
        for policy in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
            iam.detach_role_policy(RoleName=name, PolicyArn=policy["PolicyArn"])
        for inline in iam.list_role_policies(RoleName=name)["PolicyNames"]:
            iam.delete_role_policy(RoleName=name, PolicyName=inline)
        iam.delete_role(RoleName=name)


def _inline(properties: Properties) -> dict[str, str]:
    return {one["PolicyName"]: text(one["PolicyDocument"]) for one in properties.get("Policies") or []}


class Policy(Kind):
    """An inline policy of roles."""

    type = "AWS::IAM::Policy"
    properties = "PolicyName PolicyDocument Roles"
    required = "PolicyName PolicyDocument"
    replaces = "PolicyName"

    def create(self, place: Place, wanted: Properties) -> Made:
        self._put(place, wanted)
        name = place.name(128)
        return Made(name, {"Id": name})

    def change(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        kept = new.get("Roles") or []
        self._drop(place, old, [role for role in old.get("Roles") or [] if role not in kept])
        self._put(place, new)
        return made

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        self._drop(place, properties, properties.get("Roles") or [])

    def _put(self, place: Place, wanted: Properties) -> None:
        for role in wanted.get("Roles") or []:
            place.client("iam").put_role_policy(
                RoleName=role, PolicyName=wanted["PolicyName"], PolicyDocument=text(wanted["PolicyDocument"])
            )

    def _drop(self, place: Place, wanted: Properties, roles: list[str]) -> None:
        for role in roles:
            place.client("iam").delete_role_policy(RoleName=role, PolicyName=wanted["PolicyName"])


class RolePolicy(Kind):
    """One inline policy of one role."""

    type = "AWS::IAM::RolePolicy"
    properties = "PolicyName PolicyDocument RoleName"
    required = "PolicyName RoleName"
    replaces = "PolicyName RoleName"

    def create(self, place: Place, wanted: Properties) -> Made:
        place.client("iam").put_role_policy(
            RoleName=wanted["RoleName"],
            PolicyName=wanted["PolicyName"],
            PolicyDocument=text(wanted.get("PolicyDocument", {})),
        )
        return Made(f"{wanted['PolicyName']}|{wanted['RoleName']}")

    def change(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        return self.create(place, new)

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        place.client("iam").delete_role_policy(**picked(properties, "RoleName", "PolicyName"))


class ManagedPolicy(Kind):
    """Ref is the policy's ARN."""

    type = "AWS::IAM::ManagedPolicy"
    properties = "ManagedPolicyName PolicyDocument Description Path Roles"
    required = "PolicyDocument"
    replaces = "ManagedPolicyName Description Path"

    def create(self, place: Place, wanted: Properties) -> Made:
        iam = place.client("iam")
        name = wanted.get("ManagedPolicyName") or place.name(128)
        values = {"PolicyName": name, **picked(wanted, "PolicyDocument", "Description", "Path")}
        arn = iam.create_policy(**fit(iam, "create_policy", values))["Policy"]["Arn"]
        return Made(arn, {"PolicyArn": arn})

    def change(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        iam, arn = place.client("iam"), made.physical_id
        if changed(old, new, "PolicyDocument"):
            _drop_old_versions(iam, arn)
            iam.create_policy_version(PolicyArn=arn, PolicyDocument=text(new["PolicyDocument"]), SetAsDefault=True)
        return made

    def stabilize(self, place: Place, made: Made, old: Properties, new: Properties) -> None:
        iam, before, after = place.client("iam"), set(old.get("Roles") or []), set(new.get("Roles") or [])
        for role in sorted(before - after):
            iam.detach_role_policy(RoleName=role, PolicyArn=made.physical_id)
        for role in sorted(after - before):
            iam.attach_role_policy(RoleName=role, PolicyArn=made.physical_id)

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        iam, arn = place.client("iam"), made.physical_id
        for role in iam.list_entities_for_policy(PolicyArn=arn)["PolicyRoles"]:
            iam.detach_role_policy(RoleName=role["RoleName"], PolicyArn=arn)
        _drop_old_versions(iam, arn)
        iam.delete_policy(PolicyArn=arn)


def _drop_old_versions(iam: Any, arn: str) -> None:
    for version in iam.list_policy_versions(PolicyArn=arn)["Versions"]:
        if not version["IsDefaultVersion"]:
            iam.delete_policy_version(PolicyArn=arn, VersionId=version["VersionId"])


class InstanceProfile(Kind):
    """Ref is the profile's name."""

    type = "AWS::IAM::InstanceProfile"
    properties = "InstanceProfileName Path Roles"
    required = "Roles"
    replaces = "InstanceProfileName Path"

    def create(self, place: Place, wanted: Properties) -> Made:
        name = wanted.get("InstanceProfileName") or place.name(128)
        made = place.client("iam").create_instance_profile(InstanceProfileName=name, **picked(wanted, "Path"))
        return Made(name, {"Arn": made["InstanceProfile"]["Arn"]})

    def stabilize(self, place: Place, made: Made, old: Properties, new: Properties) -> None:
        iam = place.client("iam")
        for role in set(old.get("Roles") or []) - set(new["Roles"]):
            iam.remove_role_from_instance_profile(InstanceProfileName=made.physical_id, RoleName=role)
        for role in set(new["Roles"]) - set(old.get("Roles") or []):
            iam.add_role_to_instance_profile(InstanceProfileName=made.physical_id, RoleName=role)

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        iam = place.client("iam")
        for role in properties.get("Roles") or []:
            iam.remove_role_from_instance_profile(InstanceProfileName=made.physical_id, RoleName=role)
        iam.delete_instance_profile(InstanceProfileName=made.physical_id)
