"""Reconciliation: which function is invoked about an open execution, or an awaited job, and with which event. Pure.

SageMaker's and Step Functions' events are delivered on a best-effort basis. Every function that they invoke decides by
what Describe says then, so it can be invoked at any time: an action is an event without news.
"""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from app.decide.names.statuses import RunStatus
from app.decide.names.times import from_iso
from app.decide.records import OpenExecution, RunRecord

# How long a run may make no progress before it counts as stuck. A reviewer's deadline is the model file's own.
PATIENCE = {
    RunStatus.WAITING: timedelta(hours=6),
    RunStatus.RUNNING: timedelta(hours=6),
    RunStatus.DEPLOYING: timedelta(hours=2),
}


class ReconciliationAction(NamedTuple):
    """An event for one of the functions that react to events."""

    function: str  # "pipeline", "approval", "endpoint", "transform", "end"; or "start": start the machine
    event: dict[str, Any]


def action_for_execution(
    execution: OpenExecution, description: dict[str, Any] | None, record: RunRecord | None
) -> ReconciliationAction | None:
    """The action that an open execution needs, by Step Functions' ``description`` and the ledger's ``record``; None:
    nothing but time.
    """
    if description is None:
        return ReconciliationAction("start", execution.task)
    if description["status"] != "RUNNING":
        return ReconciliationAction("end", _execution_event(description))
    if record is None:
        return None
    if record.status is RunStatus.RUNNING and record.pipeline_execution_arn:
        return ReconciliationAction("pipeline", _pipeline_event(record.id, record.pipeline_execution_arn))
    if record.status is RunStatus.AWAITING_APPROVAL and record.package_arn:
        return ReconciliationAction("approval", _package_event(record.package_arn))
    return None


def action_for_model(endpoint: str) -> ReconciliationAction:
    """The action that compares what serves a model, whose ``endpoint`` is so named, with what should."""
    return ReconciliationAction("endpoint", {"detail": {"EndpointName": endpoint}})


def action_for_job(job: str) -> ReconciliationAction:
    """The action that an awaited transform job needs."""
    return ReconciliationAction("transform", {"detail": {"TransformJobName": job, "TransformJobStatus": "Unknown"}})


def _execution_event(description: dict[str, Any]) -> dict[str, Any]:
    names = ("executionArn", "name", "status", "input", "error", "cause")
    detail = {name: description[name] for name in names if description.get(name) is not None}
    return {"detail-type": "Step Functions Execution Status Change", "detail": detail}


def _pipeline_event(run: str, execution_arn: str) -> dict[str, Any]:
    detail = {"pipelineExecutionDisplayName": run, "pipelineExecutionArn": execution_arn}
    return {"detail": detail | {"currentPipelineExecutionStatus": "Unknown"}}


def _package_event(arn: str) -> dict[str, Any]:
    group, version = arn.rsplit("/", 2)[1:]
    return {
        "detail": {
            "ModelPackageArn": arn,
            "ModelPackageGroupName": group,
            "ModelPackageVersion": int(version),
            "UpdatedModelPackageFields": ["ModelApprovalStatus"],
        }
    }


def last_progress(execution: OpenExecution, record: RunRecord | None) -> datetime:
    """The time of an execution's last progress: its start, or the newest entry of its run's timeline."""
    times = [from_iso(entry["at"]) for entry in record.timeline] if record else []
    return max([execution.begun_at, *times])


def is_stuck(execution: OpenExecution, record: RunRecord | None, now: datetime, max_wait_s: int) -> bool:
    """Whether an execution has made no progress for longer than its state takes."""
    if record is None or record.status not in PATIENCE:
        return False
    waits = timedelta(seconds=max_wait_s) if record.status is RunStatus.WAITING else timedelta()
    return now - last_progress(execution, record) > PATIENCE[record.status] + waits
