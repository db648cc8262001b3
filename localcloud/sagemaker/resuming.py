"""What SageMaker's parts remember, and how they go on when the cloud starts again.

Endpoints that served are started again and say so (SystemUpdating, then InService). Whatever ran is over, because its
process is: jobs and executions are Stopped, and the events that tell of it are sent.
"""

from __future__ import annotations

from typing import Any

from localcloud.background import spawn
from localcloud.sagemaker.api_shapes import now
from localcloud.sagemaker.endpoints.endpoint_records import (
    CREATING,
    DELETING,
    FAILED,
    IN_SERVICE,
    SYSTEM_UPDATING,
    Endpoint,
    emit_state_change,
)
from localcloud.sagemaker.parts import SageMaker
from localcloud.sagemaker.pipelines import execution_events
from localcloud.sagemaker.pipelines.execute import ENDED, Status
from localcloud.sagemaker.pipelines.execution_records import Execution

WHY = "the local cloud was started again while this ran"


def snapshot_state(sagemaker: SageMaker) -> dict[str, Any]:
    """Every record, by the part that has it. Without the lock: whoever holds that one may wait for who asks here."""
    return {
        owner: {name: dict(getattr(getattr(sagemaker, owner), name)) for name in names}
        for owner, names in RECORDS.items()
    }


RECORDS = {
    "context": ("tags",),
    "jobs": ("jobs",),
    "tunings": ("tunings",),
    "transforms": ("transforms",),
    "registry": ("groups", "packages"),
    "models": ("models", "configs"),
    "endpoints": ("endpoints",),
    "pipelines": ("pipelines", "executions", "tokens"),
    "runner": ("cache",),
    "scaling": ("targets",),
}


RUNNING = ("InProgress", "Stopping")  # statuses of a job
CHANGE_ALONE = ("groups", "endpoints")  # records that change without being named, and never end


def has_ended(path: tuple[Any, ...], record: Any) -> bool:
    """Whether a record changes no more unless a request names it."""
    if path[1] == "executions":
        return record.status in ENDED
    if path[1] in ("jobs", "transforms", "tunings"):
        return record.status not in RUNNING
    return path[1] not in CHANGE_ALONE


def resume(sagemaker: SageMaker, state: dict[str, Any]) -> None:
    """Go on with the records of an earlier process."""
    for owner, records in state.items():
        for name, record in records.items():
            getattr(getattr(sagemaker, owner), name).update(record)
    sagemaker.jobs.interrupt(WHY)
    sagemaker.transforms.interrupt(WHY)
    sagemaker.tunings.interrupt(WHY)
    for execution in sagemaker.pipelines.executions.values():
        _end_execution(execution)
    for endpoint in list(sagemaker.endpoints.endpoints.values()):
        _serve_again(sagemaker, endpoint)


def _end_execution(execution: Execution) -> None:
    if execution.status in ENDED:
        return
    with execution.changed:
        for record in execution.steps.values():
            if record.status not in ENDED:
                before, record.status, record.ended, record.reason = record.status, Status.STOPPED, now(), WHY
                execution_events.emit_step_change(execution, record, before)
        before, execution.status = execution.status, Status.STOPPED
        execution.reason, execution.ended, execution.modified = WHY, now(), now()
        execution_events.emit_state_change(execution, before)


def _serve_again(sagemaker: SageMaker, endpoint: Endpoint) -> None:
    if endpoint.status == DELETING:
        del sagemaker.endpoints.endpoints[endpoint.name]
    elif endpoint.status != FAILED:
        cut_off = endpoint.status not in (IN_SERVICE, CREATING, SYSTEM_UPDATING)
        endpoint.status = CREATING if endpoint.status == CREATING else SYSTEM_UPDATING
        endpoint.pending = endpoint.desired = None
        emit_state_change(endpoint, sagemaker.context)
        spawn(sagemaker.endpoints.deployments.start, endpoint, WHY if cut_off else None)
