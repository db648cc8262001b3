"""The start of a transform job that somebody waits for."""

from typing import Any

from app.aws import transform_jobs
from app.errors import RetrainError
from app.ledger import ledger


def start(kind: str, task_token: str, whose: str, request: dict[str, Any], tags: list[dict[str, str]]) -> str:
    """Start the job of ``request``, its waiter stored first; its name. Where it cannot start, nobody waits for it.

    A start that is refused may be the second of a job that runs: then that is the one.
    """
    job = str(request["TransformJobName"])
    ledger().await_job(job, kind, task_token, whose)
    try:
        transform_jobs.start(request, tags)
    except RetrainError:
        found = transform_jobs.ended(job, said=False)
        if found is not None and found.status == transform_jobs.ABSENT:
            ledger().forget_job(job)
            raise
    return job
