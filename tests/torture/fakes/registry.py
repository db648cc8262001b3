"""SageMaker's model registry in memory: versions, their approval, and the events that tell of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.torture.agenda import Agenda
from tests.torture.fakes.resources import STACK, Emit, arn, invalid
from tests.torture.faults import refusal

EVENT = "SageMaker Model Package State Change"


class Registry:
    """All model packages by ARN."""

    def __init__(self, agenda: Agenda, emit: Emit) -> None:
        self._agenda, self._emit = agenda, emit
        self.packages: dict[str, dict[str, Any]] = {}
        self.person = STACK  # whoever changes a version now, as IAM knows them; else a function of the stack
        self._last: dict[str, int] = {}
        self.by_themselves: dict[str, datetime] = {}  # when a version (ARN) was approved as its model file says
        self.changed: dict[str, datetime] = {}  # when the approval status of a version (ARN) became another

    def register(self, group: str, artifacts: list[str], execution: str) -> str:
        """CreateModelPackage, as a pipeline's step calls it; the ARN."""
        version = self._last[group] = self._last.get(group, 0) + 1
        name = arn("model-package", f"{group}/{version}")
        containers = [{"Image": "image", "ModelDataUrl": artifact} for artifact in artifacts]
        self.packages[name] = {
            "ModelPackageArn": name, "ModelPackageGroupName": group, "ModelPackageVersion": version,
            "ModelApprovalStatus": "PendingManualApproval", "ModelPackageStatus": "Completed",
            "InferenceSpecification": {"Containers": containers}, "CreationTime": self._agenda.at,
            "MetadataProperties": {"GeneratedBy": execution},
        }  # fmt: skip
        self._tell(name, None)
        return name

    def of_group(self, group: str) -> list[dict[str, Any]]:
        """A group's versions, newest first."""
        return [package for package in self.packages.values() if package["ModelPackageGroupName"] == group][::-1]

    def _tell(self, name: str, fields: list[str] | None) -> None:
        package = self.packages[name]
        names = ("ModelPackageGroupName", "ModelPackageVersion", "ModelPackageArn", "ModelApprovalStatus")
        detail = {name: package[name] for name in names}
        self._emit("aws.sagemaker", EVENT, detail | ({"UpdatedModelPackageFields": fields} if fields else {}))

    def describe_model_package(self, *, ModelPackageName: str) -> dict[str, Any]:
        """DescribeModelPackage."""
        if ModelPackageName not in self.packages:
            raise invalid(f"ModelPackage {ModelPackageName} does not exist.")
        return dict(self.packages[ModelPackageName])

    def update_model_package(self, *, ModelPackageArn: str, **changes: Any) -> dict[str, Any]:
        """UpdateModelPackage."""
        if ModelPackageArn not in self.packages:
            raise invalid(f"ModelPackage {ModelPackageArn} does not exist.")
        before = self.packages[ModelPackageArn]["ModelApprovalStatus"]
        if changes.get("ModelApprovalStatus", before) != before:
            self.changed[ModelPackageArn] = self._agenda.at
        if "automatically" in changes.get("ApprovalDescription", ""):
            self.by_themselves[ModelPackageArn] = self._agenda.at
        who = {"IamIdentity": {"Arn": f"arn:aws:sts::123456789012:assumed-role/reviewer/{self.person}"}}
        self.packages[ModelPackageArn] |= changes | {"LastModifiedTime": self._agenda.at, "LastModifiedBy": who}
        self._tell(ModelPackageArn, sorted(changes))
        return {"ModelPackageArn": ModelPackageArn}

    def delete_model_package(self, *, ModelPackageName: str) -> None:
        """DeleteModelPackage."""
        if self.packages.pop(ModelPackageName, None) is None:
            raise invalid(f"ModelPackage {ModelPackageName} does not exist.")

    def list_model_packages(
        self, *, ModelPackageGroupName: str, ModelApprovalStatus: str = "", **_: Any
    ) -> dict[str, Any]:
        """ListModelPackages."""
        if not ModelPackageGroupName.startswith("retrain--"):
            raise refusal("ValidationException", f"ModelPackageGroup {ModelPackageGroupName} does not exist")
        found = [
            p for p in self.of_group(ModelPackageGroupName) if ModelApprovalStatus in ("", p["ModelApprovalStatus"])
        ]
        return {"ModelPackageSummaryList": [dict(package) for package in found]}
