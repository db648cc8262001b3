"""The profile of a data set, column by column: the baseline that later uploads are held against.

profile.json is read by jobs and, without numpy, by the upload check; it says counts, never rows. Its format:

``{"format", "model", "rows", "split", "manifest", "sources", "columns": {name: column}}`` where a source is ``{"name",
"rows"}`` with the ``"upload"`` that tells it apart, the ``"warnings"`` that it got and its ``"not_counted"`` rows by
reason, and a column is
``{"kind": "number", "rows", "missing", "min", "max", "mean", "edges": [...], "counts": [...]}`` or ``{"kind":
"category", "rows", "missing", "levels": {level: rows}, "other"}``; one of dates or JSON has no levels by name, and says
how many rows are ``"unreadable"``. A number falls into the first bin whose edge is not below it; behind the last edge
is one bin more. ``"not_counted"`` says of all sources which rows do not count and why, ``"cut"`` where time parts them.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from features.derived import json_fields
from job.numbers import LARGEST
from numpy.typing import NDArray

from data import counting
from data.splitting import sides

FORMAT = 1
BINS = 10  # deciles, as is usual for the population stability index
LEVELS = 200  # kept by name; those beyond are one bin, "other"
FEW = 20  # rows of a class, below which it is doubted
SAMPLE = 200_000  # distinct values that deciles are worked out from

Counted = tuple[NDArray[np.object_], NDArray[np.int64]]
"""Distinct texts of some rows and how often each stands."""


def number_column(parts: Iterable[Counted], missing: frozenset[str]) -> dict[str, Any]:
    """Profile a column of numbers; what is no finite number counts as missing."""
    values, rows = _numbers(parts, missing)
    known = np.abs(values) <= LARGEST  # neither missing nor infinite
    total, present = int(rows.sum()), int(rows[known].sum())
    column: dict[str, Any] = {"kind": "number", "rows": total, "missing": total - present}
    if not present:
        return column | {"min": None, "max": None, "mean": None, "edges": [], "counts": [0]}
    values, rows = values[known], rows[known]
    edges = _edges(values, rows)
    counts = np.bincount(np.searchsorted(edges, values, side="left"), rows, len(edges) + 1)
    return column | {
        "min": float(values.min()), "max": float(values.max()), "mean": float(np.average(values, weights=rows)),
        "edges": edges.tolist(), "counts": [int(count) for count in counts],
    }  # fmt: skip


def text_column(parts: Iterable[Counted], missing: frozenset[str], read: Callable[[str], object]) -> dict[str, Any]:
    """Profile a column of texts of which each row may have its own: how much is missing, and how much ``read`` cannot
    read (None); what is derived from either is missing.
    """
    counted, bad = list(parts), 0
    for texts, rows in counted:
        known = ("" if (text := str(raw).strip()) in missing else text for raw in texts)
        bad += sum(count for text, count in zip(known, rows.tolist(), strict=True) if text and read(text) is None)
    return category_column(counted, missing, levels=0) | {"unreadable": bad}


def unreadable(profile: Mapping[str, Any]) -> dict[str, int]:
    """Count the rows by column whose date or JSON cannot be read, where there are any."""
    return {name: rows for name, column in profile.get("columns", {}).items() if (rows := column.get("unreadable", 0))}


def category_column(parts: Iterable[Counted], missing: frozenset[str], levels: int = LEVELS) -> dict[str, Any]:
    """Profile a column of levels; blanks and missing marks are missing, and beyond ``levels`` they have no names."""
    counts: Counter[str] = Counter()
    for texts, rows in parts:
        for text, count in zip(texts, rows.tolist(), strict=True):
            if count:
                counts[str(text).strip()] += count
    total = counts.total()
    absent = sum(counts.pop(mark, 0) for mark in {"", *missing})
    kept = sorted(counts.items(), key=lambda level: (-level[1], level[0]))[:levels]
    named = dict(sorted(kept))
    other = total - absent - sum(named.values())
    return {"kind": "category", "rows": total, "missing": absent, "levels": named, "other": other}


def _numbers(parts: Iterable[Counted], missing: frozenset[str]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    values, rows = [np.empty(0)], [np.empty(0, np.int64)]
    for texts, counts in parts:
        stands = counts > 0
        stripped = pd.Series(texts[stands]).astype(str).str.strip()
        numbers = pd.to_numeric(stripped, errors="coerce").to_numpy(np.float64, copy=True)
        if missing:
            numbers[stripped.isin(missing).to_numpy()] = math.nan
        values.append(numbers)
        rows.append(counts[stands])
    return np.concatenate(values), np.concatenate(rows)


def _edges(values: NDArray[np.float64], rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """Find the deciles, each once and without the largest value: a constant column has one bin and one beyond."""
    stride = -(-len(values) // SAMPLE)
    order = np.argsort(values[::stride], kind="stable")
    ordered, weight = values[::stride][order], np.cumsum(rows[::stride][order])
    ranks = np.arange(1, BINS) / BINS * weight[-1]
    deciles = np.unique(ordered[np.searchsorted(weight, ranks, side="left")])
    inner: NDArray[np.float64] = deciles[deciles < values.max()]
    return inner if len(inner) else values.max()[None]


def warn_of_unreadable(profile: Mapping[str, Any]) -> None:
    """Warn in the job's log of what was read as missing."""
    for name, rows in unreadable(profile).items():
        print(f"warning: {rows} rows have a {name!r} that cannot be read; what is derived from it is missing there")


