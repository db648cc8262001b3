"""The predictions of a champion of several containers for a run's held-out rows: a batch transform that a pipeline's
Callback step waits for.

A champion that cannot predict is a finding: it never fails the pipeline. The outcome is written as status.json beside
the predictions, and the pipeline is told where that lies.
"""

from typing import Any

from app.aws import data_bucket, pipelines, transform_jobs
from app.aws.transform_jobs import Job
from app.decide.deployment_plans import resource_tags
from app.decide.messages import PredictionsRequested
from app.decide.names.bucket_keys import split_uri
from app.decide.names.hashes import canonical, digest
from app.decide.names.resource_names import transform_name
from app.decide.transform_plans import transform_request
from app.errors import RetrainError, TransientError
from app.flow import awaited_transforms, judged_content
from app.ledger import ledger
from app.ledger.task_tokens import AwaitedJob, WaiterKind
from app.settings import Settings


def request_predictions(request: PredictionsRequested, settings: Settings, last: bool) -> str:
    """Start the batch transform that a pipeline waits for; its job, "" where the pipeline is answered at once.

    Raises:
        TransientError: and the message comes again; where this is its ``last`` time, the pipeline goes on without.
    """
    job = transform_name(settings.stack, request.model, request.version, digest("champion", request.token))
    try:
        execution = pipelines.describe(request.execution_arn)
        if request.stopping or execution["PipelineExecutionStatus"] != "Executing":
            _stop(job, request)
            return ""
        why = _start_transform(job, request, _champion(execution), settings)
    except RetrainError as error:
        if isinstance(error, TransientError) and not last:
            raise
        transform_jobs.stop(job)
        why = f"it could not be asked: {error}"
    if why:
        folder = _write_skipped(request.model, why, settings)
        pipelines.complete_callback(request.execution_arn, request.token, {"answers": folder})
        return ""
    return job


def _champion(execution: dict[str, Any]) -> dict[str, Any] | None:
    """The champion of the execution's run, as it was when the run was planned: all of the run is held against it."""
    record = ledger().record(str(execution.get("PipelineExecutionDisplayName", "")))
    return ((record.plan if record else None) or {}).get("champion")


def _start_transform(
    job: str, request: PredictionsRequested, champion: dict[str, Any] | None, settings: Settings
) -> str:
    """Start the batch transform; why it is skipped, "" where it is not."""
    if why := reason_to_skip(champion):
        return why
    assert champion is not None, "or there is a reason"
    judged_content.require_live_unchanged(request.model, champion["version"])
    folder = f"s3://{settings.data_bucket}/transforms/{request.model}/{job}/out"
    instance_type = data_bucket.published(settings.data_bucket, request.model).scoring_type
    key = settings.encryption_key_arn
    transform = transform_request(job, champion["name"], instance_type, request.records, folder, key)
    awaited_transforms.start_awaited_job(
        WaiterKind.CHAMPION_ANSWERS, request.token, request.execution_arn, transform, list(resource_tags(settings))
    )
    return ""


def reason_to_skip(champion: dict[str, Any] | None) -> str:
    """Why the champion does not predict in a batch transform; "" when it does."""
    if champion is None:
        return "no version served when the run was planned"
    return "" if champion["is_inference_pipeline"] else "its one container is asked in the pipeline"


def resume_waiter(waiter: AwaitedJob, job: Job, settings: Settings) -> None:
    """Complete the pipeline's Callback step with the address of the predictions, or of why there are none."""
    completed = job.status == "Completed"
    status = {"status": "answered"} if completed else {"status": "failed", "reason": job.summary}
    data_bucket.put_json(*split_uri(f"{job.output}/status.json"), status)
    pipelines.complete_callback(waiter.waiter_id, waiter.task_token, {"answers": job.output})


def _stop(job: str, request: PredictionsRequested) -> None:
    """Fail the callback: the execution is being stopped, which waits for it."""
    ledger().forget_job(job, request.token)
    transform_jobs.stop(job)
    pipelines.fail_callback(request.execution_arn, request.token, "the pipeline execution is being stopped")


def _write_skipped(model: str, why: str, settings: Settings) -> str:
    """Write why the champion was skipped; equal reasons have one folder, so that the steps that read it are cached."""
    status = {"status": "skipped", "reason": why}
    folder = f"transforms/{model}/skipped/{digest(canonical(status))}"
    data_bucket.put_json(settings.data_bucket, f"{folder}/status.json", status)
    return f"s3://{settings.data_bucket}/{folder}"
