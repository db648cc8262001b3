"""``make bench ARGS="--only champion-gate"``: whether the gate against the champion keeps its word, by simulation.

Retrainings on one distribution: each learns from fresh rows, is held against the champion on the same held-out rows by
the gate's own code, and replaces it where the gate lets it. Some learn from far fewer rows than the others, and so does
every tenth champion, so that many challengers are truly worse, and many truly better. The odds that the rows are drawn
by know which of the two is. Then the power: challengers whose true gain is two standard deviations of what is observed.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from evaluation import comparison, formulas, intervals
from evaluation.comparison import Champion, Difference, NotWorse
from evaluation.rows import Rows
from numpy.typing import NDArray

METRIC, TASK, SEED = "roc_auc", "binary_classification", 7
FEATURES = 8
TRUE_ROWS = 10_000
SEARCHED = 1_000  # tables for each noise that is tried
HALVINGS = 8  # of the noises that may be the one that is searched
FEW = 25  # so many times fewer rows have those to learn from that are truly worse
LIFE = 10  # retrainings, until a champion begins anew that learnt from few rows
RETRAININGS = 400
Floats = NDArray[np.float64]


class Table(NamedTuple):
    """Features ``(rows, FEATURES)`` and labels ``(rows,)``, 0.0 or 1.0, or the share of either that is expected."""

    features: Floats
    labels: Floats


Gate = Callable[[Table, Floats, Floats], bool]  # held-out rows, the champion's scores, the challenger's


class Case(NamedTuple):
    """A line of the table: the limit as a model file has it, rows, and the share of poor challengers."""

    limit: dict[str, float | bool]
    learnt: int
    held_out: int
    poor: float = 0.0


WRITTEN: dict[str, float | bool] = {"tolerance": 0.02, "sure": True}  # by `retrain new`
CASES = (
    *(Case(WRITTEN, 1_000, rows, 0.4) for rows in (100, 300, 1_000, 3_000)),
    *(Case(WRITTEN, 5 * rows, rows) for rows in (100, 300, 1_000, 3_000)),
    Case({"tolerance": 0.02}, 1_000, 300, 0.4),
    Case({"tolerance": 0.02}, 1_500, 300),
    Case({"tolerance": 0.02, "sure": False}, 1_000, 300, 0.4),
    Case({"tolerance": 0.02, "sure": False}, 1_500, 300),
    Case({"tolerance": 0}, 1_000, 300),
    Case({"tolerance": 0}, 300, 3_000),
    Case({"tolerance": 0}, 14_000, 3_000),
)


class Trial(NamedTuple):
    """One challenger: whether the gate let it pass, and by how much it is truly worse than the champion was."""

    passed: bool
    truly_worse_by: float


class Shares(NamedTuple):
    """What came of many challengers, as fractions of all of them."""

    passed: float
    worse: float  # truly, by more than the tolerance, or at all where there is none
    passed_though_worse: float
    better: float  # truly, by more than the tolerance
    passed_and_better: float


def expected(rng: np.random.Generator, rows: int) -> Table:
    """Draw rows of the one distribution: two features say much, the others little or nothing."""
    features = rng.normal(size=(rows, FEATURES))
    odds = (features * np.array([1.2, -0.8, 0.2, 0.2, 0.1, 0, 0, 0])).sum(axis=1) - 0.6
    return Table(features, 1 / (1 + np.exp(-odds)))


def drawn(rng: np.random.Generator, rows: int) -> Table:
    """Draw rows and their labels."""
    table = expected(rng, rows)
    return Table(table.features, (rng.random(rows) < table.labels).astype(float))


def learnt_from(table: Table) -> Floats:
    """Fit a logistic regression with a small ridge by Newton's steps: the coefficients, the intercept last.

    Without matrix products, whose threads take far longer for so small ones where other processes are busy.
    """
    features = np.column_stack([table.features, np.ones(len(table.labels))])
    ridge, weights = np.array([1.0] * FEATURES + [0.0]), np.zeros(FEATURES + 1)
    for _ in range(8):
        share = 1 / (1 + np.exp(-(features * weights).sum(axis=1)))
        slope = (features * (share - table.labels)[:, None]).sum(axis=0) + ridge * weights
        curve = np.einsum("ij,i,ik->jk", features, share * (1 - share), features) + np.diag(ridge)
        weights = weights - np.linalg.solve(curve, slope)
    return weights


def said(model: Floats, table: Table) -> Floats:
    """Ask a model for its scores."""
    scores: Floats = 1 / (1 + np.exp(-((table.features * model[:-1]).sum(axis=1) + model[-1])))
    return scores


def scored(table: Table, score: Floats) -> Rows:
    """Set a model's scores beside the labels."""
    return Rows(table.labels, (score >= 0.5).astype(float), score)


