"""Decisions of the registry: they are told to the run that waits, or else start the machine at "Deploy"."""

from typing import Any

from app.aws import model_registry, state_machine, topics
from app.aws.model_registry import Package
from app.decide.messages import DecisionMade, RunTask
from app.decide.notifications import approval_notice, decision_notice, kept_notice
from app.decide.rules import Approval, RunStatus, resource_name
from app.decide.run_plans import execution_arn
from app.errors import InputError
from app.flow.desired_version import wanted_of
from app.ledger import ledger
from app.ledger.batches import now
from app.settings import Settings

BEFORE_APPROVAL = (RunStatus.WAITING, RunStatus.RUNNING)


def request(task: RunTask, settings: Settings) -> str:
    """Ask for a decision about the run's version: by mail, or of itself where the model file says so."""
    record = ledger().record(task.run)
    arn, plan = (record.package_arn or "", record.plan or {}) if record else ("", {})
    ledger().remember_token(f"approval/{arn}", task.task_token, task.run)
    ledger().note(task.run, "approval requested", status=str(RunStatus.AWAITING_APPROVAL))
    if plan.get("automatic"):
        model_registry.decide(arn, Approval.APPROVED, f"approved automatically, as models/{task.model}.yaml says")
    else:
        verdict, warnings = (record.verdict or {}, record.warnings) if record else ({}, [])
        deadline_s = int(plan.get("deadline_s", 0))
        notice = approval_notice(task.model, task.run, task.version, arn, verdict, deadline_s, warnings)
        topics.publish(settings.notification_topic_arn, notice)
    return settle(task.model, model_registry.package(arn), settings)


def answer(package: Package) -> dict[str, Any]:
    """What the waiting state hears of a decision."""
    who = ("approved" if package.status is Approval.APPROVED else "rejected") + (
        f" by {package.by}" if package.by else ""
    )
    reason = who + (f": {package.reason}" if package.reason else "")
    return {"approved": package.status is Approval.APPROVED, "who": who, "reasons": [reason]}


def settle(model: str, package: Package, settings: Settings) -> str:
    """Act on a package's status, once however often it is heard; what was done, in a word.

    A run that has not yet asked will look for itself when it does.
    """
    run = ledger().run_of_version(model, package.version)
    record = ledger().record(run) if run else None
    if package.status is Approval.PENDING or record is None or record.status in BEFORE_APPROVAL:
        return "ignored"
    decision = ledger().decide(model, package.arn, package.version, package.status, package.changed_at)
    told = answer(package)
    if decision.task_token:
        ledger().note(run, told["who"])
        state_machine.succeed(decision.task_token, told)
        return "answered"
    if not decision.late:
        return "known"
    if package.status is Approval.REJECTED:
        return _bring_back(model, package, decision.number, settings)
    ledger().forgive_version(model, package.version)
    return deploy(model, run, package.version, decision.number, settings, told["who"])


def _bring_back(model: str, rejected: Package, number: int, settings: Settings) -> str:
    """After a late rejection the newest version that is still approved serves again; without one people are told that
    the rejected one goes on.
    """
    wanted = wanted_of(model, settings).version
    run = ledger().run_of_version(model, wanted) if wanted else ""
    live = ledger().live(model)
    if wanted is None and live and live.version == rejected.version:
        topics.publish(settings.notification_topic_arn, kept_notice(model, rejected.version, number))
    if wanted is None or wanted > rejected.version or not run:
        return "kept"
    return deploy(model, run, wanted, number, settings, f"version {rejected.version} was rejected")


def deploy(model: str, run: str, version: int, number: int, settings: Settings, why: str) -> str:
    """Start the machine at "Deploy"; ``number`` tells the model's decisions apart."""
    name = f"{run}-d{number}"
    task = {"entry": "Deploy", "model": model, "run": run, "version": version}
    arn = execution_arn(settings.state_machine_arn, name)
    ledger().open_execution(arn, task, now())
    ledger().begin_deployment(run, arn)
    ledger().note(run, why)
    state_machine.start(settings.state_machine_arn, name, task)
    return "deploying"


def receive(text: str, settings: Settings) -> str:
    """Pass a message of the decision topic on to the registry; a notice answers one that makes no sense.

    What became of it, in words.
    """
    try:
        made = DecisionMade.parse(text)
        arn = model_registry.version_arn(resource_name(settings.stack, made.model), made.version)
        status = Approval.APPROVED if made.approve else Approval.REJECTED
        said = made.reason + (f" (sent by {made.by})" if made.by else "")
        model_registry.decide(arn, status, said.strip())
    except InputError as error:
        topics.publish(settings.notification_topic_arn, decision_notice(text, str(error)))
        return f"refused: {error}"
    return "decided"
