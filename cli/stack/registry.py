"""Decide on a version in the model registry: its ``ModelApprovalStatus`` is the only truth, whoever sets it."""

from dataclasses import dataclass, replace
from typing import Any

from app.decide.approval.ballots import ReviewRule, needed_text
from botocore.exceptions import ClientError

from cli.errors import UserError
from cli.stack.target import Target

PENDING, APPROVED = "PendingManualApproval", "Approved"


@dataclass(frozen=True)
class Decided:
    """A version and what was decided on it."""

    model: str
    version: int
    status: str
    package_arn: str
    counted: str = ""  # where several have to say yes: how many of whom; this is one of them


def versions(target: Target, model: str) -> list[dict[str, Any]]:
    """The model's package summaries, newest first.

    Raises:
        UserError: when the model has no package group here.
    """
    group = target.resource(model)
    try:
        pages = (
            target.client("sagemaker")
            .get_paginator("list_model_packages")
            .paginate(ModelPackageGroupName=group, SortBy="CreationTime", SortOrder="Descending")
        )
        packages = [package for page in pages for package in page["ModelPackageSummaryList"]]
    except ClientError as error:
        message = error.response["Error"]["Message"].rstrip(".")
        raise UserError(
            f"no package group '{group}' at {target}: {message}; `retrain publish {model}` makes it"
        ) from error
    return sorted(packages, key=lambda package: -int(package["ModelPackageVersion"]))


def registered(target: Target, model: str, version: int) -> dict[str, Any] | None:
    """What the registry says of a version beside its quality: customer metadata, and where it may run."""
    try:
        arns = {one["ModelPackageVersion"]: one["ModelPackageArn"] for one in versions(target, model)}
    except UserError:  # it is not published here any more
        return None
    if version not in arns:
        return None
    package = target.client("sagemaker").describe_model_package(ModelPackageName=arns[version])
    inference = package.get("InferenceSpecification", {})
    return {
        "version": version,
        "metadata": package.get("CustomerMetadataProperties", {}),
        "inference_instances": inference.get("SupportedRealtimeInferenceInstanceTypes", []),
        "transform_instances": inference.get("SupportedTransformInstanceTypes", []),
    }


def described(target: Target, model: str, version: int) -> dict[str, Any]:
    """All that the registry says of a version.

    Raises:
        LookupError: it has no such version any more.
    """
    arns = {one["ModelPackageVersion"]: one["ModelPackageArn"] for one in versions(target, model)}
    if version not in arns:
        raise LookupError("the registry does not have it any more")
    found = target.client("sagemaker").describe_model_package(ModelPackageName=arns[version])
    return {name: value for name, value in found.items() if name != "ResponseMetadata"}


def decide(target: Target, model: str, version: int | None, status: str, reason: str) -> Decided:
    """Set ``status`` on ``version`` (None: the newest that awaits a decision), with the reason in the same call.

    Raises:
        UserError: when there is no such version, or none that waits.
    """
    known = versions(target, model)
    if version is None:
        chosen = next((package for package in known if package["ModelApprovalStatus"] == PENDING), None)
        if chosen is None:
            raise UserError(
                f"no version of '{model}' awaits a decision ({_listed(known)}); name one to change its status"
            )
    else:
        chosen = next((package for package in known if package["ModelPackageVersion"] == version), None)
        if chosen is None:
            raise UserError(f"'{model}' has no version {version} ({_listed(known)})")
    set_status(target, chosen["ModelPackageArn"], status, reason)
    decided = Decided(model, int(chosen["ModelPackageVersion"]), status, chosen["ModelPackageArn"])
    return replace(decided, counted=_counted(target, decided)) if status == APPROVED else decided


def _counted(target: Target, decided: Decided) -> str:
    """How many of whom have to say yes to a version, where this is counted; "" where one yes decides."""
    ledger = target.ledger()
    run = ledger.run_of_version(decided.model, decided.version)
    record = ledger.record(run) if run else None
    rule = ReviewRule.of(decided.model, record.plan if record else None)
    return needed_text(rule) if rule.counts else ""


def render_text(decided: Decided) -> str:
    """What was decided, for a person."""
    if not decided.counted:
        return f"{decided.model} version {decided.version} is {decided.status}"
    return (
        f"your yes to {decided.model} version {decided.version} is given; it needs {decided.counted}, "
        f"and `retrain watch {decided.model}` says how many there are"
    )


def set_status(target: Target, package_arn: str, status: str, reason: str) -> None:
    """Set a version's ``ModelApprovalStatus``, and why, in one call.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateModelPackage.html
    """
    target.client("sagemaker").update_model_package(
        ModelPackageArn=package_arn, ModelApprovalStatus=status, ApprovalDescription=reason
    )


def _listed(known: list[dict[str, Any]]) -> str:
    if not known:
        return "it has no versions yet"
    return "it has " + ", ".join(f"{p['ModelPackageVersion']}: {p['ModelApprovalStatus']}" for p in known[:8])
