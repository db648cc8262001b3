"""Approval decisions of the model registry: they answer the run that waits, or else start the machine at "Deploy"."""

from datetime import timedelta
from typing import Any

from app.aws import endpoints, model_registry, state_machine, topics
from app.aws.model_registry import Package
from app.decide.approval_rules import (
    DecisionMade,
    HeardMessage,
    TopicMessage,
    approval_output,
    decided_at,
    decider,
    undecided_output,
)
from app.decide.costs.estimates import cost_lines
from app.decide.costs.prices import of_plan
from app.decide.messages import PackageChanged, RunTask
from app.decide.names.resource_names import resource_name
from app.decide.names.statuses import Approval, RunStatus
from app.decide.notifications import approval_draft, approval_notice, decision_notice
from app.decide.records import RunRecord
from app.decide.watching.notices import cause_lines
from app.errors import InputError, Outdated, UnknownVersion
from app.flow import decision_links, reviews, waiting_approvals
from app.flow.deployment import deployments, still_serving
from app.flow.deployment.versions import desired_version
from app.ledger import ledger
from app.ledger.batches import now
from app.ledger.task_tokens import Decision
from app.settings import Settings

BEFORE_APPROVAL = (RunStatus.WAITING, RunStatus.RUNNING)
AUTOMATIC = "automatically, as models/{}.yaml says"


def request(task: RunTask, settings: Settings) -> str:
    """Request approval of the run's version: by mail, or automatically where the model file says so."""
    record = reviews.bound(task.model, task.version, task.run, settings)
    arn, plan = (record.package_arn or "", record.plan or {}) if record else ("", {})
    ledger().remember_token(f"approval/{arn}", task.task_token, task.run)
    if not ledger().set_status(task.run, task.execution, RunStatus.AWAITING_APPROVAL, "approval requested"):
        why = "another execution has this run by now"
        ledger().forget_token(f"approval/{arn}", task.task_token)  # first: a decision that finds it is heard by nobody
        state_machine.succeed(task.task_token, undecided_output(why, superseded=True))
        return "stale"
    if plan.get("automatic"):
        if model_registry.package(arn).status is Approval.PENDING:  # a person's no stands
            model_registry.set_approval(arn, Approval.APPROVED, f"approved {AUTOMATIC.format(task.model)}")
    elif waiting_approvals.supersede(task):
        return "superseded"
    else:
        _ask(task, record, settings)
    decision = _answer_waiting_run(task.model, reviews.seen(task.model, model_registry.package(arn), task.run))
    return "answered" if decision and decision.task_token else "requested"


def _ask(task: RunTask, record: RunRecord | None, settings: Settings) -> None:
    """Send the request to each reviewer that is named, and to whoever is subscribed; where nobody hears, the run says
    so.
    """
    plan = (record.plan or {}) if record else {}
    verdict, warnings = (record.verdict or {}, record.warnings) if record else ({}, [])
    arn, deadline_s = (record.package_arn or "") if record else "", int(plan.get("deadline_s", 0))
    owner, loosened = str(plan.get("owner", "")), plan.get("loosened", [])
    left_out = record.left_out if record else []
    costs = [*cause_lines(record.cause if record else {}), *cost_lines(task.run, plan, of_plan(plan))]
    about = (task.model, task.run, task.version, arn, verdict, deadline_s, warnings, owner, loosened, left_out, costs)
    asked = decision_links.ask(
        reviews.rule_of(task.model, record), (task.version, task.run), now() + timedelta(seconds=deadline_s),
        lambda link, lines: approval_draft(*about, link, lines), settings,
    )  # fmt: skip
    if not asked.heard:
        ledger().update_run(task.run, "approval requested", unheard=True)
    topics.publish(settings.notification_topic_arn, approval_notice(*about, asked.link, asked.lines))


def look_at(changed: PackageChanged, model: str, settings: Settings) -> str:
    """Apply what the registry says of a version now; the outcome, in a word."""
    try:
        package = model_registry.package(changed.arn)
    except UnknownVersion:
        return waiting_approvals.end_deleted(model, changed.version)
    return apply_approval_status(model, package, settings)


def apply_approval_status(model: str, package: Package, settings: Settings) -> str:
    """Apply a package's approval status; the outcome, in a word. Idempotent, however often it is announced.

    If the run has not reached Request approval, do nothing for it: that state reads the status itself.
    """
    package = reviews.counted(model, package, settings)
    decision = _answer_waiting_run(model, package)
    if decision is None and package.status is Approval.PENDING:
        ended = waiting_approvals.end_claimed(package.arn)
        return "ended" if ended else waiting_approvals.remind(model, package.version, settings)
    if decision is None:
        return "ignored"
    if decision.after_wait:
        return _apply_late(model, package, decision, settings)
    return "answered" if decision.task_token else "known"


