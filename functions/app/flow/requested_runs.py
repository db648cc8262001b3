"""What happens when a run is asked for."""

from app.aws import data_bucket, state_machine
from app.decide.messages import RunAsked
from app.decide.run_plans import execution_arn
from app.ledger import ledger
from app.ledger.batches import Joined
from app.settings import Settings


def begin(asked: RunAsked, settings: Settings) -> Joined:
    """Begin the run, or join the one that is about to begin; asking again with the same request is the same asking.

    Raises:
        UnknownModel: no such model is published.
        RunTaken: the run that is about to begin was asked for with other settings.
    """
    data_bucket.published(settings.data_bucket, asked.model)
    joined = ledger().ask(asked, lambda run: execution_arn(settings.state_machine_arn, run))
    if joined.opened:
        task = {"entry": "Retrain", "model": asked.model, "run": joined.run}
        state_machine.start(settings.state_machine_arn, joined.run, task)
    return joined
