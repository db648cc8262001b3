"""A file in scoring/ from its upload to its answers in scored/."""

from collections.abc import Iterable
from tempfile import TemporaryFile
from typing import Any

from app.aws import data_bucket, state_machine, topics
from app.aws.transform_jobs import Job
from app.decide.deployment_plans import tags_of
from app.decide.notifications import scoring_notice
from app.decide.rules import iso, transform_name
from app.decide.scoring_messages import ScoringTask
from app.decide.transform_plans import ScoresMissing, transform_request
from app.decide.uploads.file_checks import Problem
from app.decide.uploads.scores import Scoring, joined, prepared, scoring_of
from app.errors import Gone, ScoresIncomplete, TransformFailed, UnknownVersion
from app.flow import live_version, transform_starts
from app.ledger.batches import now
from app.ledger.task_tokens import AwaitedJob
from app.settings import Settings

KIND = "scoring"


def begin(bucket_name: str, key: str, version_id: str, settings: Settings) -> str:
    """Start the scoring of an upload; heard twice it is one. The execution's name, "" for what asks for no scoring."""
    scoring = scoring_of(bucket_name, key, version_id)
    if scoring is None:
        return ""
    state_machine.start(settings.state_machine_arn, scoring.id, {"scoring": scoring._asdict()})
    return scoring.id


def prepare(task: ScoringTask) -> dict[str, Any]:
    """Check the file and write what the container takes; a bad one goes to quarantine with its reason."""
    scoring = _scoring(task)
    try:
        data = data_bucket.published(scoring.bucket, scoring.model).data
        body = data_bucket.stream(scoring.bucket, scoring.key, scoring.version_id)
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
    scoring, model = _scoring(task), data_bucket.published(task.bucket, task.model)
    live = live_version.live(settings, scoring.model, model.mode)
    if live is None:
        raise UnknownVersion(f"no version of '{scoring.model}' serves; approve one, then upload the file again")
    job = transform_name(settings.stack, scoring.model, live.version, scoring.id)
    request = transform_request(job, live.name, model.scoring_type, *scoring.batch.uris)
    return transform_starts.start(KIND, task.task_token, scoring.id, request, list(tags_of(settings)))


def answer(waiting: AwaitedJob, found: Job, settings: Settings) -> None:
    """Tell the scoring that waits how its job ended."""
    if found.status == "Completed":
        state_machine.succeed(waiting.task_token, {"job": found.name})
    else:
        state_machine.fail(waiting.task_token, TransformFailed.__name__, found.words)


def join(task: ScoringTask) -> dict[str, Any]:
    """Put the answers beside the file's own columns.

    Raises:
        ScoresIncomplete: there are not as many answers as records.
    """
    scoring = _scoring(task)
    data = data_bucket.published(scoring.bucket, scoring.model).data
    body = data_bucket.stream(scoring.bucket, scoring.key, scoring.version_id)
    answers = data_bucket.lines(scoring.bucket, scoring.batch.output_key)
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
        data_bucket.put_file(bucket_name, key, file)
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
    data_bucket.copy(scoring.bucket, scoring.key, scoring.version_id, scoring.refused_key, 0)
    data_bucket.put_json(scoring.bucket, scoring.refused_key + ".reason.json", document)
    data_bucket.delete_version(scoring.bucket, scoring.key, scoring.version_id)
    return message
