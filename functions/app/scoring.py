"""A file in scoring/ from its upload to its answers in scored/."""

from collections.abc import Iterable
from dataclasses import asdict
from tempfile import TemporaryFile
from typing import Any

from app import bucket, endpoints, machine, registry, topics, transforms
from app.batches import now
from app.errors import Gone, NotSettledYet, ScoresIncomplete, TransformFailed, UnknownVersion
from app.files import Problem
from app.ledger import ledger
from app.notices import scoring_notice
from app.plans import deployment
from app.rules import iso, newest_wanted, resource_name, transform_name
from app.scores import ScoresMissing, Scoring, joined, prepared, scoring_of, transform_request
from app.scoring_events import ScoringTask
from app.settings import Settings


def begin(bucket_name: str, key: str, version_id: str, settings: Settings) -> str:
    """Start the scoring of an upload; heard twice it is one. The execution's name, "" for what asks for no scoring."""
    scoring = scoring_of(bucket_name, key, version_id)
    if scoring is None:
        return ""
    machine.start(settings.state_machine_arn, scoring.id, {"scoring": asdict(scoring)})
    return scoring.id


def prepare(task: ScoringTask) -> dict[str, Any]:
    """Check the file and write what the container takes; a bad one goes to quarantine with its reason."""
    scoring = _scoring(task)
    try:
        data = bucket.published(scoring.bucket, scoring.model).data
        body = bucket.stream(scoring.bucket, scoring.key, scoring.version_id)
        rows = _put(scoring.bucket, scoring.input_key, prepared(body, data, f"models/{scoring.model}.yaml"))
    except Problem as problem:
        return {"usable": False, "reasons": [_refuse(scoring, problem)]}
    except Gone:
        return {"usable": False, "reasons": [f"{scoring.name} was deleted before it was scored"]}
    return {"usable": True, "rows": rows}


def start(task: ScoringTask, settings: Settings) -> str:
    """Start the transform job with the version that is to serve; its token is stored first.

    Raises:
        UnknownVersion: no version is approved.
    """
    scoring, group = _scoring(task), resource_name(settings.stack, task.model)
    approved = registry.approved(group)
    version = newest_wanted(list(approved), ledger().failed_versions(scoring.model))
    if version is None:
        raise UnknownVersion(f"no version of '{scoring.model}' is approved; approve one, then upload the file again")
    wish = bucket.published(scoring.bucket, scoring.model).deployment
    plan = deployment(settings, scoring.model, version, registry.package(approved[version]).containers, wish)
    endpoints.ensure_model(plan)
    job = transform_name(settings.stack, scoring.model, version, scoring.id)
    ledger().remember_token(f"transform/{job}", task.task_token, scoring.id)
    instance = wish.get("instance_type") or "ml.m5.large"
    transforms.start(transform_request(scoring, job, plan.config, instance), list(plan.tags))
    settle(job, ended=False)
    return job


def settle(job: str, ended: bool) -> str:
    """Answer the scoring that waits for a transform job, if the job has ended; what was found, in a word.

    Raises:
        NotSettledYet: an event says that it ended, but its description is still behind.
    """
    token = ledger().token(f"transform/{job}")
    if not token:
        return "nobody waits"
    status, failure = transforms.describe(job)
    if status not in transforms.ENDED:
        if ended:
            raise NotSettledYet(f"transform job {job} is said to have ended, but is {status}")
        return "running"
    if status == "Completed":
        machine.succeed(token, {"job": job})
    else:
        machine.fail(token, TransformFailed.__name__, f"transform job {job} {status.lower()}: {failure}")
    ledger().forget_token(f"transform/{job}")
    return status


def join(task: ScoringTask) -> dict[str, Any]:
    """Put the answers beside the file's own columns.

    Raises:
        ScoresIncomplete: there are not as many answers as records.
    """
    scoring = _scoring(task)
    data = bucket.published(scoring.bucket, scoring.model).data
    body = bucket.stream(scoring.bucket, scoring.key, scoring.version_id)
    answers = bucket.lines(scoring.bucket, scoring.output_key)
    try:
        rows = _put(scoring.bucket, scoring.scored_key, joined(body, answers, data)) - 1
    except ScoresMissing as error:
        raise ScoresIncomplete(f"{scoring.name}: {error}") from error
    return {"rows": rows, "key": scoring.scored_key}


def tell(task: ScoringTask, settings: Settings) -> dict[str, Any]:
    """Tell people how it ended; the execution's output."""
    scoring, scored = _scoring(task), task.status == "Scored"
    notice = scoring_notice(scoring.id, scoring.name, task.status, task.reasons, task.rows, scoring.scored_key)
    topics.publish(settings.notification_topic_arn, notice)
    end = {"status": task.status, "file": scoring.name, "reason": "; ".join(task.reasons), "rows": task.rows}
    return end | ({"key": scoring.scored_key} if scored else {})


def _scoring(task: ScoringTask) -> Scoring:
    return Scoring(task.bucket, task.model, task.rest, task.version_id)


def _put(bucket_name: str, key: str, lines: Iterable[str]) -> int:
    """Write lines as one object, however many; how many records they were."""
    count = 0
    with TemporaryFile() as file:
        for line in lines:
            file.write(line.encode())
            count += 1
        file.seek(0)
        bucket.put_file(bucket_name, key, file)
    return count


def _refuse(scoring: Scoring, problem: Problem) -> str:
    """Quarantine: the copy and its reason first, the deletion last, so that a crash in between is only repeated."""
    message = problem.message(scoring.name)
    document = {
        "file": scoring.name,
        "problem": problem.problem,
        "remedy": problem.remedy,
        "message": message,
        "at": iso(now()),
        "version_id": scoring.version_id,
        "model": scoring.model,
        "quarantined_as": scoring.refused_key,
    }
    bucket.copy(scoring.bucket, scoring.key, scoring.version_id, scoring.refused_key, 0)
    bucket.put_json(scoring.bucket, scoring.refused_key + ".reason.json", document)
    bucket.delete_version(scoring.bucket, scoring.key, scoring.version_id)
    return message
