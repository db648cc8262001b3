"""Putting the wanted version into service, and telling those who wait for it.

Where there is no endpoint, it is tried in a batch: see ``trials``. An endpoint is looked at when somebody begins to
wait and whenever it changes; what is done follows from what it is then.
"""

from typing import Any

from app.aws import endpoints, model_registry, state_machine
from app.aws.endpoints import Endpoint
from app.decide.deployment_alarms import alarm_names
from app.decide.deployment_plans import Deployment, deployment, superseded
from app.decide.messages import RunTask
from app.decide.rules import RunStatus, short_of_capacity
from app.errors import CapacityShort, EndpointBusy, EndpointFailed, UnknownVersion
from app.flow import batch_verification, transform_ends, verification
from app.flow.desired_version import wanted_of
from app.ledger import ledger
from app.ledger.task_tokens import Waiting
from app.settings import Settings

AT_REST = ("InService", "Failed")


def request(task: RunTask, settings: Settings) -> None:
    """Begin to serve the task's version if it is the one to serve; its token is answered when it does."""
    wanted = wanted_of(task.model, settings)
    if wanted.version != task.version:
        state_machine.succeed(task.task_token, superseded(task.version, wanted.version))
        return
    plan = planned(task, wanted.package_arn, settings)
    endpoints.ensure_model(plan)
    if plan.mode == "batch":
        job = batch_verification.begin(task, plan, verification.held_out(task.run), settings)
        transform_ends.settle(job, False, settings)
        return
    endpoints.ensure_config(plan)
    endpoints.ensure_alarms(plan)
    ledger().note(task.run, "deployment requested", status=str(RunStatus.DEPLOYING), endpoint=plan.endpoint)
    ledger().await_endpoint(
        Waiting(
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
    _move(ledger().waiting_for(plan.endpoint), wanted.version)


def look(endpoint: str, settings: Settings) -> str:
    """Look at an endpoint that changed; what was found, in a word."""
    waiting = ledger().waiting_for(endpoint)
    if not waiting:
        return "nobody waits"
    _move(waiting, wanted_of(waiting[0].model, settings).version)
    return "looked"


def planned(task: RunTask, arn: str, settings: Settings) -> Deployment:
    """How a version is served, by the plan that its run froze.

    Raises:
        UnknownVersion: the ledger has no plan of the run.
    """
    record = ledger().record(task.run)
    if record is None or record.plan is None:
        raise UnknownVersion(f"the ledger has no plan of run {task.run}")
    return deployment(
        settings, task.model, task.version, model_registry.package(arn).containers, record.plan["deployment"]
    )


def _move(waiting: list[Waiting], wanted: int | None) -> None:
    """Tell those whose version is not wanted, and bring the endpoint a step nearer to the one that is."""
    for one in waiting:
        if one.version != wanted:
            _tell(one, superseded(one.version, wanted))
    for one in waiting:
        if one.version == wanted:
            _step(one, endpoints.describe(one.endpoint))


def _step(one: Waiting, found: Endpoint | None) -> None:
    if found is None:
        _change(one, "endpoint creating", "")
    elif found.status == "InService" and found.config == one.config:
        ledger().note(one.run, "endpoint in service")
        _tell(one, {"in_service": True, "endpoint": one.endpoint, "config": one.config})
        if one.replaces:
            endpoints.forget_alarms(alarm_names(one.replaces))
    elif found.status == "Deleting":
        raise EndpointBusy(f"endpoint {one.endpoint} is being deleted")
    elif found.status in AT_REST and one.started and (found.failure or found.status == "Failed"):
        _fail(one, found)
    elif found.status == "Failed":
        endpoints.delete(one.endpoint)
    elif found.status == "InService" and not one.started:
        _change(one, "endpoint updating", found.config)


def _change(one: Waiting, what: str, replaces: str) -> None:
    """Tell SageMaker, once; the mark comes first, because the answer may come before the next line.

    A change that SageMaker does not admit because another is under way is made when that one ends.
    """
    if not ledger().mark_started(one, True, replaces):
        return
    ledger().note(one.run, what)
    try:
        if what == "endpoint creating":
            endpoints.create(one.endpoint, one.config, one.tags)
        else:
            endpoints.update(one.endpoint, one.config, one.strategy)
    except EndpointBusy:
        ledger().mark_started(one, False)
        found = endpoints.describe(one.endpoint)
        if found is None or found.status in AT_REST:
            raise


def _fail(one: Waiting, found: Endpoint) -> None:
    why = found.failure or "no reason given"
    how = "failed" if found.status == "Failed" else f"went back to {found.config}"
    if short_of_capacity(why):  # the machine tries again; the version is as good as it was
        ledger().note(one.run, "capacity is short")
        error = CapacityShort.__name__
    else:
        ledger().fail_version(one.model, one.version, why)
        error = EndpointFailed.__name__
    state_machine.fail(one.task_token, error, f"endpoint {one.endpoint} {how}: {why}")
    ledger().forget_endpoint(one)


def _tell(one: Waiting, answer: dict[str, Any]) -> None:
    state_machine.succeed(one.task_token, answer)
    ledger().forget_endpoint(one)
