"""Batch scoring: a file in scoring/ from its upload to its predictions in scored/."""

import gzip
import json
from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from tempfile import TemporaryFile
from typing import Any

from app.aws import baselines, data_bucket, state_machine, topics
from app.aws.transform_jobs import Job
from app.decide.deployment_plans import resource_tags
from app.decide.failure_reasons import shortage_in
from app.decide.names.bucket_keys import ANSWERED_BY, require_own_bucket
from app.decide.names.hashes import digest
from app.decide.names.resource_names import no_model_text, transform_name, version_of_transform
from app.decide.names.times import iso
from app.decide.notifications import scoring_notice
from app.decide.scoring_messages import ScoringTask
from app.decide.transform_plans import ScoresMissing, transform_request
from app.decide.uploads.file_checks import Problem
from app.decide.uploads.scores import (
    Scoring,
    bounded,
    check_written,
    container_lines,
    parse_scoring_key,
    rows_with_scores,
)
from app.decide.uploads.unpacking import Unpacked
from app.decide.uploads.unreadable import Unreadable, readable
from app.decide.watching.scored_rows import ScoredRows
from app.errors import Gone, ScoresIncomplete, ScoresTooLarge, TransformFailed, UnknownModel, UnknownVersion
from app.flow import awaited_transforms, judged_content
from app.flow.deployment.versions import serving_version
from app.flow.watching import drift
from app.ledger import ledger
from app.ledger.batches import now
from app.ledger.task_tokens import AwaitedJob, WaiterKind
from app.settings import Settings

REASON = ".reason.json"  # what the reason's key ends in, behind that of the file in quarantine


def start_scoring(bucket: str, key: str, version_id: str, settings: Settings) -> str:
    """Start the execution that scores an upload; its name, "" for what asks for no scoring. Idempotent.

    Raises:
        BadMessage: it lies in a bucket that is not the stack's.
    """
    require_own_bucket(bucket, settings.data_bucket)
    scoring = parse_scoring_key(bucket, key, version_id)
    if scoring is None:
        return ""
    state_machine.start(settings.state_machine_arn, scoring.id, {"scoring": scoring._asdict()})
    return scoring.id


def prepare_records(task: ScoringTask) -> dict[str, Any]:
    """Check the file and write its records for the container; a bad file goes to quarantine with its reason."""
    scoring = _scoring(task)
    try:
        return _prepared(scoring)
    except Gone:
        return {"usable": False, "reasons": [_why_gone(scoring)]}


def _prepared(scoring: Scoring) -> dict[str, Any]:
    try:
        data = data_bucket.published(scoring.bucket, scoring.model).data
        body = bounded(Unpacked(readable(data_bucket.stream(scoring.bucket, scoring.key, scoring.version_id))))
        lines = container_lines(body, data, f"models/{scoring.model}.yaml")
        rows = _put(scoring.bucket, scoring.files.input_key, lines)
    except UnknownModel:
        names = ", ".join(data_bucket.published_names(scoring.bucket)) or "none yet"
        problem = Problem(no_model_text(scoring.model), f"upload to scoring/<model>/ of one ({names})")
        return {"usable": False, "reasons": [_refuse(scoring, problem)]}
    except Unreadable as problem:  # so that it cannot be moved either
        return {"usable": False, "reasons": [problem.message(scoring.name)]}
    except Problem as problem:
        return {"usable": False, "reasons": [_refuse(scoring, problem)]}
    return {"usable": True, "rows": rows}


def _why_gone(scoring: Scoring) -> str:
    """Why the file is not there: an earlier attempt refused just this version, and died before it answered; or somebody
    deleted it.
    """
    try:
        refused = json.loads(data_bucket.read_bytes(scoring.bucket, scoring.refused_key + REASON))
    except Gone:
        refused = {}
    if refused.get("version_id") == scoring.version_id:
        return str(refused["message"])
    return f"{scoring.name} was deleted before it was scored"