def _answer_waiting_run(model: str, package: Package) -> Decision | None:
    """Record the decision about a package, and answer the run that waits for it; None where nothing is decided, or the
    run has not got that far.
    """
    run = ledger().run_of_version(model, package.version)
    record = ledger().record(run) if run else None
    if package.status is Approval.PENDING or record is None or record.status in BEFORE_APPROVAL:
        return None
    at, why = package.changed_at, package.reason
    decision = ledger().record_decision(model, package.arn, package.version, package.status, at, why)
    if decision.task_token:
        output = _output(model, package)
        ledger().append_timeline(run, output["who"])
        state_machine.succeed(decision.task_token, output)
    else:
        _answer_for_claimant(package)
    return decision


def _answer_for_claimant(package: Package) -> None:
    """Answer a run whose token an earlier decision claimed, as whoever claimed it may have died before it answered."""
    token, claimed = ledger().approval_claim(package.arn)
    if token and claimed in set(Approval):
        state_machine.succeed(token, approval_output(Approval(claimed), "", "another decision followed"))
    else:
        waiting_approvals.end_claimed(package.arn)


def _output(model: str, package: Package) -> dict[str, Any]:
    """What the state ``Request approval`` answers: by whom, a person where one is known, and why."""
    automatic, record = AUTOMATIC.format(model), ledger().record(ledger().run_of_version(model, package.version))
    itself = bool(record and (record.plan or {}).get("automatic"))  # anybody may write its words
    if itself and package.status is Approval.APPROVED and package.reason == f"approved {automatic}":
        return approval_output(package.status, "", "") | {"who": package.reason, "reasons": [package.reason]}
    heard = ledger().heard_message(model, package.version)
    by, reason = decider(package.by, package.reason, heard, package.status)
    return approval_output(package.status, by, reason)


def _apply_late(model: str, package: Package, decision: Decision, settings: Settings) -> str:
    """Apply a decision that was made when nobody waited: another version may be the desired one now."""
    who = _output(model, package)["who"]
    if package.status is Approval.APPROVED:
        ledger().clear_older_failure(model, package.version, decision.at, is_new=decision.is_new)
    desired, rejected = desired_version(model, settings), package.status is Approval.REJECTED
    if rejected and desired.version is None:
        still_serving.tell(model, desired, endpoints.describe(resource_name(settings.stack, model)), settings)
    why = f"version {package.version} was rejected" if rejected else who
    outcome = deployments.start_due(model, desired, settings, why=why)
    if not rejected and desired.version != package.version and decision.is_new:
        run = ledger().run_of_version(model, package.version)
        ledger().append_timeline(run, f"{who}; superseded: version {desired.version} is the one to serve")
    return outcome


def receive(message: TopicMessage, settings: Settings) -> dict[str, str]:
    """Pass a message of the decision topic on to the registry; a notice answers one that cannot be followed.

    SNS delivers at least once and in any order: what was sent before the version's last decision changes nothing.
    The ``outcome``, in words, and the ``model`` where the message names one.
    """
    model = ""
    try:
        decision = DecisionMade.parse(message.text)
        model = decision.model
        arn = model_registry.version_arn(resource_name(settings.stack, model), decision.version)
        outcome = follow(decision, message, model_registry.package(arn), settings)
    except InputError as error:
        topics.publish(settings.notification_topic_arn, decision_notice(message.id, message.text, str(error), model))
        return {"outcome": f"refused: {error}", "model": model}
    return {"outcome": outcome, "model": model}


def follow(
    decision: DecisionMade, message: TopicMessage, package: Package, settings: Settings, reviewer: str = ""
) -> str:
    """Bring the version to the status that was decided, by a message or in a browser; the outcome, in a word. Where
    more reviewers have to say yes, it is counted. ``reviewer`` is whose link it came by.

    Raises:
        Outdated: the version's last decision is newer than the message, or may be.
        NotCounted: it is a yes of somebody whose yes does not count.
    """
    if package.status is decision.status:
        ledger().confirm_decision(decision.model, decision.version, decision.status, message.sent_at)
        return "known"
    last = ledger().last_decision(decision.model, decision.version)
    heard = ledger().heard_message(decision.model, decision.version)
    confirmed = ledger().confirmed_decision(decision.model, decision.version)
    since = decided_at(package.status, package.reason, package.changed_at, last, heard, confirmed)
    if message.sent_at < since:
        raise Outdated(
            f"it was sent at {message.sent_at}, and version {decision.version} became {package.status} at {since}, "
            f"after it, or was edited then; send a new one if that is to change"
        )
    made = reviews.cast(decision, message.sent_at, package, reviewer, settings)
    if made is None:
        return "counted"
    facts = (str(made.status), made.description, made.reason, made.by)
    ledger().keep_message(made.model, made.version, HeardMessage(message.id, message.sent_at, *facts))
    model_registry.set_approval(package.arn, made.status, made.description)
    followed_at = model_registry.package(package.arn).changed_at
    ledger().note_followed(made.model, made.version, message.id, followed_at)
    return "decided"
