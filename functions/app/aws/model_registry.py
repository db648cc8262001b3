"""SageMaker's model registry: its approval status decides what is deployed."""

from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from app.aws.clients import calling, client, code, translate
from app.decide.names.statuses import Approval
from app.decide.names.times import iso
from app.errors import UnknownVersion

CONTAINER = ("Image", "ModelDataUrl", "Environment")  # what CreateModel takes of a package's container
DENIED = "AccessDeniedException"


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
    specification: dict[str, Any]  # all that it says of how the version is served


def package(arn: str) -> Package:
    """A version as it is now.

    Raises:
        UnknownVersion: there is none, or it has no container.
    """
    try:
        with calling("ValidationException", "ResourceNotFound"):
            response = client("sagemaker").describe_model_package(ModelPackageName=arn)
        containers = response["InferenceSpecification"]["Containers"]
    except (ClientError, KeyError) as error:
        raise UnknownVersion(f"the registry has no deployable {arn}") from error
    return Package(
        arn=response["ModelPackageArn"],
        group=response["ModelPackageGroupName"],
        version=response["ModelPackageVersion"],
        status=Approval(response["ModelApprovalStatus"]),
        reason=response.get("ApprovalDescription", ""),
        by=_principal(response.get("LastModifiedBy", {})),
        changed_at=iso(response.get("LastModifiedTime") or response["CreationTime"]),
        containers=tuple(
            {name: container[name] for name in CONTAINER if container.get(name)} for container in containers
        ),
        specification=response["InferenceSpecification"],
    )


def generated_by(arn: str) -> str:
    """The ARN of the pipeline execution that registered a version; "" where none says that it did.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html (the example of a
    model package) and https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_MetadataProperties.html
    """
    try:
        with calling("ValidationException", "ResourceNotFound"):
            response = client("sagemaker").describe_model_package(ModelPackageName=arn)
    except ClientError:
        return ""
    return str(response.get("MetadataProperties", {}).get("GeneratedBy", ""))


def _principal(context: dict[str, Any]) -> str:
    """The name of a principal. Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UserContext.html"""
    arn = context.get("IamIdentity", {}).get("Arn", "")
    return str(context.get("UserProfileName") or arn.replace(":", "/").rsplit("/", 1)[-1])


def set_approval(arn: str, status: Approval, reason: str) -> None:
    """Set a version's approval status and its reason.

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


def set_specification(arn: str, specification: dict[str, Any]) -> str:
    """Say anew how a version is served, and nothing of its approval; why the registry does not take it, "" where it
    does. It may be gone by now, and nobody who may not say so has to: what is deployed does not hang on it.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateModelPackage.html
    (InferenceSpecification, of which it does not say when it is refused) and
    https://docs.aws.amazon.com/sagemaker/latest/APIReference/CommonErrors.html (AccessDeniedException)
    """
    try:
        with calling("ValidationException", "ResourceNotFound", DENIED):
            client("sagemaker").update_model_package(ModelPackageArn=arn, InferenceSpecification=specification)
    except ClientError as error:
        missing = "sagemaker:UpdateModelPackage is not permitted to the function that reads verdicts: "
        return f"{missing if code(error) == DENIED else ''}{error}"
    return ""


def approved(group: str) -> dict[int, str]:
    """List the approved versions of a group, and their ARNs; none where the group is gone, or was never there."""
    pages = client("sagemaker").get_paginator("list_model_packages")
    versions: dict[int, str] = {}
    try:
        with calling("ValidationException", "ResourceNotFound"):
            for page in pages.paginate(ModelPackageGroupName=group, ModelApprovalStatus=str(Approval.APPROVED)):
                packages = page["ModelPackageSummaryList"]
                versions |= {package["ModelPackageVersion"]: package["ModelPackageArn"] for package in packages}
    except ClientError as error:
        if "does not exist" not in str(error):
            raise translate(error) from error
    return versions


def version_arn(group: str, version: int) -> str:
    """The ARN of a version.

    Raises:
        UnknownVersion: there is none.
    """
    pages = client("sagemaker").get_paginator("list_model_packages")
    try:
        with calling("ValidationException", "ResourceNotFound"):
            for page in pages.paginate(ModelPackageGroupName=group):
                for summary in page["ModelPackageSummaryList"]:
                    if summary["ModelPackageVersion"] == version:
                        return str(summary["ModelPackageArn"])
    except ClientError as error:
        raise UnknownVersion(f"there is no package group {group}") from error
    raise UnknownVersion(f"package group {group} has no version {version}")
