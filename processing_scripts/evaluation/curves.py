"""Curves for a report's plots, as short lists of points, thinned so that evaluation.json stays small.

Pure numbers in and out; a million rows cost a few sorts.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation.classes.quality import of_labels
from evaluation.rows import Floats, Rows

POINTS = 100
BINS = 10
SCATTER = 300  # held-out rows drawn one by one


def of_task(task: str, rows: Rows) -> dict[str, Any]:
    """Compute all curves of a task."""
    if task == "binary_classification":
        return {"roc": roc(rows), "precision_recall": precision_recall(rows), "calibration": calibration(rows)}
    if rows.score.ndim > 1:
        return {} if np.isnan(rows.score).any() else {"calibration": calibration(of_labels(rows))}
    return {"scatter": scatter(rows), "residuals": residuals(rows), "calibration": calibration(rows)}


def _cumulated(rows: Rows) -> tuple[Floats, Floats]:
    """Count true and false positives as the threshold falls past each distinct score, both ``(scores,)``."""
    order = np.argsort(-rows.score, kind="stable")
    last = np.append(np.flatnonzero(np.diff(rows.score[order])), len(order) - 1)
    hits = np.cumsum(rows.actual[order])[last]
    return hits, last + 1 - hits


def roc(rows: Rows) -> list[list[float]]:
    """Compute ``[false positive rate, true positive rate]`` from (0, 0) to (1, 1); empty where all labels are equal."""
    hits, misses = _cumulated(rows)
    if not hits[-1] or not misses[-1]:
        return []
    return _thinned(np.append(0, misses / misses[-1]), np.append(0, hits / hits[-1]))


def precision_recall(rows: Rows) -> list[list[float]]:
    """Compute ``[recall, precision]`` as the threshold falls; empty without a positive row."""
    hits, misses = _cumulated(rows)
    return _thinned(hits / hits[-1], hits / (hits + misses)) if hits[-1] else []


def _thinned(x: Floats, y: Floats) -> list[list[float]]:
    """Keep at most ``POINTS`` points, spread evenly along the curve's own length."""
    if len(x) > POINTS:
        along = np.append(0, np.cumsum(np.abs(np.diff(x)) + np.abs(np.diff(y))))
        kept = np.unique(np.searchsorted(along, np.linspace(0, along[-1], POINTS)).clip(0, len(x) - 1))
        x, y = x[kept], y[kept]
    return [[_short(a), _short(b)] for a, b in zip(x.tolist(), y.tolist(), strict=True)]


def calibration(rows: Rows) -> list[dict[str, float]]:
    """Cut the rows in tenths by score: mean prediction and mean actual target of each."""
    order = np.argsort(rows.score, kind="stable")
    parts = [part for part in np.array_split(order, BINS) if len(part)]
    return [
        {"predicted": _short(rows.score[part].mean()), "actual": _short(rows.actual[part].mean()), "rows": len(part)}
        for part in parts
    ]


def scatter(rows: Rows) -> list[list[float]]:
    """Sample ``[predicted, actual]`` of at most ``SCATTER`` rows, spread evenly over the predictions."""
    order = np.argsort(rows.predicted, kind="stable")
    sample = order[np.linspace(0, len(order) - 1, min(SCATTER, len(order))).astype(int)]
    return [[_short(rows.predicted[row]), _short(rows.actual[row])] for row in sample]


def residuals(rows: Rows) -> list[dict[str, float]]:
    """Count the errors (predicted minus actual) in 20 bins over their middle 99%, the rest at the ends."""
    error = rows.predicted - rows.actual
    low, high = np.quantile(error, [0.005, 0.995])
    edges = np.linspace(low, high if high > low else low + 1, 21)
    counts: NDArray[np.intp] = np.histogram(np.clip(error, edges[0], edges[-1]), edges)[0]
    return [{"from": _short(edges[at]), "to": _short(edges[at + 1]), "rows": int(counts[at])} for at in range(20)]


def _short(value: float) -> float:
    return float(f"{float(value):.5g}")
