"""Fit the transformer, on training rows only."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from artifact.answers import Answer, BinaryAnswer, ClassesAnswer
from features.features import DENSE, CategoryColumn, Column, Features, NumberColumn
from features.levels import RARE_ROWS, ordered_levels, steady
from job.refusals import Refused
from numpy.typing import NDArray

from data import tables
from data.column_rules import Settings
from data.crossfit import level_counts
from data.parts import Part, line_of
from data.splitting import splits

REMEDY = (
    "if it marks a missing value, add it to data.missing in the model file; "
    "if the column is text, declare it a category"
)


def count_rows(parts: Sequence[Part], settings: Settings) -> dict[str, int]:
    """Count the rows of each share.

    Raises:
        Refused: when a share is empty or all its targets are equal; nothing can be learnt or measured then.
    """
    counts = {}
    for share, name in enumerate(splits.SHARES):
        targets = [part.answers[part.chosen(share)] for part in parts]
        counts[name] = sum(map(len, targets))
        if not counts[name] and settings.split[name] == 0:
            continue
        if not counts[name]:
            raise Refused(f"no rows for {name}: {_total(parts)} rows are too few to split; upload more data")
        lowest = min(of_part.min() for of_part in targets if len(of_part))
        highest = max(of_part.max() for of_part in targets if len(of_part))
        if lowest == highest:
            only = settings.answer.text(lowest)
            rows, needed = f"all {counts[name]} {name} rows have", f"a model needs rows with {_kinds(settings.answer)}"
            raise Refused(
                f"{rows} {settings.target} = {only!r}; {needed}: upload more data",
                f"{rows} the same {settings.target}; {needed}: upload more data",
            )
    return counts


def _kinds(answer: Answer) -> str:
    if isinstance(answer, BinaryAnswer):
        return f"both {answer.positive_label!r} and {answer.negative_label!r}"
    if isinstance(answer, ClassesAnswer):
        return f"at least two of {', '.join(map(repr, answer.classes))}"
    return "different values"


def _total(parts: Sequence[Part]) -> int:
    return sum(int(part.keep.sum()) for part in parts)


def fit(parts: Sequence[Part], settings: Settings) -> Features:
    """Fit the transformer on training rows only."""
    return fitted(parts, settings, count_rows(parts, settings))


def fitted(parts: Sequence[Part], settings: Settings, rows: Mapping[str, int]) -> Features:
    """Fit the transformer where nobody has to be told of shares without rows; ``rows`` counts each of them.

    Raises:
        Refused: when nothing can be learnt from any column.
    """
    columns: list[Column] = []
    for name, rule in settings.features.items():
        if rule.kind == "category":
            levels = _levels(name, parts, settings, rule.missing)
            columns.append(CategoryColumn(name, levels, len(levels) <= settings.one_hot_levels, rule.missing))
            continue
        column = NumberColumn(name, rule.missing, writing=rule.writing)
        columns.append(_scaled(column, parts) if DENSE in settings.encodings else column)
    if not sum(len(column.ordinal_names) for column in columns):
        raise Refused(
            f"nothing can be learnt from {', '.join(map(repr, settings.features))}: no level has {RARE_ROWS} rows for "
            "training; upload more data, or name other columns in the model file"
        )
    marks, inputs = tuple(sorted(settings.missing)), tuple(settings.columns)
    as_of = settings.as_of.isoformat() if settings.as_of and settings.counts_years else ""
    return Features(
        settings.model, tuple(columns), settings.answer, settings.target, settings.id, marks, rows,
        inputs if inputs != tuple(settings.features) else (), settings.derived, as_of,
        settings.sensitive,
    )  # fmt: skip


def _levels(name: str, parts: Sequence[Part], settings: Settings, missing: frozenset[str]) -> dict[str, int]:
    evidence = level_counts(name, parts, settings)
    rows = dict(zip(evidence.levels, evidence.rows.sum(axis=1).tolist(), strict=True))
    totals = dict(zip(evidence.levels, evidence.totals.sum(axis=1).tolist(), strict=True))
    return ordered_levels(rows, totals, missing)


def _scaled(column: NumberColumn, parts: Sequence[Part]) -> NumberColumn:
    """Give ``column`` the mean and standard deviation of training rows."""
    counted = []
    for part in parts:
        numbers = numbers_of(part.table, column)
        rows = np.bincount(part.table.columns[column.name].codes[part.chosen(splits.TRAIN)], minlength=len(numbers))
        counted.append((numbers[~np.isnan(numbers)], rows[~np.isnan(numbers)]))
    known = max(sum(int(rows.sum()) for _, rows in counted), 1)
    mean = steady(sum(float((numbers * rows).sum()) for numbers, rows in counted) / known)
    variance = sum(float(((numbers - mean) ** 2 * rows).sum()) for numbers, rows in counted) / known
    return replace(column, mean=mean, scale=steady(math.sqrt(variance)) or 1.0)


def check_numbers(parts: Sequence[Part], settings: Settings) -> None:
    """Read every number once, so that a text that is none is refused with the upload's name and line.

    Raises:
        Refused: when a text is no number.
    """
    for name, rule in settings.columns.items():
        for part in parts if rule.kind == "number" else ():
            numbers_of(part.table, NumberColumn(name, rule.missing, writing=rule.writing))


def numbers_of(table: tables.Table, column: Column) -> NDArray[np.float64]:
    """Apply the column's rule to each of the distinct texts of a table.

    Raises:
        Refused: with file and line, when a text is no number.
    """
    texts = table.columns[column.name]
    numbers = np.empty(len(texts.distinct))
    for at, raw in enumerate(texts.distinct):
        try:
            numbers[at] = column.number(raw)
        except Refused as refused:
            place = f", line {line_of(table, texts.codes == at)}"
            raise table.source.refused(
                f"{place}: {refused}; {REMEDY}", f"{place}: {refused.untold}; {REMEDY}"
            ) from refused
    return numbers
