"""Deployment: reconcile a model's endpoint with its desired version, and answer those who wait for it.

Where there is no endpoint, the version is verified in a batch: see ``batch_verification``. An endpoint is reconciled
when somebody begins to wait and whenever it changes; what is done follows from what it is then.
"""

from typing import Any

from app.aws import endpoints, model_registry, state_machine
from app.aws.endpoints import Endpoint
from app.decide.approval_rules import superseded_output
from app.decide.deployment_alarms import alarm_names
from app.decide.deployment_plans import Deployment, plan_deployment
from app.decide.failure_reasons import SHORTAGES, quota_in, shortage_in
from app.decide.messages import RunTask
from app.decide.names.statuses import RunStatus
from app.errors import EndpointBusy, EndpointFailed, RetrainError, SetupError, TransientError, UnknownVersion
from app.flow import awaited_transforms, batch_verification, verification
from app.flow.desired_version import desired_version
from app.ledger import ledger
from app.ledger.task_tokens import EndpointWaiter
from app.settings import Settings

AT_REST = ("InService", "Failed")


def request(task: RunTask, settings: Settings) -> None:
    """Deploy the task's version if it is the desired one; its token is answered when the version serves."""
    desired = desired_version(task.model, settings)
    if desired.version != task.version:
        state_machine.succeed(task.task_token, superseded_output(task.version, desired.version))
        return
    plan = deployment_plan(task, desired.package_arn, settings)
    endpoints.ensure_model(plan)
    if plan.mode == "batch":
        records = verification.stored_predictions(task.run)
        job = batch_verification.start_verification(task, plan, records, settings)
        awaited_transforms.resume_job_waiter(job, False, settings)
        return
    endpoints.ensure_config(plan)
    endpoints.ensure_alarms(plan)
    ledger().update_run(task.run, "deployment requested", status=str(RunStatus.DEPLOYING), endpoint=plan.endpoint)
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
        )
    )
    _advance_all(ledger().endpoint_waiters(plan.endpoint), desired.version)


def reconcile_endpoint(endpoint: str, settings: Settings) -> str:
    """Reconcile an endpoint that changed with the desired version; the outcome, in a word."""
    waiters = ledger().endpoint_waiters(endpoint)
    if not waiters:
        return "nobody waits"
    _advance_all(waiters, desired_version(waiters[0].model, settings).version)
    return "reconciled"


def deployment_plan(task: RunTask, arn: str, settings: Settings) -> Deployment:
    """How a version is deployed, by the plan that its run froze.

    Raises:
        UnknownVersion: the ledger has no plan of the run.
    """
    record = ledger().record(task.run)
    if record is None or record.plan is None:
        raise UnknownVersion(f"the ledger has no plan of run {task.run}")
    containers = model_registry.package(arn).containers
    return plan_deployment(settings, task.model, task.version, containers, record.plan["deployment"])


def _advance_all(waiters: list[EndpointWaiter], desired: int | None) -> None:
    """Answer superseded waiters, then take the next deployment step for the desired version."""
    for waiter in waiters:
        if waiter.version != desired:
            _answer(waiter, superseded_output(waiter.version, desired))
    for waiter in waiters:
        if waiter.version == desired:
            _advance(waiter, endpoints.describe(waiter.endpoint))


def _advance(waiter: EndpointWaiter, endpoint: Endpoint | None) -> None:
    if endpoint is None:
        _apply_change(waiter, "endpoint creating", "")
    elif endpoint.status == "InService" and endpoint.config == waiter.config:
        ledger().append_timeline(waiter.run, "endpoint in service")
        _answer(waiter, {"in_service": True, "endpoint": waiter.endpoint, "config": waiter.config})
        if waiter.replaces:
            endpoints.delete_alarms(alarm_names(waiter.replaces))
    elif endpoint.status == "Deleting":
        raise EndpointBusy(f"endpoint {waiter.endpoint} is being deleted")
    elif endpoint.status in AT_REST and waiter.started and (endpoint.failure or endpoint.status == "Failed"):
        _fail(waiter, endpoint)
    elif endpoint.status == "Failed":
        endpoints.delete(waiter.endpoint)
    elif endpoint.status == "InService" and not waiter.started:
        _apply_change(waiter, "endpoint updating", endpoint.config)


def _apply_change(waiter: EndpointWaiter, what: str, replaces: str) -> None:
    """Create or update the endpoint, once; the claim comes first, because the event may come before the next line.

    If another update is in progress, retry when it ends.
    """
    if not ledger().claim_endpoint_change(waiter, replaces):
        return
    ledger().append_timeline(waiter.run, what)
    try:
        if what == "endpoint creating":
            endpoints.create(waiter.endpoint, waiter.config, waiter.tags)
        else:
            endpoints.update(waiter.endpoint, waiter.config, waiter.strategy)
    except SetupError as error:  # the state need not wait until its timeout
        _fail_task(waiter, type(error), f"endpoint {waiter.endpoint}: {error}")
    except TransientError as error:
        ledger().release_endpoint_change(waiter)
        endpoint = endpoints.describe(waiter.endpoint)
        if not isinstance(error, EndpointBusy) or endpoint is None or endpoint.status in AT_REST:
            raise


def _fail(waiter: EndpointWaiter, endpoint: Endpoint) -> None:
    """Fail the waiter: its endpoint failed, or the update was rolled back."""
    why = endpoint.failure or "no reason given"
    how = "failed" if endpoint.status == "Failed" else f"went back to {endpoint.config}"
    error = shortage_in(why)
    if error is None:
        ledger().record_failure(waiter.model, waiter.version, why)
    else:  # the version is as good as it was
        ledger().append_timeline(waiter.run, SHORTAGES[error])
    _fail_task(waiter, error or EndpointFailed, f"endpoint {waiter.endpoint} {how}: {quota_in(why) or why}")


def _fail_task(waiter: EndpointWaiter, error: type[RetrainError], cause: str) -> None:
    state_machine.fail(waiter.task_token, error.__name__, cause)
    ledger().forget_endpoint(waiter)


def _answer(waiter: EndpointWaiter, output: dict[str, Any]) -> None:
    state_machine.succeed(waiter.task_token, output)
    ledger().forget_endpoint(waiter)
