"""Deployment is a level: compare the desired version of a model with what serves, and start or continue one deployment.

Whoever looks does the same: an event of the endpoint, a decision, the end of any execution, the reconciler. Task tokens
only tell those who wait for the outcome. Where there is no endpoint, a version is verified in a batch: see
``batch_verification``.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from app.aws import data_bucket, endpoints, state_machine, topics
from app.decide.approval_rules import superseded_output
from app.decide.deployment.endpoint_steps import (
    CHANGING,
    FAILED,
    FOUND,
    IN_SERVICE,
    REQUESTED,
    Action,
    Endpoint,
    Step,
    found_since,
)
from app.decide.deployment_plans import Deployment, plan_deployment
from app.decide.failure_reasons import SHORTAGES
from app.decide.messages import RunTask
from app.decide.names.resource_names import execution_arn, resource_name, version_of_config
from app.decide.names.statuses import RunStatus
from app.decide.notifications import taken_away_notice, waiting_notice
from app.decide.watching.captured_lines import hour_of
from app.errors import (
    EndpointBusy,
    EndpointFailed,
    InsufficientCapacity,
    QuotaReached,
    ResourceMissing,
    RetrainError,
    TransientError,
    UnknownVersion,
)
from app.flow import awaited_transforms, batch_verification, judged_content, reviews
from app.flow.deployment import scaling, shadows, still_serving, stray_versions, unheard_decisions, unused_alarms
from app.flow.deployment.endpoint_updates import advance, forget_ended
from app.flow.deployment.verification import stored_predictions
from app.flow.deployment.versions import DesiredVersion, desired_version
from app.ledger import ledger
from app.ledger.batches import now
from app.ledger.live_versions import LiveVersion
from app.ledger.task_tokens import EndpointWaiter
from app.settings import Settings

MOST_ATTEMPTS = 3  # of a version that fails for a reason that marks nothing: a dead function, a lost permission
DEPLOYING = "deploying"
TIMELINE = {Action.CREATE: "endpoint creating", Action.UPDATE: "endpoint updating", Action.DELETE: "endpoint deleting"}


def request(task: RunTask, settings: Settings) -> None:
    """Deploy the task's version if it is the desired one; its token is answered when the version serves."""
    reviews.bound(task.model, task.version, task.run, settings)
    desired = desired_version(task.model, settings)
    if desired.version != task.version:
        state_machine.succeed(task.task_token, superseded_output(task.version, desired.version))
        return
    plan = deployment_plan(task, desired.package_arn, settings)
    endpoints.ensure_model(plan)
    about = {"endpoint": plan.endpoint}
    ledger().set_status(task.run, task.execution, RunStatus.DEPLOYING, REQUESTED, **about)
    ledger().wake_execution(task.execution)
    if plan.mode == "batch":
        records = stored_predictions(task.run)
        with _telling_shortages(task, settings):
            job = batch_verification.start_verification(task, plan, records, settings)
        awaited_transforms.resume_job_waiter(job, False, settings)
        return
    endpoints.ensure_config(plan)
    if plan.capture and not ledger().captured_until(task.model):
        ledger().note_captured_until(task.model, hour_of(now()))  # from here on the reconciler has it looked at
    if plan.alarms:
        ledger().note_alarms(task.model, plan.config)  # first: who dies in between leaves them to be found
        endpoints.put_alarms(plan.alarms)
    ledger().await_endpoint(
        EndpointWaiter(
            endpoint=plan.endpoint,
            config=plan.config,
            model=task.model,
            run=task.run,
            version=task.version,
            execution=task.execution,
            task_token=task.task_token,
            strategy=plan.strategy,
            tags=list(plan.tags),
            autoscaling=plan.autoscaling,
            shadow=shadows.prepare(task, plan, desired, settings),
        )
    )
    _answer_waiters(task.model, plan.endpoint, desired, settings)


