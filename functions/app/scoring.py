"""A file in scoring/ from its upload to its answers in scored/."""

from collections.abc import Iterable
from tempfile import TemporaryFile
from typing import Any

from app import bucket, job_starts, machine, serving, topics
from app.batches import now
from app.errors import Gone, ScoresIncomplete, TransformFailed, UnknownVersion
from app.files import Problem
from app.notices import scoring_notice
from app.rules import iso, transform_name
from app.scores import Scoring, joined, prepared, scoring_of
from app.scoring_events import ScoringTask
from app.serving_plans import tags_of
from app.settings import Settings
from app.tokens import AwaitedJob
from app.transform_plans import ScoresMissing, transform_request
from app.transforms import Job

KIND = "scoring"


def begin(bucket_name: str, key: str, version_id: str, settings: Settings) -> str:
    """Start the scoring of an upload; heard twice it is one. The execution's name, "" for what asks for no scoring."""
    scoring = scoring_of(bucket_name, key, version_id)
    if scoring is None:
        return ""
    machine.start(settings.state_machine_arn, scoring.id, {"scoring": scoring._asdict()})
    return scoring.id


def prepare(task: ScoringTask) -> dict[str, Any]:
    """Check the file and write what the container takes; a bad one goes to quarantine with its reason."""
    scoring = _scoring(task)
    try:
        data = bucket.published(scoring.bucket, scoring.model).data
        body = bucket.stream(scoring.bucket, scoring.key, scoring.version_id)
        rows = _put(scoring.bucket, scoring.batch.input_key, prepared(body, data, f"models/{scoring.model}.yaml"))
    except Problem as problem:
        return {"usable": False, "reasons": [_refuse(scoring, problem)]}
    except Gone:
        return {"usable": False, "reasons": [f"{scoring.name} was deleted before it was scored"]}
    return {"usable": True, "rows": rows}


def start(task: ScoringTask, settings: Settings) -> str:
    """Start the transform job with the version that serves; its token is stored first.

    Raises:
        UnknownVersion: none does.
    """
    scoring, model = _scoring(task), bucket.published(task.bucket, task.model)
    live = serving.live(settings, scoring.model, model.mode)
    if live is None:
        raise UnknownVersion(f"no version of '{scoring.model}' serves; approve one, then upload the file again")
    job = transform_name(settings.stack, scoring.model, live.version, scoring.id)
    request = transform_request(job, live.name, model.scoring_type, *scoring.batch.uris)
    return job_starts.start(KIND, task.task_token, scoring.id, request, list(tags_of(settings)))


def answer(waiting: AwaitedJob, found: Job, settings: Settings) -> None:
    """Tell the scoring that waits how its job ended."""
    if found.status == "Completed":
        machine.succeed(waiting.task_token, {"job": found.name})
    else:
        machine.fail(waiting.task_token, TransformFailed.__name__, found.words)


def join(task: ScoringTask) -> dict[str, Any]:
    """Put the answers beside the file's own columns.

    Raises:
        ScoresIncomplete: there are not as many answers as records.
    """
    scoring = _scoring(task)
    data = bucket.published(scoring.bucket, scoring.model).data
    body = bucket.stream(scoring.bucket, scoring.key, scoring.version_id)
    answers = bucket.lines(scoring.bucket, scoring.batch.output_key)
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
