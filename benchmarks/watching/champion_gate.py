"""``make bench ARGS="--only champion-gate"``: whether the gate against the champion keeps its word, by simulation.

Retrainings on one distribution: each learns from fresh rows, is held against the champion on the same held-out rows by
the gate's own code, and replaces it where the gate lets it. A large sample knows which of the two is truly better.
Then the power: challengers whose true gain is two standard deviations of what is observed.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from evaluation import comparison, formulas, intervals
from evaluation.comparison import Champion, Difference, NotWorse
from evaluation.rows import Rows
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

METRIC, TASK, SEED = "roc_auc", "binary_classification", 7
FEATURES = 8
TRUE_ROWS = 10_000
SEARCHED = 60  # tables for each noise that is tried
RETRAININGS = 400
DRAWS = intervals.RESAMPLES
Floats = NDArray[np.float64]


class Table(NamedTuple):
    """Features ``(rows, FEATURES)`` and labels ``(rows,)``, 0.0 or 1.0."""

    features: Floats
    labels: Floats


class Trial(NamedTuple):
    """One challenger: whether the gate let it pass, and by how much it is truly worse than the champion was."""

    passed: bool
    truly_worse_by: float


class Shares(NamedTuple):
    """What came of many challengers, as fractions of all of them."""

    passed: float
    passed_though_worse: float  # by more than the tolerance, or at all where there is none


def drawn(rng: np.random.Generator, rows: int) -> Table:
    """Draw rows of the one distribution: two features say much, the others little or nothing."""
    features = rng.normal(size=(rows, FEATURES))
    odds = features @ np.array([1.2, -0.8, 0.2, 0.2, 0.1, 0, 0, 0]) - 0.6
    return Table(features, (rng.random(rows) < 1 / (1 + np.exp(-odds))).astype(float))


def scored(table: Table, score: Floats) -> Rows:
    """Set a model's scores beside the labels."""
    return Rows(table.labels, (score >= 0.5).astype(float), score)


def area(table: Table, score: Floats) -> float:
    """Measure the metric that the gate looks at."""
    return formulas.RocAuc().prepare(scored(table, score))(np.ones(len(score)))


def let_pass(rule: NotWorse, table: Table, champion: Floats, challenger: Floats) -> bool:
    """Hold a challenger against the champion on the same rows, as evaluation does."""
    if rule.sure or rule.likely:
        compared = comparison.differences(_resampled([scored(table, challenger), scored(table, champion)]))
    else:  # the interval decides nothing, and takes nearly all of the time
        compared = [Difference(METRIC, area(table, champion), area(table, challenger), np.nan, np.nan)]
    [(line, _)] = comparison.judge([rule], Champion("scored", 1), compared, len(table.labels))
    return bool(line["passed"])


def _resampled(models: Sequence[Rows]) -> intervals.Resampling:
    """Resample as evaluation does, of its metrics the one that is judged."""
    rng, rows = np.random.default_rng(SEED), len(models[0])
    prepared = [formulas.RocAuc().prepare(model) for model in models]
    weights = (np.bincount(rng.integers(0, rows, rows), minlength=rows).astype(float) for _ in range(DRAWS))
    draws = np.array([[[weighted(weight)] for weighted in prepared] for weight in weights])
    values = np.array([[weighted(np.ones(rows))] for weighted in prepared])
    return intervals.Resampling((METRIC,), values, values, draws, np.zeros((2, 1), np.intp), rows, SEED)


def retrained(rule: NotWorse, count: int, learnt: int, held_out: int, seed: int) -> Iterator[Trial]:
    """Retrain ``count`` times on fresh rows; who passes is the next champion."""
    rng = np.random.default_rng(seed)
    truth = drawn(rng, TRUE_ROWS)
    champion = LogisticRegression().fit(*drawn(rng, learnt))
    for _ in range(count):
        challenger, test = LogisticRegression().fit(*drawn(rng, learnt)), drawn(rng, held_out)
        was, now = (model.predict_proba(test.features)[:, 1] for model in (champion, challenger))
        old, new = (area(truth, model.predict_proba(truth.features)[:, 1]) for model in (champion, challenger))
        passed = let_pass(rule, test, was, now)
        yield Trial(passed, old - new)
        champion = challenger if passed else champion


def truly_better(rule: NotWorse, count: int, held_out: int, seed: int, deviations: float = 2.0) -> Iterator[Trial]:
    """Challengers whose true gain is so many standard deviations of the gain that is observed on ``held_out`` rows.

    Both see the odds through noise of their own; the champion's is turned up until the gain is that large.
    """
    rng = np.random.default_rng(seed)
    for noise in np.arange(0.4, 4, 0.1):
        gains = [first - second for first, second in (_areas(rng, held_out, noise) for _ in range(SEARCHED))]
        true = np.subtract(*_areas(rng, TRUE_ROWS, noise))
        if true >= deviations * np.std(gains):
            break
    for _ in range(count):
        table, better, worse = _noisy(rng, held_out, noise)
        yield Trial(let_pass(rule, table, worse, better), -float(true))


def _noisy(rng: np.random.Generator, rows: int, noise: float) -> tuple[Table, Floats, Floats]:
    table = drawn(rng, rows)
    odds = table.features[:, 0] * 1.2 - table.features[:, 1] * 0.8
    first, second = (odds + rng.normal(0, spread, rows) for spread in (0.3, noise))
    return table, 1 / (1 + np.exp(-first)), 1 / (1 + np.exp(-second))


def _areas(rng: np.random.Generator, rows: int, noise: float) -> tuple[float, float]:
    table, first, second = _noisy(rng, rows, noise)
    return area(table, first), area(table, second)


def shares(trials: Sequence[Trial], tolerance: float) -> Shares:
    """Count what passed, and of it what is truly worse by more than ``tolerance``."""
    wrongly = [one.passed and one.truly_worse_by > tolerance for one in trials]
    return Shares(float(np.mean([one.passed for one in trials])), float(np.mean(wrongly)))


def page() -> str:
    """Simulate, and tell as a section of the benchmarks' page."""
    head = f"""## Does the gate against the champion keep its word?

By simulation: {RETRAININGS} retrainings on one distribution with 1,000 rows to learn from and 300 held out, each held
against the champion on the same rows; who passes is the next champion. Truly worse is by a sample of {TRUE_ROWS:,}
rows, by more than the tolerance. Truly better are as many challengers whose gain is two standard deviations of what is
observed. Where the tolerance is below what chance makes, that is taken off it, unless `sure` is true (the interval's
worse end decides) or false (what is observed decides alone).

| limit of roc_auc | retrainings that pass | truly worse by more, and pass | truly better that pass |
|---|---:|---:|---:|
"""
    lines = []
    for limit in ({"tolerance": 0.02}, {"tolerance": 0.02, "sure": True}, {}, {"sure": True}, {"sure": False}):
        [rule] = comparison.rules_from([{"metric": METRIC, "not_worse_than_champion": limit}])
        same = shares(list(retrained(rule, RETRAININGS, 1_000, 300, 1)), rule.tolerance)
        better = shares(list(truly_better(rule, RETRAININGS, 300, 2)), 0.0)
        name = f"tolerance {rule.tolerance:g}" + (f", sure: {str(limit['sure']).lower()}" if "sure" in limit else "")
        lines.append(f"| {name} | {same.passed:.1%} | {same.passed_though_worse:.1%} | {better.passed:.1%} |\n")
    return head + "".join(lines)


if __name__ == "__main__":
    print(page())
