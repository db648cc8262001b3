"""Levels of a category put in order out of fold: no training row's own answer decides where its level stands.

A level that few rows have stands where those rows' answers put it, so a model that learns from that place learns the
answers by heart, and new rows disappoint it. Training rows are therefore dealt to folds, and one of such a level reads
the place that the other folds' rows give it. Of levels with ``EVIDENCE`` one answer moves nothing, and every row reads
the place that serving knows; so do validation and test rows of any level. Evidence is rows of an answer that is as
often yes as no: where one row in 300 says yes, a level of 130 rows has not one of them, and each moves its level far.

Source: https://scikit-learn.org/stable/modules/generated/sklearn.preprocessing.TargetEncoder.html (cross fitting)
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from features.features import CategoryColumn, Features
from features.levels import PRIOR_ROWS, steady
from numpy.typing import NDArray

from data.column_rules import Settings
from data.parts import Part
from data.splitting import splits
from data.tables import Texts

FOLDS = 5
EVIDENCE = 50  # rows of a level whose answers are half yes, half no
UNUSED_BITS = np.uint64(2**11 - 1)  # of a key: those that do not decide its share


Places = Mapping[str, NDArray[np.float64]]
"""By column, where each of its levels stands for the training rows of each fold, ``(levels, FOLDS)``."""


class LevelCounts(NamedTuple):
    """Training rows and the sums of their answers, each ``(levels, FOLDS)``."""

    levels: list[str]
    rows: NDArray[np.int64]
    totals: NDArray[np.float64]


def folds(part: Part) -> NDArray[np.int32]:
    """Deal the rows to folds; those of a group are in one."""
    return ((part.sides & UNUSED_BITS) % np.uint64(FOLDS)).astype(np.int32)


def level_counts(name: str, parts: Sequence[Part], settings: Settings) -> LevelCounts:
    """Count the training rows of each level and fold, and sum what is learnt."""
    place: dict[str, int] = {}
    counted = []
    for part in parts:
        train, texts = part.chosen(splits.TRAIN), part.table.columns[name]
        size = len(texts.distinct) * FOLDS
        cells = texts.codes[train].astype(np.int64) * FOLDS + folds(part)[train]
        learnt = settings.answer.learnt(part.answers[train])
        where = np.array([place.setdefault(raw.strip(), len(place)) for raw in texts.distinct])
        counted.append((where, np.bincount(cells, minlength=size), np.bincount(cells, learnt, size)))
    rows, totals = np.zeros((len(place), FOLDS), np.int64), np.zeros((len(place), FOLDS))
    for where, of_rows, of_totals in counted:
        np.add.at(rows, where, of_rows.reshape(-1, FOLDS))
        np.add.at(totals, where, of_totals.reshape(-1, FOLDS))
    return LevelCounts(list(place), rows, totals)


def places(parts: Sequence[Part], features: Features, settings: Settings) -> Places:
    """Find the places.

    Columns in which every level has its evidence are left out, and so are those of a 0/1 column a level.
    """
    worth = _worth(parts, settings)
    ordered = (
        column for column in features.columns
        if isinstance(column, CategoryColumn) and column.levels and not column.one_hot
    )  # fmt: skip
    moved = {}
    for column in ordered:
        counts = level_counts(column.name, parts, settings)
        rank = np.array([column.levels.get(level, -1) for level in counts.levels])
        order = np.argsort(rank, kind="stable")[np.count_nonzero(rank < 0) :]
        kept = LevelCounts(list(column.levels), counts.rows[order], counts.totals[order])
        if not (enough := kept.rows.sum(axis=1) * worth >= EVIDENCE).all():
            moved[column.name] = np.where(enough[:, None], _order(kept)[:, None], _out_of_fold(kept, counts))
    return moved


def _worth(parts: Sequence[Part], settings: Settings) -> float:
    """Weigh a training row's answer as evidence: 1 where half are yes, less the fewer of them make up the spread.

    It is the mean distance from the mean, squared, by the variance: 4 p (1 - p) of yes and no, 0.64 of a bell curve,
    near 0 of claims that are nearly all 0.
    """
    learnt = [settings.answer.learnt(part.answers[part.chosen(splits.TRAIN)]) for part in parts]
    rows = sum(map(len, learnt))
    if not rows:
        return 1.0
    mean = sum(float(answers.sum()) for answers in learnt) / rows
    distance = sum(float(np.abs(answers - mean).sum()) for answers in learnt) / rows
    variance = sum(float(((answers - mean) ** 2).sum()) for answers in learnt) / rows
    return steady(distance**2 / variance) if variance else 1.0


def _order(kept: LevelCounts) -> NDArray[np.float64]:
    return np.arange(len(kept.levels), dtype=np.float64)


def _out_of_fold(kept: LevelCounts, every: LevelCounts) -> NDArray[np.float64]:
    """Look up the place in serving's order of what the other folds say of each level."""
    rows, totals = kept.rows.sum(axis=1), kept.totals.sum(axis=1)
    mean = every.totals.sum() / every.rows.sum()
    others = (every.totals.sum() - every.totals.sum(axis=0)) / np.maximum(every.rows.sum() - every.rows.sum(axis=0), 1)
    served = (totals + PRIOR_ROWS * mean) / (rows + PRIOR_ROWS)
    expected = (totals[:, None] - kept.totals + PRIOR_ROWS * others) / (rows[:, None] - kept.rows + PRIOR_ROWS)
    nearest: NDArray[np.float64] = np.round(np.interp(expected, served, _order(kept)))
    return nearest


def rows_of(column: Texts, numbers: NDArray[np.float64], moved: NDArray[np.float64], part: Part) -> tuple[
    NDArray[np.int32], NDArray[np.float64]
]:  # fmt: skip
    """Give each row the number that its fold reads: codes into numbers, as a column of texts has them."""
    known = ~np.isnan(numbers)
    by_fold = np.full((len(numbers), FOLDS), np.nan)
    by_fold[known] = moved[numbers[known].astype(np.int64)]
    return column.codes * np.int32(FOLDS) + folds(part), by_fold.ravel()
