"""What to do about an open execution, or a job that somebody waits for: which function is told to look again, and at
what. Pure: nothing is done here.

SageMaker's and Step Functions' events are sent once, as well as they can. Everything that hears them decides by what
Describe says then, so the same functions can be told at any time: a nudge is an event that says no more than "look".
"""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from app.decide.rules import RunStatus, from_iso
from app.ledger.executions import OpenExecution
from app.ledger.runs import RunRecord

# How long a run may show no progress before a person is told. A reviewer's deadline is the model file's own.
PATIENCE = {
    RunStatus.WAITING: timedelta(hours=6),
    RunStatus.RUNNING: timedelta(hours=6),
    RunStatus.DEPLOYING: timedelta(hours=2),
}


class Nudge(NamedTuple):
    """An event for one of the functions that react."""

    function: str  # "pipeline", "approval", "endpoint", "transform", "end"; or "start": start the machine
    event: dict[str, Any]


def nudge(one: OpenExecution, found: dict[str, Any] | None, record: RunRecord | None) -> Nudge | None:
    """What an open execution needs, by what Step Functions and the ledger say of it; None: nothing but time."""
    if found is None:
        return Nudge("start", one.task)
    if found["status"] != "RUNNING":
        return Nudge("end", _ended(found))
    if record is None:
        return None
    if record.status is RunStatus.RUNNING and record.pipeline_execution_arn:
        return Nudge("pipeline", _pipeline(record.id, record.pipeline_execution_arn))
    if record.status is RunStatus.AWAITING_APPROVAL and record.package_arn:
        return Nudge("approval", _package(record.package_arn))
    if record.status is RunStatus.DEPLOYING and record.endpoint:
        return Nudge("endpoint", {"detail": {"EndpointName": record.endpoint}})
    return None


def nudge_of_job(job: str) -> Nudge:
    """What a transform job that somebody waits for needs."""
    return Nudge("transform", {"detail": {"TransformJobName": job, "TransformJobStatus": "Unknown"}})


def _ended(found: dict[str, Any]) -> dict[str, Any]:
    names = ("executionArn", "name", "status", "input", "error", "cause")
    detail = {name: found[name] for name in names if found.get(name) is not None}
    return {"detail-type": "Step Functions Execution Status Change", "detail": detail}


def _pipeline(run: str, execution_arn: str) -> dict[str, Any]:
    detail = {"pipelineExecutionDisplayName": run, "pipelineExecutionArn": execution_arn}
    return {"detail": detail | {"currentPipelineExecutionStatus": "Unknown"}}


def _package(arn: str) -> dict[str, Any]:
    group, version = arn.rsplit("/", 2)[1:]
    return {
        "detail": {
            "ModelPackageArn": arn,
            "ModelPackageGroupName": group,
            "ModelPackageVersion": int(version),
            "UpdatedModelPackageFields": ["ModelApprovalStatus"],
        }
    }


def progressed_at(one: OpenExecution, record: RunRecord | None) -> datetime:
    """When anything was last heard of it."""
    times = [from_iso(entry["at"]) for entry in record.timeline] if record else []
    return max([one.begun_at, *times])


def stuck(one: OpenExecution, record: RunRecord | None, now: datetime, max_wait_s: int) -> bool:
    """Whether it has made no progress for longer than its state takes."""
    if record is None or record.status not in PATIENCE:
        return False
    waits = timedelta(seconds=max_wait_s) if record.status is RunStatus.WAITING else timedelta()
    return now - progressed_at(one, record) > PATIENCE[record.status] + waits