def deployment_plan(task: RunTask, arn: str, settings: Settings) -> Deployment:
    """How a version is deployed, by the plan that its run froze.

    Raises:
        UnknownVersion: the ledger has no plan of the run, or nothing was kept of what it judged.
        ArtifactChanged: what is there is not what was judged.
        ResourceMissing: an earlier release published the model, and made no role for what serves it.
    """
    record = ledger().record(task.run)
    if record is None or record.plan is None:
        raise UnknownVersion(f"the ledger has no plan of run {task.run}")
    role = data_bucket.published(settings.data_bucket, task.model).serving_role_arn
    if not role:
        raise ResourceMissing(
            f"an earlier release published model '{task.model}', without a role for what serves it:"
            f" `retrain publish {task.model}`, then `retrain approve {task.model} {task.version}`"
        )
    containers = judged_content.containers_to_deploy(task.model, task.version, task.run, arn)
    return plan_deployment(settings, task.model, task.version, containers, record.plan["deployment"], role)


def reconcile(model: str, settings: Settings, ended: str = "") -> str:
    """Compare what serves with the desired version, and take one step; the outcome, in a word.

    ``ended`` is an execution (ARN) that is over, whatever the ledger says of it.
    """
    desired, endpoint = desired_version(model, settings), resource_name(settings.stack, model)
    stray_versions.tell(model, desired.stray, settings)
    unused_alarms.delete(model, endpoint)
    scaling.look(model, endpoint)
    shadows.judge_due(model, settings)
    why = unheard_decisions.ask(model, desired, settings)
    if _answer_waiters(model, endpoint, desired, settings):
        return "advanced"
    if desired.version is None:
        found = endpoints.describe(endpoint)
        still_serving.tell(model, desired, found, settings)
        return _without_desired_version(model, found, settings)
    outcome = start_due(model, desired, settings, ended, why)
    return unheard_decisions.ask_of_desired(desired, settings) if outcome == DEPLOYING else outcome


def start_due(model: str, desired: DesiredVersion, settings: Settings, ended: str = "", why: str = "") -> str:
    """Start the machine at "Deploy version" where the desired version does not serve and nobody deploys it."""
    run, version = desired.run, desired.version
    if version is None or _serves(model, version, settings):
        return "serves" if version else "nothing to serve"
    started = ledger().deployments_started(model)
    if any(execution.run == run and execution.arn != ended for execution in ledger().open_executions()):
        return DEPLOYING
    if desired.attempts >= MOST_ATTEMPTS:
        ledger().record_failure(model, version, f"{MOST_ATTEMPTS} deployments of it ended without success")
        return "given up"
    name = f"{run}-d{started + 1}"
    task = {"entry": "Deploy", "model": model, "run": run, "version": version} | ({"why": why} if why else {})
    arn = execution_arn(settings.state_machine_arn, name)
    if not ledger().open_deployment(model, arn, task, started, now()):
        return DEPLOYING
    ledger().append_timeline(run, why or f"version {version} is to serve")
    state_machine.start(settings.state_machine_arn, name, task)
    return "started"


def _serves(model: str, version: int, settings: Settings) -> bool:
    """Whether the version was verified last, and its configuration is in service where it has an endpoint.

    An endpoint that changes is left alone: whatever that leads to is looked at when it ends.
    """
    live = ledger().live_version(model)
    if live and live.batch:
        return live.version == version
    name = resource_name(settings.stack, model)
    endpoint = endpoints.describe(name)
    if endpoint and endpoint.status in CHANGING:
        return True
    forget_ended(model, name, endpoint)
    in_service = live and endpoint and (endpoint.config, endpoint.status) == (live.name, IN_SERVICE)
    return bool(in_service and live and live.version == version)


def _answer_waiters(model: str, endpoint: str, desired: DesiredVersion, settings: Settings) -> bool:
    """Answer superseded waiters, then take the next step for the desired version; whether anybody waits for it."""
    waiters = ledger().endpoint_waiters(endpoint)
    for waiter in waiters:
        if waiter.version != desired.version:
            _answer(waiter, superseded_output(waiter.version, desired.version))
            _forget_unused(model, waiter)
    current = [waiter for waiter in waiters if waiter.version == desired.version]
    if current:
        with _telling_shortages(current[-1], settings):
            step = advance(current[-1], desired.approved)
        _tell(model, current, step, settings)
    return bool(current)


def _forget_unused(model: str, waiter: EndpointWaiter) -> None:
    """Delete the alarms of a configuration that is not deployed any more, unless SageMaker is still looking at them."""
    change = ledger().endpoint_change(model)
    if change is None or change.config != waiter.config:
        unused_alarms.delete_of(model, waiter.config)