def warn_of_rare_classes(profile: Mapping[str, Any], settings: Any) -> None:
    """Warn in the job's log of classes with fewer rows than anything can be learnt from; a few of a file may be all."""
    levels = profile["columns"][settings.target].get("levels", {})
    for name in settings.answer.document().get("classes", ()):
        if levels.get(name, 0) < FEW:
            print(f"warning: {levels.get(name, 0)} rows say {name!r} in {settings.target!r}: it is hardly learnt")


def _plain(parts: Iterable[Counted], rule: Any) -> Iterator[Counted]:
    """Write the numbers of a column as 1234.5; preprocessing has read each of them by the same rule."""
    for texts, rows in parts:
        yield (
            (np.array([_rewritten(text, rule) for text in texts], dtype=object), rows)
            if rule.writing
            else (texts, rows)
        )


def _rewritten(text: str, rule: Any) -> str:
    stripped = text.strip()
    return stripped if not stripped or stripped in rule.missing else rule.writing.plain(stripped)


def _profile(parts: Iterable[Counted], rule: Any) -> dict[str, Any]:
    """Profile one raw column as its rule reads it."""
    if rule.kind == "number":
        return number_column(_plain(parts, rule), rule.missing)
    if rule.kind == "category":
        return category_column(parts, rule.missing)
    return text_column(parts, rule.missing, json_fields if rule.kind == "json" else rule.day)


def of_parts(parts: Sequence[Any], settings: Any, manifest: str) -> dict[str, Any]:
    """Profile the rows that count, of all shares: preprocessing's ``parts`` and ``settings``."""
    columns: dict[str, Any] = {}
    for name, rule in settings.columns.items():
        counted = [_counted(part.table.columns[name], part.keep) for part in parts]
        columns[name] = _profile(counted, rule)
    answers, rows = np.unique(np.concatenate([part.answers[part.keep] for part in parts]), return_counts=True)
    labels = settings.answer.document()["task"] != "regression"
    texts = [settings.answer.text(answer) for answer in answers.tolist()]
    target = [(np.array(texts, dtype=object), rows)]
    columns[settings.target] = (category_column if labels else number_column)(target, frozenset())
    years = {"as_of": settings.as_of.isoformat()} if settings.counts_years else {}
    return years | _not_counted(parts, settings) | sides.document(parts, settings) | {
        "format": FORMAT, "model": settings.model, "rows": int(rows.sum()), "manifest": manifest,
        "sources": _sources(parts), "columns": columns,
    }  # fmt: skip


def _sources(parts: Sequence[Any]) -> list[dict[str, Any]]:
    files: dict[str, list[Any]] = {}
    for part in parts:
        files.setdefault(part.table.source.name, []).append(part)
    sources = []
    for name, of_file in files.items():
        warnings, lost = of_file[0].table.source.warnings, counting.by_reason(part.why for part in of_file)
        source = {"name": name, "rows": sum(int(part.keep.sum()) for part in of_file)}
        source |= {"warnings": list(warnings)} if warnings else {}
        source |= {"upload": of_file[0].table.source.identity} if of_file[0].table.source.object else {}
        sources.append(source | ({"not_counted": lost} if lost else {}))
    return sources


def _not_counted(parts: Sequence[Any], settings: Any) -> dict[str, Any]:
    """Say how many rows do not count, why, and in words; nothing where all count."""
    counts = counting.by_reason(part.why for part in parts)
    reasons = counting.sentences(counts, sum(part.table.rows for part in parts), settings)
    return {"not_counted": {name: {"rows": counts[name], "told": reasons[name]} for name in counts}} if counts else {}


def _counted(texts: Any, keep: NDArray[np.bool_]) -> Counted:
    return texts.distinct, np.bincount(texts.codes[keep], minlength=len(texts.distinct))


def shares(column: Mapping[str, Any], like: Mapping[str, Any] | None = None) -> NDArray[np.float64]:
    """Count a column's rows per bin: missing, then bins or levels; of categories those of ``like`` and all others."""
    if column["kind"] == "number":
        return np.array([column["missing"], *column["counts"]], float)
    named = (like or column)["levels"]
    counts = [column["levels"].get(level, 0) for level in named]
    return np.array([column["missing"], *counts, column["rows"] - column["missing"] - sum(counts)], float)


def rebinned(parts: Iterable[Counted], missing: frozenset[str], edges: Sequence[float]) -> list[int]:
    """Count the rows per bin of other ``edges``."""
    values, rows = _numbers(parts, missing)
    known = np.abs(values) <= LARGEST  # neither missing nor infinite
    counts = np.bincount(np.searchsorted(edges, values[known], side="left"), rows[known], len(edges) + 1)
    return [int(count) for count in counts]


def psi(counts: NDArray[np.float64], baseline: NDArray[np.float64]) -> float:
    """Compute the population stability index; half a row is added to each bin, so that empty ones are finite.

    Source: Yurdakul (2018), Statistical Properties of Population Stability Index,
    https://scholarworks.wmich.edu/dissertations/3208/
    """
    p = (counts + 0.5) / (counts + 0.5).sum()
    q = (baseline + 0.5) / (baseline + 0.5).sum()
    return float(((p - q) * np.log(p / q)).sum())
