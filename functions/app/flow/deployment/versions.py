"""The version of a model that should serve, and the one that does."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from app.aws import endpoints, model_registry
from app.decide.approval_rules import newest_eligible
from app.decide.names.resource_names import resource_name, version_of_config
from app.flow import reviews
from app.ledger import ledger
from app.ledger.live_versions import LiveVersion
from app.settings import Settings

NOT_SERVING = ("Creating", "Failed")  # of an endpoint: while it is updated the old version answers


class PassedOver(NamedTuple):
    """An approved version that a run judged and that is no candidate, newer than the one that should serve."""

    arn: str
    failed_at: str  # ISO; "" of one that lacks a yes that counts, or that an earlier release marked
    counted: bool  # as many reviewers said yes as have to


class OlderVersion(NamedTuple):
    """An approved version that a run judged, older than the one that should serve."""

    arn: str
    run: str  # that registered it


class DesiredVersion(NamedTuple):
    """The version that should serve; None where there is none."""

    version: int | None
    package_arn: str = ""
    run: str = ""  # that registered it
    attempts: int = 0  # deployments of it so far that were begun without a run that waits
    stray: Mapping[int, str] = {}  # approved versions that no run judged, and that nobody was told of: their ARNs
    approved: Collection[int] = ()  # whatever they are good for
    passed_over: Mapping[int, PassedOver] = {}
    older: Mapping[int, OlderVersion] = {}


def desired_version(model: str, settings: Settings) -> DesiredVersion:
    """The newest approved version that a run of this stack judged and that has not failed, as things are now.

    One that somebody registered by hand was held against no gate: it is no candidate. Nor is one that the registry
    approves, and that needs more reviewers' yes.
    """
    approved = model_registry.approved(resource_name(settings.stack, model))
    known = ledger().versions(model)
    judged = [version for version in approved if known.get(version, {}).get("run")]
    failed = {version for version in judged if "failed" in known[version]}
    uncounted: set[int] = set()
    while (version := newest_eligible(judged, failed | uncounted)) and not reviews.stands(
        model, version, known[version]["run"]
    ):
        uncounted.add(version)
    passed = {
        one: PassedOver(approved[one], str(known[one].get("failed_at", "")), one not in uncounted)
        for one in sorted(failed | uncounted) if one > (version or 0)
    }  # fmt: skip
    unjudged = sorted(approved.keys() - set(judged))
    stray = {one: approved[one] for one in unjudged if "stray_told" not in known.get(one, {})}
    if version is None:
        return DesiredVersion(None, stray=stray, approved=approved, passed_over=passed)
    attempts = int(known[version].get("attempts", 0))
    older = {one: OlderVersion(approved[one], known[one]["run"]) for one in judged if one < version}
    return DesiredVersion(version, approved[version], known[version]["run"], attempts, stray, approved, passed, older)


def serving_version(settings: Settings, model: str, mode: str) -> LiveVersion | None:
    """The version that answers now, by the deployment ``mode`` that is published; None where none does.

    Its endpoint says so, or the ledger of a model that has none.

    A model that has just changed to an endpoint, and has none yet, is still what it was.
    """
    if mode != "batch":
        endpoint = endpoints.describe(resource_name(settings.stack, model))
        if endpoint and endpoint.config and endpoint.status not in NOT_SERVING:
            name = endpoints.model_of_config(endpoint.config)
            version = version_of_config(name)
            return LiveVersion(version, name) if version else None
    return ledger().live_version(model)
