"""How well the version that serves answers rows that it has never seen: by upload, before anything learns from them.

A window is an upload with at least ``LEAST`` such rows, or what a batch has of them in smaller ones. Nothing decides by
it here; it is kept as quality.json, and whoever watches the model reads it. Nothing of a run's own model is in it, so
that who asks the version measures it, too, before or without anything that is trained.

Source: Gama, Sebastião and Rodrigues (2013), On evaluating stream learning algorithms (prequential: test, then train),
https://doi.org/10.1007/s10994-012-5320-9
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from data import new_rows
from data.new_rows import NewRows
from features.features import Features
from job import world
from job.refusals import Refused
from numpy.typing import NDArray

from evaluation import comparison, metrics, slices
from evaluation.classes.quality import of_labels
from evaluation.comparison import REASON, Champion
from evaluation.over_time.periods import measured
from evaluation.rows import Rows

FORMAT = 1
QUALITY = "quality.json"
LEAST = 100  # rows of an upload, below which those of its batch are measured together
WINDOWS = 30  # the newest; each is resampled
WORST = 5  # slices that are named
NAMED = 3  # uploads of a window that are named


@dataclass(frozen=True)
class Answered:
    """What the version that serves was asked beside the held-out rows."""

    config: Mapping[str, Any]  # the model file
    new: NewRows
    champion: Champion
    folder: Path  # that champion.py wrote

    @property
    def status(self) -> dict[str, Any]:
        """Read whether it answered, and why not or not all; nothing where nobody asked."""
        path = self.folder / new_rows.FOLDER / new_rows.LISTING
        return world.read_json(path, "status of new rows") if path.is_file() else {}


@dataclass(frozen=True)
class _Window:
    id: str
    uploads: Sequence[Mapping[str, Any]]
    which: NDArray[np.bool_]  # of the rows that were answered


def of_answers(answers: Path, test: Path, config: Mapping[str, Any], features: Features, seed: int) -> dict[str, Any]:
    """Word quality.json of what champion.py wrote to ``answers``, for the new rows beside those that ``test`` holds."""
    champion = comparison.read(answers, sensitive=config["data"].get("sensitive", False))
    return document(Answered(config, NewRows(test / new_rows.FOLDER), champion, answers), features, seed)


def document(answered: Answered, features: Features, seed: int) -> dict[str, Any]:
    """Word quality.json: what was measured, by window, oldest first, and what was not and why.

    ``features`` have today's answer settings, by which true answers are read.
    """
    config, uploads = answered.config, answered.new.uploads
    metric, known = _metric(config), metrics.of_task(config["task"]).values()
    quality = {
        "format": FORMAT, "task": config["task"], "version": answered.champion.version, "metric": metric.name,
        "labels": {measure.name: measure.label for measure in known},
        "lower_is_better": [measure.name for measure in known if measure.lower_is_better],
        "known": sum(upload["known"] for upload in uploads),
        "beyond": sum(upload["rows"] - upload["asked"] for upload in uploads), "windows": [],
    }  # fmt: skip
    status = answered.status
    why = _why_not(answered, status, features)
    if why or not status.get("rows"):
        return quality | ({"reason": why} if why else {})
    try:
        rows, which = _answered(answered, features)
    except Refused as refused:  # what is wrong with the champion fails no run
        return quality | {"reason": str(refused)}
    windows = _windows(answered.new, which)
    skipped = sum(int(window.which.sum()) for window in windows[:-WINDOWS])
    listed = [_document(answered, window, rows, which, metric.name, seed) for window in windows[-WINDOWS:]]
    warning = {"warning": status["reason"]} if status.get("reason") else {}
    return quality | {"beyond": quality["beyond"] + skipped, "windows": listed} | warning


def _metric(config: Mapping[str, Any]) -> metrics.Metric:
    """Choose what windows are held against each other by: what the gate asks for first."""
    known = metrics.of_task(config["task"])
    limited = [known[limit["metric"]] for limit in config["gate"] if limit["metric"] in known]
    return next(iter([*limited, *known.values()]))


def _why_not(answered: Answered, status: Mapping[str, Any], features: Features) -> str:
    """Say why nothing can be measured; "" where it can, and where there is nothing to measure."""
    sensitive = answered.config["data"].get("sensitive", False)
    if not status:
        return answered.champion.reason
    if status["status"] != "answered":
        return str(status[REASON[sensitive]])
    if not status["rows"]:
        return str(status.get("reason", ""))
    return comparison.means_otherwise(answered.champion, features.answer.document(), features.target)


def _answered(answered: Answered, features: Features) -> tuple[Rows, NDArray[np.intp]]:
    """Set its answers beside the true ones: the rows, and their places among all new ones.

    Raises:
        Refused: there are not as many answers as rows.
    """
    folder = answered.folder / new_rows.FOLDER
    which = np.load(folder / new_rows.WHICH)
    with (folder / "predictions.csv").open(encoding="utf-8", newline="") as file:
        lines = tuple(tuple(line) for line in csv.reader(file) if line)
    if len(lines) != len(which):
        raise Refused(f"{len(which)} new rows have {len(lines)} predictions")
    truth = np.array([features.answer.encode(text) for text in answered.new.column(features.target)])[which]
    return comparison.rows_by(replace(answered.champion, lines=lines), truth, features.answer.document()), which


def _windows(new: NewRows, which: NDArray[np.intp]) -> list[_Window]:
    """Part the answered rows, oldest upload first: by upload, and of small ones by batch."""
    of_row = new.upload[which]
    groups: dict[str, list[int]] = {}
    for place in np.unique(of_row).tolist():
        upload = new.uploads[place]
        small = upload["rows"] < LEAST and upload["batch"]
        groups.setdefault(f"batch-{upload['batch']}" if small else f"upload-{upload['upload']}", []).append(place)
    return [
        _Window(name, [new.uploads[place] for place in places], np.isin(of_row, places))
        for name, places in groups.items()
    ]


def _document(
    answered: Answered, window: _Window, rows: Rows, which: NDArray[np.intp], metric: str, seed: int
) -> dict[str, Any]:
    """Word one window: when, on which uploads, each metric with its interval, means, and the worst slices."""
    own, times = rows.at(window.which), sorted(upload["at"] for upload in window.uploads)
    task = answered.config["task"]
    window_document = {
        "id": window.id, "start": times[0], "end": times[-1],
        "uploads": [upload["name"] for upload in window.uploads[:NAMED]], "of": len(window.uploads),
    }  # fmt: skip
    worst = {"slices": list(_worst(answered, which[window.which], own, metric))}
    return window_document | measured(task, own, seed) | _means(own) | worst


def _means(rows: Rows) -> dict[str, float]:
    """Set the mean that was predicted beside the mean that came true; of classes, of the label that was said."""
    rows = rows if rows.score.ndim == 1 else of_labels(rows)
    means = {"mean_predicted": float(rows.score.mean()), "mean_actual": float(rows.actual.mean())}
    return means if np.isfinite(means["mean_predicted"]) else {}


def _worst(answered: Answered, places: NDArray[np.intp], rows: Rows, metric: str) -> Iterator[dict[str, Any]]:
    """Name the slices in which it does worst, of those with enough rows."""
    marked = np.zeros(len(answered.new.keys), bool)
    marked[places] = True
    known, table = metrics.named(metric), []
    for part in slices.of_model(answered.config, answered.new):
        of_window = replace(part, which=part.which[marked])
        if of_window.rows >= slices.SMALL:
            table += slices.table(answered.config["task"], [of_window], rows, None)
    judged = [row for row in table if row["metrics"].get(metric) is not None]
    for row in sorted(judged, key=lambda row: known.loss(row["metrics"][metric], 0), reverse=True)[:WORST]:
        yield {"column": row["column"], "slice": row["slice"], "rows": row["rows"], "value": row["metrics"][metric]}
