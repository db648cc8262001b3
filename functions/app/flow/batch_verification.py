"""Batch verification: a version without an endpoint proves itself in a batch transform of held-out records.

What is done when the job has ended follows from the desired version then.
"""

import csv
import io
from typing import Any

from app.aws import data_bucket, state_machine
from app.aws.transform_jobs import Job
from app.decide.approval_rules import superseded_output
from app.decide.deployment.endpoint_steps import REQUESTED
from app.decide.deployment_plans import Deployment
from app.decide.failure_reasons import SHORTAGES, shortage_in
from app.decide.messages import RunTask
from app.decide.names.hashes import digest
from app.decide.names.resource_names import model_of_run, transform_name
from app.decide.names.statuses import RunStatus
from app.decide.transform_plans import TransformFiles, json_line, parse_predictions, transform_request
from app.errors import TransformFailed
from app.flow import awaited_transforms
from app.flow.deployment.versions import desired_version
from app.ledger import ledger
from app.ledger.task_tokens import AwaitedJob, WaiterKind
from app.settings import Settings


def start_verification(task: RunTask, plan: Deployment, stored: dict[str, Any], settings: Settings) -> str:
    """Start the verification job of the task's version with evaluation's ``stored`` records; its token is stored first.

    Each attempt of the state has a job of its own, as a job of one name runs once.
    """
    job = transform_name(settings.stack, task.model, task.version, digest("trial", task.task_token))
    files = _files(settings, task.model, job)
    records = (next(csv.reader(io.StringIO(record, newline=""))) for record in stored["records"])
    data_bucket.put_text(files.bucket, files.input_key, "".join(map(json_line, records)))
    ledger().set_status(task.run, task.execution, RunStatus.DEPLOYING, REQUESTED, transform=job)
    request = transform_request(job, plan.config, plan.instance_type, *files.uris, plan.key_arn)
    awaited_transforms.start_awaited_job(
        WaiterKind.BATCH_VERIFICATION, task.task_token, task.run, request, list(plan.tags)
    )
    ledger().append_timeline(task.run, "batch transform started")
    return job


def resume_waiter(waiter: AwaitedJob, job: Job, settings: Settings) -> None:
    """Answer the run that waits for its verification job, by the version that is desired now."""
    run = waiter.waiter_id
    ledger().append_timeline(run, f"batch transform {job.status.lower()}")
    record, model = ledger().record(run), model_of_run(run)
    version = record.version if record else None
    desired = desired_version(model, settings).version
    if version is None or version != desired:
        state_machine.succeed(waiter.task_token, superseded_output(version or 0, desired))
    elif job.status == "Completed":
        state_machine.succeed(waiter.task_token, {"in_service": True, "job": job.name, "config": job.model})
    else:
        _fail(run, version, job, waiter.task_token)


def predictions(settings: Settings, model: str, job: str, stored: dict[str, Any]) -> list[dict[str, Any]]:
    """The version's predictions for the held-out records, from its verification job.

    Raises:
        ScoresMissing: they have not the fields of the ``stored`` predictions.
    """
    files = _files(settings, model, job)
    return parse_predictions(data_bucket.lines(files.bucket, files.output_key), stored["predictions"])


def _fail(run: str, version: int, job: Job, token: str) -> None:
    if error := shortage_in(job.failure):  # the version is as good as it was
        ledger().append_timeline(run, SHORTAGES[error])
        state_machine.fail(token, error.__name__, job.summary)
        return
    ledger().record_failure(model_of_run(run), version, job.summary)
    state_machine.fail(token, TransformFailed.__name__, job.summary)


def _files(settings: Settings, model: str, job: str) -> TransformFiles:
    return TransformFiles(settings.data_bucket, f"transforms/{model}/{job}")
