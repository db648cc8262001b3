"""Arrivals: an upload joins the open batch, or goes to quarantine."""

from typing import Any

from app.aws import baselines, data_bucket, state_machine
from app.decide.messages import DatasetArrived
from app.decide.names.bucket_keys import INCOMING, parse_upload_key, require_own_bucket
from app.decide.names.hashes import Hashed
from app.decide.names.resource_names import execution_arn
from app.decide.names.times import iso
from app.decide.uploads.data_checks import judge, of_ids
from app.decide.uploads.file_checks import Problem, check_file
from app.decide.uploads.published_model import Model
from app.decide.uploads.unpacking import Unpacked
from app.decide.uploads.unreadable import readable
from app.errors import Gone
from app.flow.uploads import refusing
from app.flow.watching import drift
from app.ledger import ledger
from app.ledger.batches import MAX_WARNINGS_KEPT, File
from app.settings import Settings


class Standards:
    """What uploads are held against: published models and their baselines, each read once for all messages that were
    received together, as every one of them is older.
    """

    def __init__(self, bucket: str) -> None:
        self._bucket = bucket
        self._known: dict[str, tuple[Model, dict[str, Any]]] = {}

    def of(self, model: str) -> tuple[Model, dict[str, Any]]:
        """The published model, and its baseline.

        Raises:
            Problem: no such model is published.
        """
        if model not in self._known:
            published = refusing.model_of(self._bucket, model, INCOMING)
            self._known[model] = published, baselines.read(self._bucket, model)
        return self._known[model]


def record(arrival: DatasetArrived, standards: Standards, settings: Settings) -> str:
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
        refusing.finish(outcome, arrival, settings)
        return "known"
    try:
        file = _check(arrival, *standards.of(upload[0]))
    except Gone:
        return "gone"
    except Problem as problem:
        refusing.refuse(arrival, upload, problem, settings)
        return "refused"
    membership = ledger().join_batch(
        upload[0], arrival, file, lambda run: execution_arn(settings.state_machine_arn, run)
    )
    if membership.started_batch:
        _start(upload[0], membership.run, settings)
    return "opened" if membership.started_batch else "joined"


def _start(model: str, run: str, settings: Settings) -> None:
    state_machine.start(settings.state_machine_arn, run, {"entry": "Retrain", "model": model, "run": run})


def _check(arrival: DatasetArrived, published: Model, baseline: dict[str, Any]) -> File:
    unpacked = Unpacked(readable(data_bucket.stream(arrival.bucket, arrival.key, arrival.version_id)))
    body = Hashed(unpacked)
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
