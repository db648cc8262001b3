"""The end of a transform job: who waits for it is answered, whatever the job was for.

A job is looked at when it was started, when an event says that it ended, and when the reconciler asks.
"""

from collections.abc import Callable
from datetime import timedelta

from app import champion_answers, scoring, transforms, trials
from app.batches import now
from app.ledger import ledger
from app.settings import Settings
from app.tokens import AwaitedJob
from app.transforms import Job

UNBORN = timedelta(minutes=5)  # longer than any function runs: so late nobody is about to start the job
ANSWERS: dict[str, Callable[[AwaitedJob, Job, Settings], None]] = {
    scoring.KIND: scoring.answer,
    trials.KIND: trials.answer,
    champion_answers.KIND: champion_answers.answer,
}


def settle(job: str, ended: bool, settings: Settings) -> str:
    """Answer who waits for ``job``, if it has ended; what was found, in a word.

    Raises:
        NotSettledYet: an event says that it ended, but its description is still behind.
    """
    waiting = ledger().awaited_job(job)
    if waiting is None:
        return "nobody waits"
    found = transforms.ended(job, said=ended)
    if found is None:
        return "running"
    if found.status == transforms.ABSENT:
        return _never_began(waiting)
    ANSWERS[waiting.kind](waiting, found, settings)
    ledger().forget_job(job)
    return found.status


def _never_began(waiting: AwaitedJob) -> str:
    """Forget a job that was about to start when its function died: whoever called it starts another."""
    if now() - waiting.since < UNBORN:
        return "not begun"
    ledger().forget_job(waiting.job)
    return "never began"
