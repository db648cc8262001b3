"""Transform jobs that somebody waits for: the waiter is stored before the job starts, and answered when it has ended.

A job is described when it was started, when an event says that it ended, and when the reconciler asks.
"""

from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from typing import Any

from app.aws import transform_jobs
from app.aws.transform_jobs import Job
from app.decide.failure_reasons import shortage_in
from app.errors import RetrainError, UnknownKind
from app.ledger import ledger
from app.ledger.batches import now
from app.ledger.task_tokens import AwaitedJob, WaiterKind
from app.settings import Settings

START_GRACE = timedelta(minutes=5)  # longer than any function runs: so late nobody is about to start the job
Resume = Callable[[AwaitedJob, Job, Settings], None]


def start_awaited_job(
    kind: WaiterKind, task_token: str, waiter_id: str, request: dict[str, Any], tags: list[dict[str, str]]
) -> str:
    """Start the job of ``request``, its waiter stored first; its name. Where it cannot start, nobody waits for it.

    A start that is refused may be the retry of one that worked: then the job runs, and is ours.
    """
    job = str(request["TransformJobName"])
    ledger().await_job(job, kind, task_token, waiter_id)
    try:
        transform_jobs.start(request, tags)
    except RetrainError:
        description = transform_jobs.ended(job, announced=False)
        if description is not None and description.status == transform_jobs.ABSENT:
            ledger().forget_job(job, task_token)
            raise
    return job


def name_to_start(job: str, again: str) -> str:
    """The name for a job whose name says what it does: ``job``, so that a retry finds the one that runs.

    ``again`` where that one ended for want of instances: a job of one name runs once.
    """
    before = transform_jobs.ended(job, announced=False)
    return again if before and before.status == "Failed" and shortage_in(before.failure) else job


def resume_job_waiter(job: str, ended: bool, settings: Settings) -> str:
    """Answer who waits for ``job``, if it has ended; the outcome, in a word.

    Raises:
        NotSettledYet: an event says that it ended, but Describe does not show it yet.
    """
    waiter = ledger().awaited_job(job)
    if waiter is None:
        return "nobody waits"
    description = transform_jobs.ended(job, announced=ended)
    if description is None:
        return "running"
    if description.status == transform_jobs.ABSENT:
        return _forget_unstarted(waiter)
    _resume(waiter, description, settings)
    ledger().forget_job(job, waiter.task_token)
    return description.status


def _forget_unstarted(waiter: AwaitedJob) -> str:
    """Forget a job whose function died before it started it: the retry starts another."""
    if now() - waiter.since < START_GRACE:
        return "not begun"
    ledger().forget_job(waiter.job, waiter.task_token)
    return "never began"


def _resume(waiter: AwaitedJob, job: Job, settings: Settings) -> None:
    """Import lazily: importing the modules of all kinds adds 10 % to the cold start."""
    if waiter.kind not in set(WaiterKind):
        known = ", ".join(WaiterKind)
        raise UnknownKind(f"transform job {waiter.job} is awaited by a '{waiter.kind}'; this app knows {known}")
    resume: Resume = import_module(f"app.flow.{waiter.kind}").resume_waiter
    resume(waiter, job, settings)
