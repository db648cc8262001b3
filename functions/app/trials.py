"""Putting a version into service where there is no endpoint: it is tried, in a batch transform of held-out records.

The job is looked at when it was started and when it has ended; what is done follows from what is wanted then.
"""

import csv
import io
from typing import Any

from app import bucket, machine, registry, transforms
from app.errors import CapacityShort, TransformFailed
from app.events import RunTask
from app.ledger import ledger
from app.rules import (
    RunStatus,
    digest,
    model_of_run,
    newest_wanted,
    resource_name,
    short_of_capacity,
    transform_name,
)
from app.serving_plans import Deployment, superseded
from app.settings import Settings
from app.transform_plans import Batch, for_container, transform_request, worded
from app.transforms import Job


def begin(task: RunTask, plan: Deployment, stored: dict[str, Any], settings: Settings) -> None:
    """Start the trial of the task's version with the records that evaluation ``stored``; its token is stored first.

    Each attempt of the state has a job of its own, as a job of one name runs once.
    """
    job = transform_name(settings.stack, task.model, task.version, digest("trial", task.task_token))
    batch = _batch(settings, task.model, job)
    records = (next(csv.reader(io.StringIO(record, newline=""))) for record in stored["records"])
    bucket.put_text(batch.bucket, batch.input_key, "".join(map(for_container, records)))
    ledger().note(task.run, "deployment requested", status=str(RunStatus.DEPLOYING), transform=job)
    ledger().remember_token(f"trial/{job}", task.task_token, task.run)
    transforms.start(transform_request(job, plan.config, plan.instance_type, *batch.uris), list(plan.tags))
    ledger().note(task.run, "batch transform started")
    settle(job, False, settings)


def settle(job: str, ended: bool, settings: Settings) -> str:
    """Answer the run that waits for the trial ``job``, if it has ended; what was found, in a word.

    Raises:
        NotSettledYet: an event says that it ended, but its description is still behind.
    """
    waiter = ledger().waiter(f"trial/{job}")
    if waiter is None:
        return "nobody waits"
    token, run = waiter
    found = transforms.ended(job, said=ended)
    if found is None:
        return "running"
    ledger().note(run, f"batch transform {found.status.lower()}")
    record, model = ledger().record(run), model_of_run(run)
    version = record.version if record else None
    wanted = wanted_of(model, settings)
    if version is None or version != wanted:
        machine.succeed(token, superseded(version or 0, wanted))
    elif found.status == "Completed":
        answer = {"in_service": True, "job": job, "config": found.model}
        machine.succeed(token, answer)
    else:
        _fail(run, version, found, token)
    ledger().forget_token(f"trial/{job}")
    return found.status


def wanted_of(model: str, settings: Settings) -> int | None:
    """The version that is to serve, as things are now."""
    approved = registry.approved(resource_name(settings.stack, model))
    return newest_wanted(list(approved), ledger().failed_versions(model))


def answers(settings: Settings, model: str, job: str, stored: dict[str, Any]) -> list[dict[str, Any]]:
    """What the version said to the held-out records in its trial.

    Raises:
        ScoresMissing: it is not worded as the ``stored`` answers are.
    """
    batch = _batch(settings, model, job)
    return worded(bucket.lines(batch.bucket, batch.output_key), stored["predictions"])


def _fail(run: str, version: int, found: Job, token: str) -> None:
    if short_of_capacity(found.failure):  # the machine tries again; the version is as good as it was
        ledger().note(run, "capacity is short")
        machine.fail(token, CapacityShort.__name__, found.words)
        return
    ledger().fail_version(model_of_run(run), version, found.words)
    machine.fail(token, TransformFailed.__name__, found.words)


def _batch(settings: Settings, model: str, job: str) -> Batch:
    return Batch(settings.data_bucket, f"transforms/{model}/{job}")
