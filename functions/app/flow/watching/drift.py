"""Drift as it is measured: a window for each upload that is large enough."""

from collections.abc import Mapping
from typing import Any

from app.decide.messages import DatasetArrived
from app.decide.names.hashes import digest
from app.decide.names.times import iso
from app.decide.uploads.data_checks import bins
from app.decide.uploads.profiles import Column
from app.decide.uploads.published_model import Model
from app.decide.watching.drift import LEAST_ROWS, Rows, drift_window
from app.ledger import ledger


def note_upload(
    model: Model, arrival: DatasetArrived, columns: Mapping[str, Column], baseline: Mapping[str, Any]
) -> bool:
    """Keep the window of an accepted upload, once; whether there is one. A small file says nothing by itself."""
    known, at = baseline.get("columns", {}), iso(arrival.uploaded_at)
    found = {name: bins(column, known[name]) for name, column in columns.items() if name in known and column.rows}
    rows = Rows(at, at, {name: counts[0] for name, counts in found.items() if counts})
    if rows.rows < int((model.retrain.get("on_drift") or {}).get("least_rows", LEAST_ROWS)):
        return False
    name = digest(*arrival.identity)[:32]
    window = drift_window(model.name, "uploads", name, rows, baseline, model.data.checks)
    return window is not None and ledger().put_window(window)
