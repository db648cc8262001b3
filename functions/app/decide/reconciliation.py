"""Reconciliation: which function is invoked about an open execution, or an awaited job, and with which event. Pure.

SageMaker's and Step Functions' events are delivered on a best-effort basis. Every function that they invoke decides by
what Describe says then, so it can be invoked at any time: an action is an event without news.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from app.decide.approval_rules import asked_at, next_reminder
from app.decide.deployment.shadows import shadow_span
from app.decide.messages import WINDOWS, DeploymentDue, PackageChanged, PipelineChanged, RunEnded
from app.decide.names.statuses import RunStatus
from app.decide.names.times import from_iso
from app.decide.operating.digests import DUE
from app.decide.parsing import event_of
from app.decide.records import OpenExecution, RunRecord
from app.decide.scoring_messages import TransformChanged

# How long a run may make no progress before it counts as stuck. A reviewer's deadline is the model file's own.
PATIENCE = {
    RunStatus.WAITING: timedelta(hours=6),
    RunStatus.RUNNING: timedelta(hours=6),
    RunStatus.DEPLOYING: timedelta(hours=2),
}


# How long the reconciler leaves an execution alone whose version waits for a person, by how long it has waited.
RESTS = (
    (timedelta(days=1), timedelta(hours=6)), (timedelta(hours=1), timedelta(hours=1)), (timedelta.min, timedelta()),
)  # fmt: skip


class ReactingFunction(StrEnum):
    """The functions that react to events: the template's REACTING_FUNCTIONS has the name of each."""

    PIPELINE = "pipeline"
    APPROVAL = "approval"
    ENDPOINT = "endpoint"
    TRANSFORM = "transform"
    SCORING = "scoring"
    END = "end"
    POLICY = "policy"
    DIGEST = "digest"


class ReconciliationAction(NamedTuple):
    """An event for one of the functions that react to events, or, without a function, the machine's input."""

    function: ReactingFunction | None  # None: start the machine
    event: dict[str, Any]


def action_for_execution(
    execution: OpenExecution, description: dict[str, Any] | None, record: RunRecord | None
) -> ReconciliationAction | None:
    """The action that an open execution needs, by Step Functions' ``description`` and the ledger's ``record``; None:
    nothing but time.
    """
    if description is None:
        return ReconciliationAction(None, execution.task)
    if description["status"] != "RUNNING":
        return ReconciliationAction(ReactingFunction.END, event_of(RunEnded.__name__, _execution_detail(description)))
    if record is None:
        return None
    if record.status is RunStatus.RUNNING:  # without an ARN it is looked for: who started it may have died
        detail = _pipeline_detail(record.id, record.current_pipeline)
        return ReconciliationAction(ReactingFunction.PIPELINE, event_of(PipelineChanged.__name__, detail))
    if record.status is RunStatus.AWAITING_APPROVAL and record.package_arn:
        return ReconciliationAction(ReactingFunction.APPROVAL, event_of_version(record.package_arn))
    return None


def action_for_model(endpoint: str) -> ReconciliationAction:
    """The action that compares what serves a model, whose ``endpoint`` is so named, with what should."""
    return ReconciliationAction(ReactingFunction.ENDPOINT, event_of(DeploymentDue.__name__, {"EndpointName": endpoint}))


def action_for_windows(model: str) -> ReconciliationAction:
    """The action that looks at what its endpoint captured, and holds what was measured of a model against its policy:
    whoever wrote a window may have died before anybody was asked.
    """
    return ReconciliationAction(ReactingFunction.POLICY, {"model": model, "trigger": WINDOWS})


def action_for_news() -> ReconciliationAction:
    """The action that tells the news that was kept."""
    return ReconciliationAction(ReactingFunction.DIGEST, dict(DUE))


def action_for_job(job: str) -> ReconciliationAction:
    """The action that an awaited transform job needs."""
    detail = {"TransformJobName": job, "TransformJobStatus": "Unknown"}
    return ReconciliationAction(ReactingFunction.TRANSFORM, event_of(TransformChanged.__name__, detail))


def _execution_detail(description: dict[str, Any]) -> dict[str, Any]:
    names = ("executionArn", "name", "status", "input", "error", "cause")
    return {name: description[name] for name in names if description.get(name) is not None}


def _pipeline_detail(run: str, execution_arn: str) -> dict[str, Any]:
    detail = {"pipelineExecutionDisplayName": run, "pipelineExecutionArn": execution_arn}
    return detail | {"currentPipelineExecutionStatus": "Unknown"}


def event_of_version(arn: str) -> dict[str, Any]:
    """The event that has the approval status of a version looked at, whose registry's event never came."""
    group, version = arn.rsplit("/", 2)[1:]
    detail = {
        "ModelPackageArn": arn,
        "ModelPackageGroupName": group,
        "ModelPackageVersion": int(version),
        "UpdatedModelPackageFields": ["ModelApprovalStatus"],
    }
    return event_of(PackageChanged.__name__, detail)


def rests_until(action: ReconciliationAction, record: RunRecord | None, now: datetime) -> datetime | None:
    """Until when an execution is left alone after ``action``; None: it is looked at in each pass.

    Reviewers may take weeks. An approval of the version that should serve is seen meanwhile, by whoever compares what
    serves; so long unseen may be a rejection, a version that is deleted, an execution that is stopped, and of each only
    one whose event was lost. Who is to be reminded is reminded in time.
    """
    if action.function is not ReactingFunction.APPROVAL or record is None:
        return None
    asked = asked_at(record.timeline)
    if asked is None:
        return None
    rest = next(rest for least, rest in RESTS if now - asked >= least)
    reminded = next_reminder(asked, int((record.plan or {}).get("deadline_s", 0)), now)
    return min(filter(None, (now + rest, reminded))) if rest else None


def last_progress(execution: OpenExecution, record: RunRecord | None) -> datetime:
    """The time of an execution's last progress: its start, or the newest entry of its run's timeline."""
    times = [from_iso(entry["at"]) for entry in record.timeline] if record else []
    return max([execution.begun_at, *times])


def is_stuck(execution: OpenExecution, record: RunRecord | None, now: datetime, max_wait_s: int) -> bool:
    """Whether an execution has made no progress for longer than its state takes."""
    if record is None or record.status not in PATIENCE:
        return False
    waits = timedelta(seconds=max_wait_s) if record.status is RunStatus.WAITING else timedelta()
    if record.status is RunStatus.DEPLOYING:
        waits = shadow_span((record.plan or {}).get("deployment") or {})
    return now - last_progress(execution, record) > PATIENCE[record.status] + waits
