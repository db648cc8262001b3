"""The end of a transform job: who waits for it is answered, whatever the job was for.

A job is looked at when it was started, when an event says that it ended, and when the reconciler asks.
"""

from collections.abc import Callable
from datetime import timedelta
from importlib import import_module

from app.aws import transform_jobs
from app.aws.transform_jobs import Job
from app.ledger import ledger
from app.ledger.batches import now
from app.ledger.task_tokens import AwaitedJob
from app.settings import Settings

UNBORN = timedelta(minutes=5)  # longer than any function runs: so late nobody is about to start the job
Answer = Callable[[AwaitedJob, Job, Settings], None]
ANSWERED_BY = {
    "scoring": "scoring",
    "trial": "batch_verification",
    "champion": "champion_answers",
}  # kind -> module beside this one


def settle(job: str, ended: bool, settings: Settings) -> str:
    """Answer who waits for ``job``, if it has ended; what was found, in a word.

    Raises:
        NotSettledYet: an event says that it ended, but its description is still behind.
    """
    waiting = ledger().awaited_job(job)
    if waiting is None:
        return "nobody waits"
    found = transform_jobs.ended(job, said=ended)
    if found is None:
        return "running"
    if found.status == transform_jobs.ABSENT:
        return _never_began(waiting)
    _answer(waiting, found, settings)
    ledger().forget_job(job)
    return found.status


def _never_began(waiting: AwaitedJob) -> str:
    """Forget a job that was about to start when its function died: whoever called it starts another."""
    if now() - waiting.since < UNBORN:
        return "not begun"
    ledger().forget_job(waiting.job)
    return "never began"


def _answer(waiting: AwaitedJob, found: Job, settings: Settings) -> None:
    """Each kind's module is imported when it is needed: all of them would be a tenth of every cold start."""
    answer: Answer = import_module(f"app.flow.{ANSWERED_BY[waiting.kind]}").answer
    answer(waiting, found, settings)
