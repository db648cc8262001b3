"""The end of a transform job: who waits for it is answered, whatever the job was for.

A job is looked at when it was started, when an event says that it ended, and when the reconciler asks.
"""

from collections.abc import Callable

from app import champion_answers, scoring, transforms, trials
from app.ledger import ledger
from app.settings import Settings
from app.tokens import AwaitedJob
from app.transforms import Job

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
    ANSWERS[waiting.kind](waiting, found, settings)
    ledger().forget_job(job)
    return found.status
