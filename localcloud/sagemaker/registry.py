"""The model registry: package groups, versions, approval, and the events that tell of them.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateModelPackage.html and
https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from localcloud.bus import events
from localcloud.sagemaker import api_shapes, user_context
from localcloud.sagemaker.api_shapes import Context, Request, answer_page, invalid, iso, now, page

UPDATABLE = (
    "ModelApprovalStatus", "ApprovalDescription", "CustomerMetadataProperties", "InferenceSpecification", "SourceUri",
    "ModelCard", "ModelLifeCycle", "AdditionalInferenceSpecificationsToAdd", "CustomerMetadataPropertiesToRemove",
)  # fmt: skip
NOT_KEPT = ("ClientToken", "Tags", "SourceAlgorithmSpecification", "ValidationSpecification")
IN_BATCHES = (
    "ModelPackageGroupName", "ModelPackageVersion", "ModelPackageArn", "ModelPackageDescription", "CreationTime",
    "InferenceSpecification", "ModelPackageStatus", "ModelApprovalStatus", "ModelPackageRegistrationType",
)  # fmt: skip
IN_EVENTS = (
    "ModelPackageGroupName", "ModelPackageName", "ModelPackageVersion", "ModelPackageArn", "ModelPackageDescription",
    "CreationTime", "InferenceSpecification", "ModelPackageStatus", "ModelPackageStatusDetails",
    "CertifyForMarketplace", "ModelApprovalStatus", "ApprovalDescription", "MetadataProperties", "ModelMetrics",
    "CustomerMetadataProperties",
    "ModelLifeCycle", "LastModifiedTime",
)  # fmt: skip


@dataclass
class Group:
    """A package group, and the number of the last version that it gave."""

    name: str
    arn: str
    description: str | None
    created: datetime
    last: int = 0


@dataclass
class Package:
    """A model package as Describe answers it."""

    arn: str
    described: dict[str, Any]
    token: str | None = None
    removed: bool = field(default=False)


class Registry:
    """All groups and packages of this cloud."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.groups: dict[str, Group] = {}
        self.packages: dict[str, Package] = {}

    def operations(self) -> dict[str, api_shapes.Operation]:
        """The API's operations on the registry."""
        return {
            "CreateModelPackageGroup": self.create_group, "DescribeModelPackageGroup": self.describe_group,
            "ListModelPackageGroups": self.list_groups, "DeleteModelPackageGroup": self.delete_group,
            "CreateModelPackage": self.create, "DescribeModelPackage": self.describe,
            "UpdateModelPackage": self.update, "ListModelPackages": self.list_all, "DeleteModelPackage": self.delete,
            "BatchDescribeModelPackage": self.describe_several,
        }  # fmt: skip

    def has_group(self, name: str) -> bool:
        """Whether a group of this name or ARN exists."""
        return name.rpartition("/")[2] in self.groups

    def create_group(self, request: Request) -> dict[str, Any]:
        """CreateModelPackageGroup."""
        name = request["ModelPackageGroupName"]
        with self.context.lock:
            if name in self.groups:
                raise invalid(f"Model Package Group already exists: {self.groups[name].arn}")
            arn = self.context.arn("model-package-group", name)
            self.groups[name] = Group(name, arn, request.get("ModelPackageGroupDescription"), now())
            self.context.tag(arn, request.get("Tags"))
        return {"ModelPackageGroupArn": arn}

    def describe_group(self, request: Request) -> dict[str, Any]:
        """DescribeModelPackageGroup."""
        return self._group_summary(self._group(request["ModelPackageGroupName"])) | {"CreatedBy": self._who()}

    def list_groups(self, request: Request) -> dict[str, Any]:
        """ListModelPackageGroups."""
        wanted = request.get("NameContains") or ""
        found = [g for g in self.groups.values() if wanted in g.name and api_shapes.within(request, g.created)]
        by_name = request.get("SortBy") == "Name"
        items, token = page(found, request, sort=lambda g: g.name if by_name else g.created)
        return answer_page("ModelPackageGroupSummaryList", [self._group_summary(g) for g in items], token)

    def delete_group(self, request: Request) -> None:
        """DeleteModelPackageGroup; refused while it holds packages."""
        group = self._group(request["ModelPackageGroupName"])
        with self.context.lock:
            if any(p.described.get("ModelPackageGroupName") == group.name for p in self.packages.values()):
                raise api_shapes.conflict(
                    f"Model Package Group {group.arn} cannot be deleted because it still contains model packages."
                )
            del self.groups[group.name]

    def create(self, request: Request) -> dict[str, Any]:
        """CreateModelPackage: a version of a group, or a package of its own."""
        api_shapes.check("CreateModelPackage", request)
        with self.context.lock:
            token = request.get("ClientToken")
            known = next((p for p in self.packages.values() if token and p.token == token), None)
            if known is not None:
                return {"ModelPackageArn": known.arn}
            described = {name: value for name, value in request.items() if name not in NOT_KEPT}
            described |= self._named(request)
            described |= {
                "CreationTime": now(), "LastModifiedTime": now(), "CreatedBy": self._who(),
                "ModelPackageStatus": "Completed",
                "ModelPackageStatusDetails": {"ValidationStatuses": [], "ImageScanStatuses": []},
                "CertifyForMarketplace": bool(request.get("CertifyForMarketplace")),
            }  # fmt: skip
            if described.get("ModelPackageVersion"):
                described.setdefault("ModelApprovalStatus", "PendingManualApproval")
            package = Package(described["ModelPackageArn"], described, token)
            self.packages[package.arn] = package
            self.context.tag(package.arn, request.get("Tags"))
        self._tell(package, None)
        return {"ModelPackageArn": package.arn}

    def describe(self, request: Request) -> dict[str, Any]:
        """DescribeModelPackage, by ARN or name."""
        with self.context.lock:
            return dict(self._package(request["ModelPackageName"]).described)

    def describe_several(self, request: Request) -> dict[str, Any]:
        """BatchDescribeModelPackage: what is there, and an error for each ARN that names no version.

        Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_BatchDescribeModelPackage.html
        """
        with self.context.lock:
            found = {arn: self.packages.get(arn) for arn in request["ModelPackageArnList"]}
            return {
                "ModelPackageSummaries": {
                    arn: {name: package.described[name] for name in IN_BATCHES if name in package.described}
                    for arn, package in found.items()
                    if package is not None
                },
                "BatchDescribeModelPackageErrorMap": {
                    arn: {"ErrorCode": "ValidationException", "ErrorResponse": _absent(arn)}
                    for arn, package in found.items()
                    if package is None
                },
            }

    def update(self, request: Request) -> dict[str, Any]:
        """UpdateModelPackage: changes what is named and leaves the rest."""
        api_shapes.check("UpdateModelPackage", request)
        package = self._package(request["ModelPackageArn"])
        changed = [name for name in UPDATABLE if request.get(name) is not None]
        with self.context.lock:
            for name in changed:
                self._change(package.described, name, request[name])
            package.described |= {"LastModifiedTime": now(), "LastModifiedBy": self._who()}
        told = [name.removesuffix("ToAdd").removesuffix("ToRemove") for name in changed]
        self._tell(package, list(dict.fromkeys(told)))
        return {"ModelPackageArn": package.arn}

    def list_all(self, request: Request) -> dict[str, Any]:
        """ListModelPackages: by group, status and type; newest first unless asked otherwise."""
        group = request.get("ModelPackageGroupName")
        if group is not None:
            group = self._group(group).name
        kind = request.get("ModelPackageType") or ("Versioned" if group else "Unversioned")
        with self.context.lock:
            found = [p for p in self.packages.values() if self._wanted(p.described, request, group, kind)]
            by_name = request.get("SortBy") == "Name"
            items, token = page(found, request, sort=lambda p: p.arn if by_name else _order(p.described))
            names = (
                "ModelPackageName", "ModelPackageGroupName", "ModelPackageVersion", "ModelPackageArn",
                "ModelPackageDescription", "CreationTime", "ModelPackageStatus", "ModelApprovalStatus",
                "ModelLifeCycle",
            )  # fmt: skip
            summaries = [{name: p.described[name] for name in names if name in p.described} for p in items]
        return answer_page("ModelPackageSummaryList", summaries, token)

    def delete(self, request: Request) -> None:
        """DeleteModelPackage."""
        with self.context.lock:
            del self.packages[self._package(request["ModelPackageName"]).arn]

    def with_groups(self) -> list[tuple[dict[str, Any], dict[str, Any] | None]]:
        """Every package, and the group that it is a version of."""
        with self.context.lock:
            named = {group.name: self._group_summary(group) for group in self.groups.values()}
            found = [dict(package.described) for package in self.packages.values()]
            return [(package, named.get(package.get("ModelPackageGroupName", ""))) for package in found]

    def container(self, package: str) -> dict[str, Any]:
        """The first container of a package's inference specification.

        Raises:
            ValidationException: there is no such package, or it cannot serve.
        """
        specification = self._package(package).described.get("InferenceSpecification")
        if not specification or not specification.get("Containers"):
            raise invalid(f"Model package {package} has no inference specification")
        return dict(specification["Containers"][0])

    def containers(self, package: str) -> list[dict[str, Any]]:
        """All containers of a package, in the order in which they answer."""
        self.container(package)
        return [dict(entry) for entry in self._package(package).described["InferenceSpecification"]["Containers"]]

    def _named(self, request: Request) -> dict[str, Any]:
        group_name = request.get("ModelPackageGroupName")
        if group_name is None:
            if not request.get("ModelPackageName"):
                raise invalid("One of ModelPackageName and ModelPackageGroupName is required")
            name = request["ModelPackageName"]
            arn = self.context.arn("model-package", name)
            if arn in self.packages:
                raise invalid(f"Model Package already exists: {arn}")
            return {"ModelPackageName": name, "ModelPackageArn": arn}
        group = self._group(group_name)
        group.last += 1
        arn = self.context.arn("model-package", f"{group.name}/{group.last}")
        return {"ModelPackageGroupName": group.name, "ModelPackageVersion": group.last, "ModelPackageArn": arn}

    @staticmethod
    def _change(described: dict[str, Any], name: str, value: Any) -> None:
        if name == "CustomerMetadataProperties":
            described[name] = {**(described.get(name) or {}), **value}
        elif name == "CustomerMetadataPropertiesToRemove":
            kept = described.get("CustomerMetadataProperties") or {}
            described["CustomerMetadataProperties"] = {k: v for k, v in kept.items() if k not in value}
        elif name == "AdditionalInferenceSpecificationsToAdd":
            described["AdditionalInferenceSpecifications"] = [
                *described.get("AdditionalInferenceSpecifications", []),
                *value,
            ]
        else:
            described[name] = value

    def _wanted(self, described: dict[str, Any], request: Request, group: str | None, kind: str) -> bool:
        versioned = "ModelPackageVersion" in described
        return (
            (group is None or described.get("ModelPackageGroupName") == group)
            and (kind == "Both" or (kind == "Versioned") == versioned)
            and request.get("ModelApprovalStatus") in (None, described.get("ModelApprovalStatus"))
            and (request.get("NameContains") or "") in described["ModelPackageArn"].rpartition(":")[2]
            and api_shapes.within(request, described["CreationTime"])
        )

    def _group(self, name: str) -> Group:
        found = self.groups.get(name.rpartition("/")[2])
        if found is None:
            raise invalid(f"Model Package Group {name} does not exist.")
        return found

    def _group_summary(self, group: Group) -> dict[str, Any]:
        return {
            "ModelPackageGroupName": group.name, "ModelPackageGroupArn": group.arn, "CreationTime": group.created,
            "ModelPackageGroupDescription": group.description, "ModelPackageGroupStatus": "Completed",
        }  # fmt: skip

    def _package(self, name: str) -> Package:
        arn = name if name.startswith("arn:") else self.context.arn("model-package", name)
        if arn not in self.packages:
            raise invalid(_absent(arn))
        return self.packages[arn]

    def _who(self) -> dict[str, Any]:
        return user_context.user_context(self.context.cloud.account_id)

    def _tell(self, package: Package, updated: list[str] | None) -> None:
        with self.context.lock:
            detail = {name: package.described[name] for name in IN_EVENTS if package.described.get(name) is not None}
        for name in ("CreationTime", "LastModifiedTime"):
            detail[name] = iso(detail[name])
        if updated is not None:
            detail["UpdatedModelPackageFields"] = updated
        events.emit("aws.sagemaker", "SageMaker Model Package State Change", detail, [package.arn])


def _absent(arn: str) -> str:
    return f"Model Package {arn} does not exist."


def _order(described: dict[str, Any]) -> tuple[datetime, int]:
    return described["CreationTime"], described.get("ModelPackageVersion", 0)
