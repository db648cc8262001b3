"""What happens when a run is asked for."""

from app import bucket, machine
from app.batches import Joined
from app.events import RunAsked
from app.ledger import ledger
from app.plans import execution_arn
from app.settings import Settings


def begin(asked: RunAsked, settings: Settings) -> Joined:
    """Begin the run, or join the one that is about to begin; asking again with the same request is the same asking.

    Raises:
        UnknownModel: no such model is published.
        RunTaken: the run that is about to begin was asked for with other settings.
    """
    bucket.published(settings.data_bucket, asked.model)
    joined = ledger().ask(asked, lambda run: execution_arn(settings.state_machine_arn, run))
    if joined.opened:
        task = {"entry": "Retrain", "model": asked.model, "run": joined.run}
        machine.start(settings.state_machine_arn, joined.run, task)
    return joined
