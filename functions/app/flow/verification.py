"""Does a version that was deployed answer what evaluation stored for it? Then it is what serves."""

from typing import Any

from app.aws import baselines, data_bucket, endpoints
from app.decide.deployment_plans import differing
from app.decide.messages import RunTask
from app.decide.rules import resource_name
from app.decide.run_plans import document_uri
from app.decide.transform_plans import ScoresMissing
from app.errors import VerificationFailed
from app.flow import batch_verification
from app.flow.desired_version import wanted_of
from app.ledger import ledger
from app.settings import Settings


def verify(task: RunTask, settings: Settings) -> dict[str, Any]:
    """Compare the version's answers with those that evaluation stored; from then on it is what serves.

    Raises:
        VerificationFailed: an answer differs, or what is to serve changed meanwhile.
        Contended: another version came into service meanwhile.
    """
    before, stored = ledger().live(task.model), held_out(task.run)
    config = _tried(task, stored, settings) if task.job else _asked(task, stored, settings)
    left_over = _left_over(task, settings) if task.job else ""
    ledger().serve(task.model, task.version, config, task.run, before)
    record = ledger().record(task.run)
    if record and "evaluation" in record.outputs:
        baselines.keep(settings.data_bucket, task.model, task.version, record.outputs["evaluation"])
    ledger().note(task.run, "verified")
    verified = {"records": len(stored["predictions"]), "config": config}
    return verified | ({"left_over": left_over} if left_over else {})


def _left_over(task: RunTask, settings: Settings) -> str:
    """The endpoint that the model had before it scored files; "" for none."""
    name = resource_name(settings.stack, task.model)
    return name if endpoints.describe(name) else ""


def held_out(run: str) -> dict[str, Any]:
    """Held-out raw records, and what evaluation said to them.

    Raises:
        VerificationFailed: the run left none.
    """
    record = ledger().record(run)
    uri = record.outputs.get("verification", "") if record else ""
    if not uri:
        raise VerificationFailed(f"run {run} left no verification records")
    found: dict[str, Any] = data_bucket.read_json(document_uri(uri, "verification.json"))
    return found


def _asked(task: RunTask, stored: dict[str, Any], settings: Settings) -> str:
    """Send the records to the endpoint; the configuration that answered."""
    name = resource_name(settings.stack, task.model)
    before = endpoints.describe(name)
    found = endpoints.invoke(name, "\n".join(stored["records"]) + "\n", stored["content_type"])["predictions"]
    after = endpoints.describe(name)
    if before is None or after is None or before.config != after.config:
        raise VerificationFailed(f"endpoint {name} changed while it was verified")
    if why := differing(stored["predictions"], found):
        raise VerificationFailed(f"endpoint {name} {why}")
    return after.config


def _tried(task: RunTask, stored: dict[str, Any], settings: Settings) -> str:
    """Read what the trial said; the SageMaker model that answered. One that answers otherwise is not tried again."""
    wanted = wanted_of(task.model, settings).version
    if wanted != task.version:
        raise VerificationFailed(f"version {task.version} was overtaken while it was tried: {wanted} is to serve")
    try:
        why = differing(stored["predictions"], batch_verification.answers(settings, task.model, task.job, stored))
    except ScoresMissing as error:
        why = str(error)
    if why:
        ledger().fail_version(task.model, task.version, why)
        raise VerificationFailed(f"transform job {task.job} {why}")
    return task.config
