"""Approval decisions of the model registry: they answer the run that waits, or else start the machine at "Deploy"."""

from app.aws import model_registry, state_machine, topics
from app.aws.model_registry import Package
from app.decide.approval_rules import approval_output
from app.decide.messages import DecisionMade, RunTask
from app.decide.names.resource_names import resource_name
from app.decide.names.statuses import Approval, RunStatus
from app.decide.notifications import approval_notice, decision_notice, still_serving_notice
from app.errors import InputError
from app.flow.deployment import deployments
from app.flow.deployment.versions import desired_version
from app.ledger import ledger
from app.ledger.task_tokens import Decision
from app.settings import Settings

BEFORE_APPROVAL = (RunStatus.WAITING, RunStatus.RUNNING)


def request(task: RunTask, settings: Settings) -> str:
    """Request approval of the run's version: by mail, or automatically where the model file says so."""
    record = ledger().record(task.run)
    arn, plan = (record.package_arn or "", record.plan or {}) if record else ("", {})
    ledger().remember_token(f"approval/{arn}", task.task_token, task.run)
    ledger().update_run(task.run, "approval requested", status=str(RunStatus.AWAITING_APPROVAL))
    if plan.get("automatic"):
        reason = f"approved automatically, as models/{task.model}.yaml says"
        model_registry.set_approval(arn, Approval.APPROVED, reason)
    else:
        verdict, warnings = (record.verdict or {}, record.warnings) if record else ({}, [])
        deadline_s = int(plan.get("deadline_s", 0))
        owner, loosened = str(plan.get("owner", "")), plan.get("loosened", [])
        left_out = record.left_out if record else []
        notice = approval_notice(
            task.model, task.run, task.version, arn, verdict, deadline_s, warnings, owner, loosened, left_out
        )
        topics.publish(settings.notification_topic_arn, notice)
    decision = _answer_waiting_run(task.model, model_registry.package(arn))
    return "answered" if decision and decision.task_token else "requested"


def apply_approval_status(model: str, package: Package, settings: Settings) -> str:
    """Apply a package's approval status; the outcome, in a word. Idempotent, however often it is announced.

    If the run has not reached Request approval, do nothing for it: that state reads the status itself.
    """
    decision = _answer_waiting_run(model, package)
    if decision is None:
        return "ignored"
    if decision.task_token:
        return "answered"
    if not decision.after_wait:
        return "known"
    return _apply_late(model, package, decision, settings)


def _answer_waiting_run(model: str, package: Package) -> Decision | None:
    """Record the decision about a package, and answer the run that waits for it; None where nothing is decided, or the
    run has not got that far.
    """
    run = ledger().run_of_version(model, package.version)
    record = ledger().record(run) if run else None
    if package.status is Approval.PENDING or record is None or record.status in BEFORE_APPROVAL:
        return None
    decision = ledger().record_decision(model, package.arn, package.version, package.status)
    if decision.task_token:
        output = approval_output(package.status, package.by, package.reason)
        ledger().append_timeline(run, output["who"])
        state_machine.succeed(decision.task_token, output)
    return decision


def _apply_late(model: str, package: Package, decision: Decision, settings: Settings) -> str:
    """Apply a decision that was made when nobody waited: another version may be the desired one now."""
    who = approval_output(package.status, package.by, package.reason)["who"]
    if package.status is Approval.APPROVED and decision.is_new:
        ledger().clear_failure(model, package.version)
    desired, live = desired_version(model, settings), ledger().live_version(model)
    rejected = package.status is Approval.REJECTED
    if rejected and desired.version is None and live and live.version == package.version:
        topics.publish(settings.notification_topic_arn, still_serving_notice(model, package.version, decision.sequence))
    why = f"version {package.version} was rejected" if rejected else who
    outcome = deployments.start_due(model, desired, settings, why=why)
    if not rejected and desired.version != package.version and decision.is_new:
        run = ledger().run_of_version(model, package.version)
        ledger().append_timeline(run, f"{who}; superseded: version {desired.version} is the one to serve")
    return outcome


def receive(text: str, settings: Settings) -> dict[str, str]:
    """Pass a message of the decision topic on to the registry; a notice answers one that cannot be followed.

    The ``outcome``, in words, and the ``model`` where the message names one.
    """
    model = ""
    try:
        decision = DecisionMade.parse(text)
        model = decision.model
        arn = model_registry.version_arn(resource_name(settings.stack, model), decision.version)
        status = Approval.APPROVED if decision.approve else Approval.REJECTED
        reason = decision.reason + (f" (sent by {decision.by})" if decision.by else "")
        model_registry.set_approval(arn, status, reason.strip())
    except InputError as error:
        topics.publish(settings.notification_topic_arn, decision_notice(text, str(error)))
        return {"outcome": f"refused: {error}", "model": model}
    return {"outcome": "decided", "model": model}
