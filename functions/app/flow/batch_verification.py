"""Putting a version into service where there is no endpoint: it is tried, in a batch transform of held-out records.

What is done when the job has ended follows from what is wanted then.
"""

import csv
import io
from typing import Any

from app.aws import data_bucket, state_machine
from app.aws.transform_jobs import Job
from app.decide.deployment_plans import Deployment, superseded
from app.decide.messages import RunTask
from app.decide.rules import RunStatus, digest, model_of_run, short_of_capacity, transform_name
from app.decide.transform_plans import Batch, for_container, transform_request, worded
from app.errors import CapacityShort, TransformFailed
from app.flow import transform_starts
from app.flow.desired_version import wanted_of
from app.ledger import ledger
from app.ledger.task_tokens import AwaitedJob
from app.settings import Settings

KIND = "trial"


def begin(task: RunTask, plan: Deployment, stored: dict[str, Any], settings: Settings) -> str:
    """Start the trial of the task's version with the records that evaluation ``stored``; its token is stored first.

    Each attempt of the state has a job of its own, as a job of one name runs once.
    """
    job = transform_name(settings.stack, task.model, task.version, digest("trial", task.task_token))
    batch = _batch(settings, task.model, job)
    records = (next(csv.reader(io.StringIO(record, newline=""))) for record in stored["records"])
    data_bucket.put_text(batch.bucket, batch.input_key, "".join(map(for_container, records)))
    ledger().note(task.run, "deployment requested", status=str(RunStatus.DEPLOYING), transform=job)
    request = transform_request(job, plan.config, plan.instance_type, *batch.uris)
    transform_starts.start(KIND, task.task_token, task.run, request, list(plan.tags))
    ledger().note(task.run, "batch transform started")
    return job


def answer(waiting: AwaitedJob, found: Job, settings: Settings) -> None:
    """Tell the run that waits what became of its trial, by what is wanted now."""
    run = waiting.whose
    ledger().note(run, f"batch transform {found.status.lower()}")
    record, model = ledger().record(run), model_of_run(run)
    version = record.version if record else None
    wanted = wanted_of(model, settings).version
    if version is None or version != wanted:
        state_machine.succeed(waiting.task_token, superseded(version or 0, wanted))
    elif found.status == "Completed":
        state_machine.succeed(waiting.task_token, {"in_service": True, "job": found.name, "config": found.model})
    else:
        _fail(run, version, found, waiting.task_token)


def answers(settings: Settings, model: str, job: str, stored: dict[str, Any]) -> list[dict[str, Any]]:
    """What the version said to the held-out records in its trial.

    Raises:
        ScoresMissing: it is not worded as the ``stored`` answers are.
    """
    batch = _batch(settings, model, job)
    return worded(data_bucket.lines(batch.bucket, batch.output_key), stored["predictions"])


def _fail(run: str, version: int, found: Job, token: str) -> None:
    if short_of_capacity(found.failure):  # the machine tries again; the version is as good as it was
        ledger().note(run, "capacity is short")
        state_machine.fail(token, CapacityShort.__name__, found.words)
        return
    ledger().fail_version(model_of_run(run), version, found.words)
    state_machine.fail(token, TransformFailed.__name__, found.words)


def _batch(settings: Settings, model: str, job: str) -> Batch:
    return Batch(settings.data_bucket, f"transforms/{model}/{job}")
