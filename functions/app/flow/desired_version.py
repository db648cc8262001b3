"""Which version of a model is to serve: what the registry approves, without what the ledger knows to have failed."""

from typing import NamedTuple

from app.aws import model_registry
from app.decide.rules import newest_wanted, resource_name
from app.ledger import ledger
from app.settings import Settings


class Wanted(NamedTuple):
    """The version to serve; None where there is none."""

    version: int | None
    package_arn: str = ""


def wanted_of(model: str, settings: Settings) -> Wanted:
    """The version that is to serve, as things are now."""
    approved = model_registry.approved(resource_name(settings.stack, model))
    version = newest_wanted(list(approved), ledger().failed_versions(model))
    return Wanted(version, approved[version]) if version is not None else Wanted(None)
