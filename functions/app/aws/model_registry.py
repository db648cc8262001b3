"""The model registry, whose approval status is the only truth."""

from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from app.aws.clients import calling, client
from app.decide.rules import Approval, iso
from app.errors import UnknownVersion

CONTAINER = ("Image", "ModelDataUrl", "Environment")  # what CreateModel takes of a package's container


class Package(NamedTuple):
    """One version of a model."""

    arn: str
    group: str
    version: int
    status: Approval
    reason: str  # of the last decision
    by: str  # who changed it last, as IAM says
    changed_at: str  # ISO
    containers: tuple[dict[str, Any], ...]  # what CONTAINER names of each, in the order in which they answer


def package(arn: str) -> Package:
    """A version as it is now.

    Raises:
        UnknownVersion: there is none, or it has no container.
    """
    try:
        with calling("ValidationException", "ResourceNotFound"):
            found = client("sagemaker").describe_model_package(ModelPackageName=arn)
        containers = found["InferenceSpecification"]["Containers"]
    except (ClientError, KeyError) as error:
        raise UnknownVersion(f"the registry has no deployable {arn}") from error
    return Package(
        arn=found["ModelPackageArn"],
        group=found["ModelPackageGroupName"],
        version=found["ModelPackageVersion"],
        status=Approval(found["ModelApprovalStatus"]),
        reason=found.get("ApprovalDescription", ""),
        by=_person(found.get("LastModifiedBy", {})),
        changed_at=iso(found.get("LastModifiedTime") or found["CreationTime"]),
        containers=tuple({name: one[name] for name in CONTAINER if one.get(name)} for one in containers),
    )


def _person(found: dict[str, Any]) -> str:
    """The name of a principal. Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UserContext.html"""
    arn = found.get("IamIdentity", {}).get("Arn", "")
    return str(found.get("UserProfileName") or arn.replace(":", "/").rsplit("/", 1)[-1])


def decide(arn: str, status: Approval, reason: str) -> None:
    """Set status and reason in one call.

    Raises:
        UnknownVersion: there is no such version.
    """
    description = {"ApprovalDescription": reason[:1024]} if reason else {}
    try:
        with calling("ValidationException", "ResourceNotFound"):
            client("sagemaker").update_model_package(
                ModelPackageArn=arn, ModelApprovalStatus=str(status), **description
            )
    except ClientError as error:
        raise UnknownVersion(f"the registry does not change {arn}: {error}") from error


def approved(group: str) -> dict[int, str]:
    """Approved versions of a group and their ARNs."""
    pages = client("sagemaker").get_paginator("list_model_packages")
    found: dict[int, str] = {}
    with calling():
        for page in pages.paginate(ModelPackageGroupName=group, ModelApprovalStatus=str(Approval.APPROVED)):
            found |= {one["ModelPackageVersion"]: one["ModelPackageArn"] for one in page["ModelPackageSummaryList"]}
    return found


def version_arn(group: str, version: int) -> str:
    """The ARN of a version.

    Raises:
        UnknownVersion: there is none.
    """
    pages = client("sagemaker").get_paginator("list_model_packages")
    try:
        with calling("ValidationException", "ResourceNotFound"):
            for page in pages.paginate(ModelPackageGroupName=group):
                for one in page["ModelPackageSummaryList"]:
                    if one["ModelPackageVersion"] == version:
                        return str(one["ModelPackageArn"])
    except ClientError as error:
        raise UnknownVersion(f"there is no package group {group}") from error
    raise UnknownVersion(f"package group {group} has no version {version}")
