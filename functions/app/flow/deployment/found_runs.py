"""The run of a version that the ledger does not know: the registry says which pipeline execution registered it.

Whoever was to read the run's verdict died, or was stopped, after the pipeline had registered the version. The verdict
is read all the same, and the version is like any other from then on.
"""

from app.aws import functions, model_registry, pipelines
from app.decide.deployment.endpoint_steps import SETTLE
from app.decide.names.resource_names import resource_name
from app.decide.protection.judged_content import CHANGED
from app.decide.records import RunRecord
from app.errors import ResourceMissing, UnknownVersion
from app.ledger import ledger
from app.ledger.batches import now
from app.settings import Settings

MOST_REQUESTS = 10  # to read one verdict; after these people are told


def request_verdict(model: str, version: int, arn: str, settings: Settings) -> bool:
    """Have the verdict read of the run that registered a version; False where there is no such run, or its verdict
    could not be read.
    """
    requests = ledger().verdict_requests(model, version)
    if requests and now() - requests[-1] < SETTLE:
        return True
    execution = model_registry.generated_by(arn)
    if f":pipeline/{resource_name(settings.stack, model)}/execution/".lower() not in execution.lower():
        return False
    try:
        record = ledger().record(pipelines.display_name(execution))
        registered = pipelines.registered_package(execution)
    except (ResourceMissing, UnknownVersion):
        return False
    if record is None or not _unread(record, model) or registered != arn or len(requests) >= MOST_REQUESTS:
        return False
    ledger().note_verdict_request(model, version, now())
    task = {"model": model, "run": record.id, "pipeline_execution_arn": execution}
    functions.invoke(settings.verdict_function, task)
    return True


def _unread(record: RunRecord, model: str) -> bool:
    """Whether the run has ended, and not because what its pipeline left was changed."""
    return record.model == model and record.status.final and not any(CHANGED in why for why in record.reasons)
