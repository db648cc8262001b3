"""Drift as it is measured: a window for each upload that is large enough, and for scored files as they add up."""

from collections.abc import Mapping
from typing import Any

from app.decide.messages import DatasetArrived
from app.decide.names.hashes import digest
from app.decide.names.times import iso
from app.decide.uploads.data_checks import bins
from app.decide.uploads.profiles import Column
from app.decide.uploads.published_model import Model
from app.decide.watching.drift import LEAST_ROWS, Rows, drift_window
from app.decide.watching.scored_rows import ANSWERS, ScoredRows, answered
from app.decide.watching.windows import Source, WatchedWindow
from app.ledger import ledger
from app.ledger.batches import now


def note_upload(
    model: Model, arrival: DatasetArrived, columns: Mapping[str, Column], baseline: Mapping[str, Any]
) -> bool:
    """Keep the window of an accepted upload, once; whether there is one. A small file says nothing by itself."""
    known, at = baseline.get("columns", {}), iso(arrival.uploaded_at)
    found = {name: bins(column, known[name]) for name, column in columns.items() if name in known and column.rows}
    rows = Rows(at, at, {name: counts[0] for name, counts in found.items() if counts})
    if rows.rows < _least(model):
        return False
    name = digest(*arrival.identity)[:32]
    window = drift_window(model.name, "uploads", name, rows, baseline, model.data.checks)
    return window is not None and ledger().put_window(window)


def note_scored(
    model: Model, file: str, scored: ScoredRows, baseline: Mapping[str, Any], source: Source = "scored", at: str = ""
) -> bool:
    """Count a scored or captured file (its id), once; whether that closed a window. ``at`` is when it was answered.

    A version's answers are held against those of its first window: what it learnt from are truths, not answers.
    """
    if not baseline.get("version"):
        return False
    version, at = int(baseline["version"]), at or iso(now())

    def window_of(name: str, rows: Rows) -> WatchedWindow | None:
        first = ledger().first_answers(model.name, version, list(rows.counts[ANSWERS]))
        known = baseline["columns"] | {ANSWERS: answered(model.data, first)}
        return drift_window(model.name, source, name, rows, {**baseline, "columns": known}, model.data.checks)

    rows = Rows(at, at, scored.counts())
    return ledger().add_scored(model.name, version, file, rows, _least(model), window_of, source)


def _least(model: Model) -> int:
    return int((model.retrain.get("on_drift") or {}).get("least_rows", LEAST_ROWS))
