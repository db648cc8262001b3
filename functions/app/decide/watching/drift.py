"""A drift window: the rows of some files held against the profile of what the serving version learnt from. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from app.decide.uploads.data_checks import USUAL, chance, moved, psi
from app.decide.watching.windows import Source, WatchedWindow

MOST_COLUMNS = 20  # that a window tells of, the most drifted first
LEAST_ROWS = 500  # of a window, where the model file does not say
RISE, SHARE = 0.1, 0.01  # of missing values; of levels that are new: what the upload check allows by itself


class Rows(NamedTuple):
    """Some rows, column by column as counts per bin of the baseline, and now of what; the first bin is missing."""

    start: str  # ISO
    end: str
    counts: Mapping[str, Sequence[int]]  # by column

    @property
    def rows(self) -> int:
        """How many there are."""
        return max((sum(counts) for counts in self.counts.values()), default=0)


class ColumnDrift(NamedTuple):
    """How one column differs."""

    column: str
    psi: float
    chance: float
    why: tuple[str, ...]  # drift | missing | new levels: empty where it does not

    @property
    def document(self) -> dict[str, Any]:
        """As a window keeps it."""
        return {"psi": round(self.psi, 4), "chance": round(self.chance, 4), "why": list(self.why)}


def baseline_counts(before: Mapping[str, Any]) -> list[int]:
    """A column's rows per bin when the version was trained: missing, then bins; of categories all others last."""
    if before["kind"] == "number":
        return [before["missing"], *before["counts"]]
    return [before["missing"], *before["levels"].values(), before["other"]]


def drift_window(
    model: str, source: Source, name: str, rows: Rows, baseline: Mapping[str, Any], checks: Mapping[str, Any]
) -> WatchedWindow | None:
    """The window of some rows, by the model file's ``checks``; None where there is nothing to hold them against."""
    known = baseline.get("columns", {})
    told = [
        _told(column, list(counts), known[column], checks)
        for column, counts in rows.counts.items()
        if column in known and any(counts) and len(counts) == len(baseline_counts(known[column]))
    ]
    if not told or not baseline.get("version"):
        return None
    told.sort(key=lambda one: (not one.why, -one.psi, one.column))
    details = {
        "drifted": [one.column for one in told if one.why],
        "columns": {one.column: one.document for one in told[:MOST_COLUMNS]},
    }
    worst = max(one.psi for one in told)
    return WatchedWindow(
        model, "drift", source, name, rows.start, rows.end, rows.rows, "psi", worst, None, None,
        int(baseline["version"]), details,
    )  # fmt: skip


def _told(column: str, now: list[int], before: Mapping[str, Any], checks: Mapping[str, Any]) -> ColumnDrift:
    was, total = baseline_counts(before), sum(now)
    value, noise = psi(now, was), chance(len(now), total, sum(was))
    limit = float(checks.get("drift", {}).get("psi", USUAL))
    rise = float(checks.get("missing", {}).get("rise", RISE))
    share = float(checks.get("new_categories", {}).get("share", SHARE))
    drifts = value > max(limit, noise) or (limit <= USUAL and moved(now, was) is not None)
    misses = now[0] / total - was[0] / max(sum(was), 1) > rise and value > noise
    renamed = before["kind"] == "category" and not before["other"] and now[-1] / total > share
    found = {"drift": drifts, "missing": misses, "new levels": renamed}
    return ColumnDrift(column, value, noise, tuple(name for name, holds in found.items() if holds))
