"""The start of a transform job that somebody waits for."""

from typing import Any

from app.aws import transform_jobs
from app.errors import RetrainError
from app.ledger import ledger


def start(kind: str, task_token: str, waiter_id: str, request: dict[str, Any], tags: list[dict[str, str]]) -> str:
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
            ledger().forget_job(job)
            raise
    return job
