"""``retrain rollback``: the approved versions above the target are rejected, from the lowest up.

What serves is the newest approved version that has not failed, so only the last rejection changes what serves: the
function that hears of it deploys the target.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from cli.errors import UserError
from cli.stack import registry
from cli.stack.target import Target

APPROVED, REJECTED = "Approved", "Rejected"


@dataclass(frozen=True)
class Version:
    """A version as the registry and the ledger know it."""

    number: int
    status: str  # ModelApprovalStatus
    package_arn: str
    failed: bool = False  # it was deployed and did not go into service: it is tried again after a new approval
    judged: bool = True  # a run of this stack registered it; what people registered by hand is never deployed
    erased: bool = False  # the held-out records that a deployment is verified with were deleted with an upload

    @property
    def desirable(self) -> bool:
        """Whether it is the version to serve while no newer one is."""
        return self.status == APPROVED and not self.failed


@dataclass(frozen=True)
class Reject:
    """A version is rejected, with the reason in the same call."""

    model: str
    version: int
    package_arn: str
    reason: str
    heading = "reject"

    @property
    def subject(self) -> str:
        """The version."""
        return f"{self.model} version {self.version}"


def goal(model: str, versions: Sequence[Version], serves: int | None, named: int | None) -> int:
    """The version to go back to: the ``named`` one, else the newest below ``serves`` that can serve.

    Raises:
        UserError: there is none, or the named one cannot serve.
    """
    if named is None:
        return _newest_below(model, versions, serves)
    chosen = next((version for version in versions if version.number == named), None)
    if chosen is None:
        known = ", ".join(str(version.number) for version in versions) or "none yet"
        raise UserError(f"'{model}' has no version {named}; there are: {known}")
    if chosen.desirable and not chosen.judged:
        raise UserError(f"version {named} of '{model}' was registered by hand, not by a run: it is never deployed")
    if chosen.erased and named != serves:
        raise UserError(erased_text(model, named))
    if not chosen.desirable:
        why = "failed when it was deployed" if chosen.failed else f"is {chosen.status}"
        raise UserError(f"version {named} of '{model}' {why}; `retrain approve {model} {named}` first, then roll back")
    return named


def erased_text(model: str, number: int) -> str:
    """Why a version is not deployed again whose held-out records are gone, and what to do. Pure."""
    return (
        f"the held-out records of version {number} of '{model}' were erased with an upload, and without them it is not"
        f" deployed again; `retrain start {model}` learns another"
    )


def _newest_below(model: str, versions: Sequence[Version], serves: int | None) -> int:
    if serves is None:
        raise UserError(f"no version of '{model}' serves; name the version to go back to with --to")
    can_serve = [version.number for version in versions if version.desirable and version.judged and not version.erased]
    below = [number for number in can_serve if number < serves]
    if not below:
        raise UserError(
            f"no approved version of '{model}' is older than version {serves}, which serves; "
            f"approve the one to go back to, then roll back"
        )
    return max(below)


def plan(model: str, versions: Sequence[Version], to: int, reason: str) -> list[Reject]:
    """What makes ``to`` the version to serve: each newer one that would serve is rejected, from the lowest up."""
    newer = sorted((one for one in versions if one.desirable and one.number > to), key=lambda one: one.number)
    why = f"rolled back to version {to}: {reason}"
    return [Reject(model, version.number, version.package_arn, why) for version in newer]


def versions_of(target: Target, model: str) -> list[Version]:
    """The model's versions, newest first.

    Raises:
        UserError: when the model has no package group here.
    """
    packages, ledger = registry.versions(target, model), target.ledger()
    failed, erased = ledger.failed_versions(model), ledger.erased_versions(model)

    def known(package: dict[str, Any]) -> Version:
        number, status = int(package["ModelPackageVersion"]), package["ModelApprovalStatus"]
        judged = status == APPROVED and bool(ledger.run_of_version(model, number))
        return Version(number, status, package["ModelPackageArn"], number in failed, judged, number in erased)

    return [known(package) for package in packages]


def execute(target: Target, changes: Sequence[Reject]) -> Iterator[Reject]:
    """Make the changes in their order, and yield each when it is made."""
    for change in changes:
        registry.set_status(target, change.package_arn, REJECTED, change.reason)
        yield change
