"""Slices: metrics per part of the test rows, by the columns that the model file names."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from data.column_rules import ColumnRule
from data.holdouts import RawRows
from features.number_formats import NumberFormat
from job.shown_text import shown
from numpy.typing import NDArray

from evaluation import metrics
from evaluation.comparison import or_null
from evaluation.rows import Rows

SMALL = 50  # rows below which a slice's numbers are mostly chance
LEVELS = 12  # shown by name; the rest of a column is one slice
NAME = 60  # characters of a name
MISSING, REST = "(missing)", "(all others)"


@dataclass(frozen=True)
class Slice:
    """A part of the rows; ``which`` marks them, ``(rows,)``."""

    column: str
    name: str
    which: NDArray[np.bool_]

    @property
    def rows(self) -> int:
        """Count the rows."""
        return int(self.which.sum())


def cut(
    column: str, kind: str, texts: Sequence[str], missing: frozenset[str],
    writing: NumberFormat | None = None, *, named: bool = True
) -> Iterator[Slice]:  # fmt: skip
    """Cut a column into slices that cover each row once: quarters of numbers, or levels, commonest first.

    Without being ``named`` by what rows say, they are counted.
    """
    order, names = _quarters(texts, missing, writing) if kind == "number" else _levels(texts, missing)
    labels = np.array(names, dtype=object)
    for place, name in enumerate(order, 1):
        counted = f"{'quarter' if kind == 'number' else 'level'} {place}"
        yield Slice(column, name if named or name in (MISSING, REST) else counted, labels == name)


def of_model(config: Mapping[str, Any], rows: RawRows) -> list[Slice]:
    """Cut rows by the columns that the model file names, each with its own marks for what is missing.

    Where the data are sensitive, slices go by numbers: their names are what rows say.
    """
    data, columns = config["data"], config.get("slices", [])
    named = not data.get("sensitive", False)
    rules = {name: ColumnRule.parse(data["columns"][name], frozenset(data["missing"])) for name in columns}
    return [
        part
        for column, rule in rules.items()
        for part in cut(column, rule.kind, rows.column(column), rule.missing, rule.writing, named=named)
    ]


Named = tuple[list[str], list[str]]
"""The slices' names in order, and a name per row."""


def _levels(texts: Sequence[str], missing: frozenset[str]) -> Named:
    named = [MISSING if not text or text in missing else text for text in texts]
    commonest = sorted(Counter(named).items(), key=lambda level: (-level[1], level[0]))
    kept = [level for level, _ in commonest[:LEVELS]]
    known = set(kept)
    rest = [REST] if len(commonest) > LEVELS else []
    return kept + rest, [level if level in known else REST for level in named]


def _quarters(texts: Sequence[str], missing: frozenset[str], writing: NumberFormat | None) -> Named:
    values = np.array([_number(text, missing, writing) for text in texts])
    known = values[np.isfinite(values)]
    if not len(known):
        return [MISSING], [MISSING] * len(texts)
    edges = np.unique(np.quantile(known, [0.25, 0.5, 0.75], method="inverted_cdf"))
    edges = edges[edges < known.max()]
    bounds = [*map(float, edges), float(known.max())]
    above = [f"above {low:g}, up to {high:g}" for low, high in pairwise(bounds)]
    names = [f"up to {bounds[0]:g}", *above]
    places = np.searchsorted(edges, values, side="left").tolist()
    finite = np.isfinite(values).tolist()
    labels = [names[place] if is_known else MISSING for place, is_known in zip(places, finite, strict=True)]
    return names + ([] if all(finite) else [MISSING]), labels


def _number(text: str, missing: frozenset[str], writing: NumberFormat | None) -> float:
    try:
        return math.nan if text in missing else float(writing.plain(text) if writing else text)
    except ValueError:
        return math.nan  # blank, or no number: preprocessing has refused what it cannot read


def table(task: str, cuts: Sequence[Slice], challenger: Rows, champion: Rows | None) -> list[dict[str, Any]]:
    """Measure each slice, the champion beside the challenger where there is one, as JSON."""
    return [_row(task, part, challenger, champion) for part in cuts]


def _row(task: str, part: Slice, challenger: Rows, champion: Rows | None) -> dict[str, Any]:
    name, small = shown(part.name, NAME), part.rows < SMALL
    row: dict[str, Any] = {"column": part.column, "slice": name, "rows": part.rows, "small": small}
    row["metrics"] = _measured(task, challenger.at(part.which))
    if task == "binary_classification":
        row["positives"] = int(challenger.actual[part.which].sum())
    if champion is not None:
        row["champion"] = _measured(task, champion.at(part.which))
    return row


def _measured(task: str, rows: Rows) -> dict[str, float | None]:
    return {name: or_null(value) for name, value in metrics.unweighted(task, rows).items()}


# The gate


@dataclass(frozen=True)
class SliceLimit:
    """No slice of at least ``rows`` rows may be worse than ``limit``, inclusive; smaller ones are shown, not judged."""

    metric: str
    limit: float
    rows: int = SMALL

    def broken_by(self, row: Mapping[str, Any]) -> str | None:
        """Say why a slice does not pass, or None. A metric that is not defined on a slice says nothing about it."""
        value = row["metrics"].get(self.metric)
        if row["rows"] < self.rows or value is None:
            return None
        metric = metrics.named(self.metric)
        if metric.loss(value, self.limit) <= 0:
            return None
        where = f"{row['column']} '{row['slice']}' ({row['rows']} test rows)"
        return f"{self.metric} {value:.4g} of {where} is {metric.worse_side} {self.limit:g}"


def rules_from(gate: Sequence[Mapping[str, Any]]) -> list[SliceLimit]:
    """Read those limits of a model file's gate that hold for slices."""
    key = "slice_limit"
    given = [(limit["metric"], limit[key]) for limit in gate if key in limit]
    return [SliceLimit(metric, float(rule["limit"]), int(rule.get("rows", SMALL))) for metric, rule in given]


def judge(rules: Sequence[SliceLimit], rows: Sequence[Mapping[str, Any]]) -> Iterator[tuple[dict[str, Any], list[str]]]:
    """Judge each rule: its line in evaluation.json's gate, with the worst slice's value, and why it is broken."""
    for rule in rules:
        judged = [row for row in rows if row["rows"] >= rule.rows and row["metrics"].get(rule.metric) is not None]
        reasons = [reason for row in judged if (reason := rule.broken_by(row))]
        values = [row["metrics"][rule.metric] for row in judged]
        worst = (max if metrics.named(rule.metric).lower_is_better else min)(values, default=None)
        line = {"metric": rule.metric, "slice_limit": rule.limit, "rows": rule.rows, "value": worst}
        yield line | {"passed": not reasons, "judged": len(judged), "small": len(rows) - len(judged)}, reasons
