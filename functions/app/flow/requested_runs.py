"""Runs that are requested without an upload."""

from app.aws import data_bucket, state_machine
from app.decide.asked_parameters import check_asked
from app.decide.messages import RunRequested
from app.decide.names.resource_names import execution_arn
from app.ledger import ledger
from app.ledger.batches import BatchMembership
from app.settings import Settings


def request_run(request: RunRequested, settings: Settings) -> BatchMembership:
    """Begin the requested run, or join the one that is about to begin. Idempotent per request id.

    Raises:
        UnknownModel: no such model is published.
        NotAskable: what is asked of the run is not on the list that was published.
        RunTaken: the run that is about to begin was requested with other overrides.
    """
    version = request.overrides.get("pipeline_version")
    model, _ = data_bucket.published_for_run(settings.data_bucket, request.model, version)
    check_asked(model, request.overrides.get("parameters", {}))
    membership = ledger().request_run(request, lambda run: execution_arn(settings.state_machine_arn, run))
    if membership.started_batch:
        task = {"entry": "Retrain", "model": request.model, "run": membership.run}
        state_machine.start(settings.state_machine_arn, membership.run, task)
    return membership