def area(table: Table, score: Floats) -> float:
    """Measure the metric that the gate looks at."""
    return formulas.RocAuc().prepare(scored(table, score))(np.ones(len(score)))


def gate_of(rule: NotWorse, draws: int = intervals.RESAMPLES) -> Gate:
    """Hold a challenger against the champion on the same rows, as evaluation does."""

    def let_pass(table: Table, champion: Floats, challenger: Floats) -> bool:
        found = Difference(METRIC, area(table, champion), area(table, challenger), np.nan, np.nan)
        if found.loss <= rule.tolerance and (rule.sure or rule.likely):  # else the interval decides nothing
            [found] = comparison.differences(_resampled([scored(table, challenger), scored(table, champion)], draws))
        [(line, _)] = comparison.judge([rule], Champion("scored", 1), [found], len(table.labels))
        return bool(line["passed"])

    return let_pass


def _resampled(models: Sequence[Rows], count: int) -> intervals.Resampling:
    """Resample as evaluation does, of its metrics the one that is judged."""
    rng, rows = np.random.default_rng(SEED), len(models[0])
    prepared = [formulas.RocAuc().prepare(model) for model in models]
    weights = (np.bincount(rng.integers(0, rows, rows), minlength=rows).astype(float) for _ in range(count))
    draws = np.array([[[weighted(weight)] for weighted in prepared] for weight in weights])
    values = np.array([[weighted(np.ones(rows))] for weighted in prepared])
    return intervals.Resampling((METRIC,), values, values, draws, np.zeros((2, 1), np.intp), rows, SEED)


def retrained(gate: Gate, count: int, learnt: int, held_out: int, seed: int, poor: float = 0.4) -> Iterator[Trial]:
    """Retrain ``count`` times on fresh rows; who passes is the next champion.

    A share of ``poor`` challengers, and every tenth champion if there are any, learnt from few rows. With 0 of them all
    models are as good as chance makes them.
    """
    rng = np.random.default_rng(seed)
    truth, few = expected(rng, TRUE_ROWS), learnt // FEW
    champion = learnt_from(drawn(rng, learnt))
    for number in range(count):
        if poor and number % LIFE == 0:
            champion = learnt_from(drawn(rng, few))
        challenger = learnt_from(drawn(rng, few if rng.random() < poor else learnt))
        test = drawn(rng, held_out)
        old, new = (area(truth, said(model, truth)) for model in (champion, challenger))
        passed = gate(test, said(champion, test), said(challenger, test))
        yield Trial(passed, old - new)
        champion = challenger if passed else champion


def truly_better(gate: Gate, count: int, held_out: int, seed: int, deviations: float = 2.0) -> Iterator[Trial]:
    """Challengers whose true gain is so many standard deviations of the gain that is observed on ``held_out`` rows.

    Both see the odds through noise of their own; the champion's is turned up until the gain is that large.
    """
    noise = noise_of(held_out, seed, deviations)
    true = np.mean(gains(held_out, seed, noise))
    rng = np.random.default_rng([seed, held_out])
    for _ in range(count):
        table, better, worse = _noisy(rng, held_out, noise)
        yield Trial(gate(table, worse, better), -float(true))