def _tell(model: str, waiters: list[EndpointWaiter], step: Step, settings: Settings) -> None:
    """Write a step into the run's timeline, and answer all who wait for its version where the step is the last."""
    first = waiters[0]
    if step.found:
        ledger().append_timeline(first.run, f"{FOUND}{step.found}")
    if step.action in TIMELINE:
        ledger().append_timeline(first.run, TIMELINE[step.action])
    elif step.action is Action.SERVED:
        ledger().append_timeline(first.run, "endpoint in service")
        record = ledger().record(first.run)
        found = found_since(record.timeline) if record else []
        for waiter in waiters:
            serving = {"in_service": True, "endpoint": waiter.endpoint, "config": waiter.config}
            _answer(waiter, serving | ({"found": found} if found else {}))
    elif step.action is Action.TRY_LATER:  # the machine tries again; the version is as good as it was
        error = step.error or EndpointBusy
        if error in SHORTAGES:
            _tell_shortage(first, error(step.reason), settings)
        else:
            ledger().append_timeline(first.run, "its configuration is made again")
        _fail(waiters, error.__name__, step.reason)
    elif step.action is Action.GIVE_UP:
        ledger().record_failure(model, first.version, step.reason)
        unused_alarms.delete_of(model, first.config)
        ledger().forget_shadow_run(model, str(first.shadow.get("config", "")))  # after the mark: it is the reason
        _fail(waiters, EndpointFailed.__name__, step.reason)


@contextmanager
def _telling_shortages(waiting: RunTask | EndpointWaiter, settings: Settings) -> Iterator[None]:
    """Pass on every error of the calls inside; people are told of one that says that instances lack."""
    try:
        yield
    except (InsufficientCapacity, QuotaReached) as shortage:
        _tell_shortage(waiting, shortage, settings)
        raise


def _tell_shortage(waiting: RunTask | EndpointWaiter, shortage: RetrainError, settings: Settings) -> None:
    """Tell people that a deployment waits, the first time that it does; where a quota is too low its end tells them."""
    is_new = ledger().append_timeline(waiting.run, SHORTAGES[type(shortage)])
    if is_new and isinstance(shortage, TransientError):
        notice = waiting_notice(waiting.model, waiting.run, waiting.version, waiting.execution, str(shortage))
        topics.publish(settings.notification_topic_arn, notice)


def _without_desired_version(model: str, endpoint: Endpoint | None, settings: Settings) -> str:
    """No version is approved, has been judged, and has not failed.

    What was verified last goes on serving, or is brought back where that can be. What never was is taken out of use: an
    endpoint whose version failed its verification answers wrongly, and a failed one takes no update.
    """
    live = ledger().live_version(model)
    forget_ended(model, resource_name(settings.stack, model), endpoint)
    if endpoint is None or endpoint.status in CHANGING or (live and (live.batch or endpoint.config == live.name)):
        return "kept"
    if version_of_config(endpoint.config) is None:
        return "not ours"
    try:
        if live and endpoint.status != FAILED and _bring_back(model, live, endpoint):
            outcome = "brought back"
        else:
            topics.publish(settings.notification_topic_arn, taken_away_notice(model, endpoint.config))
            scaling.end(model, endpoint.name)
            endpoints.delete(endpoint.name)  # last: who dies before it tells people again
            outcome = "taken away"
    except EndpointBusy:
        return "kept"
    unused_alarms.delete_of(model, endpoint.config)
    return outcome


def _bring_back(model: str, live: LiveVersion, endpoint: Endpoint) -> bool:
    """Update the endpoint to what was verified last; False where that cannot be done any more.

    Raises:
        EndpointBusy: not now; look again.
    """
    if not endpoints.model_of_config(live.name):
        return False
    try:
        overridden = scaling.bring_back(model, endpoint.name, endpoint.config, live)
        endpoints.update(endpoint, live.name, {}, overridden)
    except EndpointFailed:
        return False
    return True


def _fail(waiters: list[EndpointWaiter], error: str, cause: str) -> None:
    for waiter in waiters:
        state_machine.fail(waiter.task_token, error, cause)
        ledger().forget_endpoint(waiter)


def _answer(waiter: EndpointWaiter, output: dict[str, Any]) -> None:
    state_machine.succeed(waiter.task_token, output)
    ledger().forget_endpoint(waiter)
