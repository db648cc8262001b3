"""Verification: a deployed version must predict what evaluation stored for it. Then it is the live version."""

from typing import Any

from app.aws import baselines, data_bucket, endpoints
from app.decide.deployment.deployment_alarms import alarm_names
from app.decide.messages import RunTask
from app.decide.names.resource_names import resource_name
from app.decide.predictions import describe_differences, stored_answers
from app.decide.transform_plans import ScoresMissing
from app.errors import BadMessage, ContainerFailed, VerificationFailed, VerificationInterrupted
from app.flow import batch_verification, judged_content
from app.flow.deployment.versions import desired_version
from app.ledger import ledger
from app.ledger.live_versions import LiveVersion
from app.settings import Settings


def verify(task: RunTask, settings: Settings) -> dict[str, Any]:
    """Compare the version's predictions with those that evaluation stored; from then on it is the live version.

    A version that fails is marked, so that it is not the desired one any more: what served before is brought back.

    Raises:
        ArtifactChanged: what is there is not what was judged.
        VerificationFailed: a prediction differs, or the endpoint refuses records.
        VerificationInterrupted: what is deployed, or the desired version, changed meanwhile.
        Contended: another version came into service meanwhile.
    """
    judged = judged_content.of_run(task.run)
    judged_content.require_unchanged(task.model, task.version, judged)
    before, stored = ledger().live_version(task.model), stored_predictions(task.run)
    try:
        config = _verify_batch(task, stored, settings) if task.job else _verify_endpoint(task, stored, settings)
    except VerificationFailed as wrong:
        ledger().record_failure(task.model, task.version, str(wrong))
        raise
    leftover = _leftover_endpoint(task, settings) if task.job else ""
    ledger().set_live_version(task.model, LiveVersion(task.version, config, batch=bool(task.job)), task.run, before)
    if profile := judged.part("profile"):
        kept = data_bucket.read_json(profile.kept, profile.kept_version_id)
        baselines.write(settings.data_bucket, task.model, task.version, kept)
    if before and before.name != config and not before.batch:
        endpoints.delete_alarms(alarm_names(before.name))
    ledger().clear_failure(task.model, task.version)
    ledger().append_timeline(task.run, "verified")
    result = {"records": len(stored["predictions"]), "config": config}
    return result | ({"leftover": leftover} if leftover else {})


def _leftover_endpoint(task: RunTask, settings: Settings) -> str:
    """The endpoint that the model had before it scored files; "" for none."""
    name = resource_name(settings.stack, task.model)
    return name if endpoints.describe(name) else ""


def stored_predictions(run: str) -> dict[str, Any]:
    """Read the held-out raw records, and evaluation's predictions for them, as they were judged.

    Raises:
        VerificationInterrupted: the run left none that can be read.
    """
    verification = judged_content.of_run(run).part("verification")
    if verification is None:
        raise VerificationInterrupted(f"run {run} left no verification records")
    try:
        return stored_answers(data_bucket.read_json(verification.kept, verification.kept_version_id))
    except BadMessage as error:
        raise VerificationInterrupted(f"run {run} left verification records that cannot be read: {error}") from error


def _verify_endpoint(task: RunTask, stored: dict[str, Any], settings: Settings) -> str:
    """Send the records to the endpoint; the configuration that predicted."""
    name = resource_name(settings.stack, task.model)
    before = endpoints.describe(name)
    body = "\n".join(stored["records"]) + "\n"
    try:
        predictions, why = endpoints.invoke(name, body, stored["content_type"])["predictions"], ""
    except ContainerFailed as refused:
        predictions, why = [], f"refuses held-out records: {refused}"
    after = endpoints.describe(name)
    if before is None or after is None or not before.config == after.config == (task.config or after.config):
        raise VerificationInterrupted(f"endpoint {name} changed while it was verified")
    if why := why or describe_differences(stored["predictions"], predictions):
        raise VerificationFailed(f"endpoint {name} {why}")
    return after.config


def _verify_batch(task: RunTask, stored: dict[str, Any], settings: Settings) -> str:
    """Read the verification job's predictions; the SageMaker model that made them."""
    desired = desired_version(task.model, settings).version
    if desired != task.version:
        raise VerificationInterrupted(f"version {task.version} was overtaken while it was tried: {desired} is to serve")
    try:
        predictions = batch_verification.predictions(settings, task.model, task.job, stored)
        why = describe_differences(stored["predictions"], predictions)
    except ScoresMissing as error:
        why = str(error)
    if why:
        raise VerificationFailed(f"transform job {task.job} {why}")
    return task.config
