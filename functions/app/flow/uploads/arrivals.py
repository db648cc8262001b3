"""Arrivals: an upload joins the open batch, or goes to quarantine."""

from app.aws import baselines, data_bucket, state_machine
from app.decide.messages import DatasetArrived
from app.decide.names.bucket_keys import parse_upload_key, require_own_bucket
from app.decide.names.hashes import Hashed
from app.decide.names.resource_names import execution_arn, no_model_text
from app.decide.names.times import iso
from app.decide.run_plans import refusal
from app.decide.uploads.data_checks import judge, of_ids
from app.decide.uploads.file_checks import Problem, check_file
from app.decide.uploads.unpacking import Unpacked
from app.decide.uploads.unreadable import Unreadable, readable
from app.errors import Gone, UnknownModel
from app.flow.uploads import refusal_mails
from app.flow.watching import drift
from app.ledger import ledger
from app.ledger.batches import MAX_WARNINGS_KEPT, File, now
from app.settings import Settings


def record(arrival: DatasetArrived, settings: Settings) -> str:
    """Accept or refuse one upload; the outcome, in a word. Idempotent per object version.

    Raises:
        BadMessage: it lies in a bucket that is not the stack's.
    """
    require_own_bucket(arrival.bucket, settings.data_bucket)
    upload = parse_upload_key(arrival.key)
    if upload is None or not arrival.size_bytes:  # a gateway puts an empty object before the file itself
        return "ignored"
    outcome = ledger().recorded_outcome(*arrival.identity)
    if outcome is not None:
        if outcome.get("started_batch"):
            _start(outcome["model"], outcome["run"], settings)
        if "refused" in outcome and not outcome.get(
            "stays"
        ):  # whoever refused it may have died before that was told, or before the deletion
            data_bucket.delete_version(*arrival.identity)
        if "refused" in outcome:
            refusal_mails.tell(outcome["model"], arrival, settings)
        return "known"
    try:
        file = _check(arrival, upload[0])
    except Gone:
        return "gone"
    except Problem as problem:
        _refuse(arrival, upload, problem, settings)
        return "refused"
    membership = ledger().join_batch(
        upload[0], arrival, file, lambda run: execution_arn(settings.state_machine_arn, run)
    )
    if membership.started_batch:
        _start(upload[0], membership.run, settings)
    return "opened" if membership.started_batch else "joined"


def _start(model: str, run: str, settings: Settings) -> None:
    state_machine.start(settings.state_machine_arn, run, {"entry": "Retrain", "model": model, "run": run})


def _check(arrival: DatasetArrived, model: str) -> File:
    try:
        published = data_bucket.published(arrival.bucket, model)
    except UnknownModel as error:
        problem = no_model_text(model) if model else "it lies in no model's folder"
        names = ", ".join(data_bucket.published_names(arrival.bucket)) or "none yet"
        raise Problem(problem, f"upload to incoming/<model>/ of a published model ({names})") from error
    unpacked = Unpacked(readable(data_bucket.stream(arrival.bucket, arrival.key, arrival.version_id)))
    body = Hashed(unpacked)
    baseline = baselines.read(arrival.bucket, model)
    checked = check_file(body, published.data, f"models/{published.name}.yaml", baseline)
    findings = of_ids(published.data.id, checked.rows, checked.repeated)
    findings += judge(checked.columns, published.data.checks, baseline, sensitive=published.data.sensitive)
    if stops := [str(finding) for finding in findings if finding.action == "stop"]:
        raise Problem(
            "; ".join(stops[:MAX_WARNINGS_KEPT]), f"correct the file, or the checks in models/{published.name}.yaml"
        )
    drift.note_upload(published, arrival, checked.columns, baseline)
    return File(
        key=arrival.key,
        version_id=arrival.version_id,
        etag=arrival.etag,
        size_bytes=arrival.size_bytes,
        uploaded_at=iso(arrival.uploaded_at),
        rows=checked.rows,
        classes=dict(checked.classes),
        complete=checked.complete,
        warnings=[finding.document() for finding in findings[:MAX_WARNINGS_KEPT]],
        content=body.sha256 if checked.complete else "",
        by=data_bucket.uploader(*arrival.identity) if published.review.get("not_by") else "",
        unpacked_bytes=unpacked.unpacked_size(arrival.size_bytes),
    )


def _refuse(arrival: DatasetArrived, upload: tuple[str, str], problem: Problem, settings: Settings) -> None:
    """Quarantine: the copy and its reason first, then the deletion: what is gone could not be refused any more. That
    people are not told yet is written with the refusal.
    """
    stays = isinstance(problem, Unreadable)  # what cannot be read cannot be copied
    refused = refusal(arrival, *upload, problem.problem, problem.remedy, iso(now()), stays=stays)
    if not stays:
        data_bucket.copy(arrival.bucket, arrival.key, arrival.version_id, refused.target_key, arrival.size_bytes)
    data_bucket.put_json(arrival.bucket, refused.reason_key, refused.document)
    ledger().refuse(refused.model, arrival, refused.document, stays=stays)
    if not stays:
        data_bucket.delete_version(*arrival.identity)
    refusal_mails.tell(refused.model, arrival, settings)
