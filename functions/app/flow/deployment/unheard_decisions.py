"""Unheard decisions: what the registry says of a version and nobody acted upon, as the event was lost.

What should serve follows the registry by itself, but for these: a version that failed is approved anew, what serves is
rejected, a yes in the registry is one of several (also to a version older than what should serve), and the run of what
should serve still waits for a yes. Whoever reacts to decisions is invoked to look at such a version.
"""

from collections.abc import Mapping

from app.aws import functions, model_registry
from app.aws.model_registry import Package
from app.decide.approval_rules import LastDecision
from app.decide.names.resource_names import resource_name
from app.decide.names.statuses import Approval, RunStatus
from app.decide.reconciliation import event_of_version
from app.errors import UnknownVersion
from app.flow import reviews
from app.flow.deployment.versions import DesiredVersion, OlderVersion, PassedOver
from app.ledger import ledger
from app.settings import Settings


def ask(model: str, desired: DesiredVersion, settings: Settings) -> str:
    """Have each unheard decision looked at; why what serves is not to serve any more, "" where it may."""
    for version, passed in desired.passed_over.items():
        if not passed.counted or _is_approved_anew(passed, ledger().last_decision(model, version)):
            functions.invoke(settings.approval_function, event_of_version(passed.arn))
    for arn in _uncounted(model, desired.older):
        functions.invoke(settings.approval_function, event_of_version(arn))
    live = ledger().live_version(model)
    if live is None or live.version in desired.approved:
        return ""
    last = ledger().last_decision(model, live.version)
    if last and last.status == Approval.REJECTED:
        return f"version {live.version} was rejected"
    return _look_at_live(model, live.version, settings)


def ask_of_desired(desired: DesiredVersion, settings: Settings) -> str:
    """Have the approval of the desired version looked at where its run waits for that; what its run does, in a word."""
    record = ledger().record(desired.run)
    if record is None or record.status is not RunStatus.AWAITING_APPROVAL:
        return "deploying"
    functions.invoke(settings.approval_function, event_of_version(desired.package_arn))
    return "waits"


def _look_at_live(model: str, version: int, settings: Settings) -> str:
    """What became of the version that serves, whose approval is gone; whoever reacts to a rejection is told of it."""
    try:
        arn = model_registry.version_arn(resource_name(settings.stack, model), version)
        package = model_registry.package(arn)
    except UnknownVersion:
        return f"version {version} is not in the registry any more"
    if package.status is not Approval.REJECTED:
        return f"version {version} is not approved any more"
    functions.invoke(settings.approval_function, event_of_version(arn))
    return f"version {version} was rejected"


def _uncounted(model: str, older: Mapping[int, OlderVersion]) -> list[str]:
    """The ARNs of older versions that the registry approves and that lack a yes: they serve nothing, but whoever said
    one waits for the others. What was acted upon was counted then, and one read of the ledger tells that of all.
    """
    known = ledger().last_decisions(model) if older else {}
    unheard = [one for one in older if one not in known or known[one].status != Approval.APPROVED]
    return [older[one].arn for one in unheard if not reviews.stands(model, one, older[one].run)]


def _is_approved_anew(passed: PassedOver, last: LastDecision | None) -> bool:
    """Whether an approved version that failed was approved after that: nobody acted upon that, or not to the end."""
    if last is None or last.status != Approval.APPROVED or (passed.failed_at and last.at > passed.failed_at):
        return True
    package = _package(passed.arn) if last.why is not None else None
    return package is not None and last.is_followed(package.changed_at, package.reason)


def _package(arn: str) -> Package | None:
    try:
        return model_registry.package(arn)
    except UnknownVersion:
        return None
