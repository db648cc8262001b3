"""The desired version of a model: the newest approved one that has not failed."""

from typing import NamedTuple

from app.aws import model_registry
from app.decide.approval_rules import newest_eligible
from app.decide.names.resource_names import resource_name
from app.ledger import ledger
from app.settings import Settings


class DesiredVersion(NamedTuple):
    """The version that should serve; None where there is none."""

    version: int | None
    package_arn: str = ""


def desired_version(model: str, settings: Settings) -> DesiredVersion:
    """Compute the desired version from the registry's approvals and the ledger's failures, as they are now."""
    approved = model_registry.approved(resource_name(settings.stack, model))
    version = newest_eligible(list(approved), ledger().failed_versions(model))
    return DesiredVersion(version, approved[version]) if version is not None else DesiredVersion(None)