@cache
def noise_of(held_out: int, seed: int, deviations: float) -> float:
    """Search the champion's noise with which the mean gain is so many standard deviations, by halving."""
    low, high = 0.3, 4.0
    for _ in range(HALVINGS):
        noise = (low + high) / 2
        found = gains(held_out, seed, noise)
        low, high = (low, noise) if np.mean(found) >= deviations * np.std(found) else (noise, high)
    return high


def gains(held_out: int, seed: int, noise: float) -> list[float]:
    """Observe the gain on many tables; whatever the noise, they are the same ones."""
    rng = np.random.default_rng(seed)
    trios = (_noisy(rng, held_out, noise) for _ in range(SEARCHED))
    return [area(table, better) - area(table, worse) for table, better, worse in trios]


def _noisy(rng: np.random.Generator, rows: int, noise: float) -> tuple[Table, Floats, Floats]:
    seen, unseen, first, second = rng.normal(0, [[1.44], [0.3], [0.3], [noise]], (4, rows))
    table = Table(seen[:, None], (rng.random(rows) < 1 / (1 + np.exp(0.6 - seen - unseen))).astype(float))
    return table, 1 / (1 + np.exp(-seen - first)), 1 / (1 + np.exp(-seen - second))


def shares(trials: Sequence[Trial], tolerance: float) -> Shares:
    """Count what passed, and of it what is truly worse, or better, by more than ``tolerance``."""
    passed = np.array([one.passed for one in trials])
    worse = np.array([one.truly_worse_by > tolerance for one in trials])
    better = np.array([one.truly_worse_by < -tolerance for one in trials])
    found = (passed, worse, passed & worse, better, passed & better)
    return Shares(*(float(np.mean(one)) for one in found))


def page() -> str:
    """Simulate, and tell as a section of the benchmarks' page."""
    head = f"""## Does the gate against the champion keep its word?

By simulation: {RETRAININGS} retrainings on one distribution, each held against the champion on the same held-out rows;
who passes is the next champion. In "mixed", two of five challengers and every tenth champion learnt from a {FEW}th of
the rows; in "equal", none. Truly worse is by the odds of {TRUE_ROWS:,} rows, by more than the tolerance. Truly better
are as many challengers whose gain is two standard deviations of what is observed. A lead is how much better the
champions truly are than their challengers, on average: below 0, versions would get worse by inches. "Pass" and the
next two are of all challengers.

| limit of roc_auc | challengers | learnt from | held out | pass | worse | worse and pass | better that pass | lead |
|---|---|---:|---:|---:|---:|---:|---:|---:|
"""
    return head + "".join(map(line, CASES))


def line(case: Case) -> str:
    """Simulate one case: a line of the table."""
    rule = rule_of(case.limit)
    trials = list(retrained(gate_of(rule), RETRAININGS, case.learnt, case.held_out, 1, case.poor))
    same, lead = shares(trials, rule.tolerance), np.mean([trial.truly_worse_by for trial in trials])
    name = ", ".join(f"{key}: {str(value).lower()}" for key, value in case.limit.items())
    return (
        f"| {name} | {'mixed' if case.poor else 'equal'} | {case.learnt:,} | {case.held_out:,} | {same.passed:.1%} | "
        f"{same.worse:.1%} | {same.passed_though_worse:.1%} | {power(rule, case.held_out):.1%} | {lead:+.4f} |\n"
    )


def rule_of(limit: dict[str, float | bool]) -> NotWorse:
    """Read a limit as evaluation does."""
    [rule] = comparison.rules_from([{"metric": METRIC, "not_worse_than_champion": limit}])
    return rule


@cache
def power(rule: NotWorse, held_out: int) -> float:
    """Count which share of challengers that are truly better by two deviations passes."""
    return shares(list(truly_better(gate_of(rule), RETRAININGS, held_out, 3)), 0.0).passed


if __name__ == "__main__":
    print(page())