def start_transform(task: ScoringTask, settings: Settings) -> str:
    """Start the transform job with the live version; its token is stored first.

    Raises:
        UnknownVersion: none does.
        ArtifactChanged: what would answer is not what was judged.
    """
    scoring, model = _scoring(task), data_bucket.published(task.bucket, task.model)
    live = serving_version(settings, scoring.model, model.mode)
    if live is None:
        raise UnknownVersion(f"no version of '{scoring.model}' serves; approve one, then upload the file again")
    judged_content.require_live_unchanged(scoring.model, live.version)
    again = digest(scoring.id, task.task_token)
    job = awaited_transforms.name_to_start(
        *(transform_name(settings.stack, scoring.model, live.version, name) for name in (scoring.id, again))
    )
    key = settings.encryption_key_arn
    request = transform_request(job, live.name, model.scoring_type, *scoring.files.uris, key)
    return awaited_transforms.start_awaited_job(
        WaiterKind.SCORING, task.task_token, scoring.id, request, list(resource_tags(settings))
    )


def resume_waiter(waiter: AwaitedJob, job: Job, settings: Settings) -> None:
    """Answer the scoring that waits for its transform job; one that found no instances is started again."""
    if job.status == "Completed":
        state_machine.succeed(waiter.task_token, {"job": job.name})
    else:
        error = shortage_in(job.failure) or TransformFailed
        state_machine.fail(waiter.task_token, error.__name__, job.summary)


def join_scores(task: ScoringTask) -> dict[str, Any]:
    """Join the predictions with the file's own columns.

    Raises:
        ScoresIncomplete: there are not as many predictions as records, or one is none.
        ScoresTooLarge: together they are more than a function holds.
    """
    scoring = _scoring(task)
    model, baseline = (
        data_bucket.published(scoring.bucket, scoring.model),
        baselines.read(scoring.bucket, scoring.model),
    )
    data, scored = model.data, ScoredRows(model.data, baseline)
    body = Unpacked(data_bucket.stream(scoring.bucket, scoring.key, scoring.version_id))
    predictions = data_bucket.lines(scoring.bucket, scoring.files.output_key)
    version = version_of_transform(task.job)
    by = {ANSWERED_BY: str(version)} if version else {}
    try:
        rows = _put(scoring.bucket, scoring.scored_key, rows_with_scores(body, predictions, data, scored), by) - 1
    except ScoresMissing as error:
        raise ScoresIncomplete(f"{scoring.name}: {error}") from error
    except Problem as problem:
        raise ScoresTooLarge(problem.message(scoring.name)) from problem
    if version:
        ledger().note_scored_file(scoring.model, scoring.scored_key, now())
    drift.note_scored(model, scoring.id, scored, baseline)
    return {"rows": rows, "key": scoring.scored_key}


def notify(task: ScoringTask, settings: Settings) -> dict[str, Any]:
    """Notify people how the scoring ended; the execution's output."""
    scoring, scored = _scoring(task), task.status == "Scored"
    notice = scoring_notice(scoring.id, scoring.name, task.status, task.reasons, task.rows, scoring.scored_key)
    topics.publish(settings.notification_topic_arn, notice)
    end = {"status": task.status, "file": scoring.name, "reason": "; ".join(task.reasons), "rows": task.rows}
    return end | ({"key": scoring.scored_key} if scored else {})


def _scoring(task: ScoringTask) -> Scoring:
    return Scoring(task.bucket, task.model, task.rest, task.version_id)


def _put(bucket: str, key: str, lines: Iterable[str], metadata: Mapping[str, str] | None = None) -> int:
    """Write lines as one object, by way of /tmp, compressed where its name says so; their number.

    Raises:
        Problem: they do not fit there.
    """
    count = size_bytes = 0
    with TemporaryFile() as file:
        with gzip.GzipFile("", "wb", 6, file, 0) if key.endswith(".gz") else nullcontext(file) as into:
            for line in lines:
                size_bytes += into.write(line.encode())
                check_written(size_bytes)
                count += 1
        file.seek(0)
        data_bucket.put_file(bucket, key, file, metadata)
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
    data_bucket.put_json(scoring.bucket, scoring.refused_key + REASON, document)
    data_bucket.delete_version(scoring.bucket, scoring.key, scoring.version_id)
    return message
