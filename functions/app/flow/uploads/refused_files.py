"""Accepted uploads that a run's own job refuses: they go to quarantine, and the run goes on without them."""

from typing import Any

from app.aws import data_bucket, topics
from app.decide.messages import DatasetArrived, RunTask
from app.decide.names.bucket_keys import parse_upload_key
from app.decide.names.times import from_iso, iso
from app.decide.notifications import files_refused_notice
from app.decide.run_plans import Refusal, refusal
from app.decide.uploads.refused_files import refused_among
from app.decide.uploads.standing import standing
from app.errors import Gone
from app.ledger import ledger
from app.ledger.batches import now
from app.settings import Settings

REMEDY = "correct the file, and upload it again"


def leave_out(task: RunTask, settings: Settings) -> dict[str, Any]:
    """Quarantine the uploads that the run's job refused, and tell people. Idempotent.

    Where it refused every upload nothing is moved: the model file is wrong rather than all of its data.
    """
    record = ledger().record(task.run)
    accepted, ids = ledger().accepted_before(task.run), record.refused_files if record else []
    refused, why = refused_among(accepted, ids), record.refused_why if record else ""
    stored = data_bucket.versions(settings.data_bucket, f"incoming/{task.model}/")
    model = data_bucket.published(settings.data_bucket, task.model)
    counted = standing(accepted, stored, model.data.append).files
    out = {file["sk"] for file in refused}
    if all(file["sk"] in out for file in counted):
        return {"any_left": False, "left_out": []}
    planned = [_refusal(settings.data_bucket, file, why) for file in refused]
    for arrival, one in planned:
        _copy(arrival, one)
    if planned:
        notice = files_refused_notice(task.model, task.run, why, [one for _, one in planned])
        topics.publish(settings.notification_topic_arn, notice)
    for file, (arrival, one) in zip(refused, planned, strict=True):
        data_bucket.delete_version(arrival.bucket, arrival.key, arrival.version_id)
        ledger().record_refusal(task.model, arrival, one.document)
        ledger().withdraw(task.model, file["sk"], f"refused by the job of run {task.run}")
    return {"any_left": True, "left_out": [file["key"] for file in refused]}


def _refusal(bucket: str, file: dict[str, Any], why: str) -> tuple[DatasetArrived, Refusal]:
    facts = {name: file[name] for name in ("key", "version_id", "etag", "size_bytes")}
    arrival = DatasetArrived(bucket=bucket, uploaded_at=from_iso(file["uploaded_at"]), **facts)
    upload = parse_upload_key(arrival.key) or ("", arrival.key)
    return arrival, refusal(arrival, *upload, f"its rows cannot be learnt from: {why}", REMEDY, iso(now()))


def _copy(arrival: DatasetArrived, refused: Refusal) -> None:
    """Copy to quarantine, with the reason; of a file that was deleted meanwhile the reason alone."""
    try:
        data_bucket.copy(arrival.bucket, arrival.key, arrival.version_id, refused.target_key, arrival.size_bytes)
    except Gone:
        return
    finally:
        data_bucket.put_json(arrival.bucket, refused.reason_key, refused.document)
