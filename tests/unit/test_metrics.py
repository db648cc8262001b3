"""The registry of metrics: formulas beside scikit-learn's, deviations and intervals beside repeated samples."""

import math

import numpy as np
import pytest
from evaluation import intervals, metrics
from evaluation.formulas import Mean, absolute_error
from evaluation.metrics import BINARY, METRICS, MULTICLASS, REGRESSION, Metric
from evaluation.rows import Rows
from hypothesis import assume, given
from hypothesis import strategies as st
from job.refusals import Refused
from scipy import stats
from sklearn import metrics as reference

LABELS = st.lists(st.booleans(), min_size=4, max_size=60).filter(lambda rows: 0 < sum(rows) < len(rows))
NUMBERS = st.floats(1, 1e6)
PAIRS = st.lists(st.tuples(NUMBERS, NUMBERS), min_size=3, max_size=40)
REFERENCES = {
    "accuracy": lambda rows, weights: reference.accuracy_score(rows.actual, rows.predicted, sample_weight=weights),
    "precision": lambda rows, weights: reference.precision_score(
        rows.actual, rows.predicted, sample_weight=weights, zero_division=math.nan
    ),
    "recall": lambda rows, weights: reference.recall_score(
        rows.actual, rows.predicted, sample_weight=weights, zero_division=math.nan
    ),
    "f1": lambda rows, weights: reference.f1_score(
        rows.actual, rows.predicted, sample_weight=weights, zero_division=math.nan
    ),
    "roc_auc": lambda rows, weights: reference.roc_auc_score(rows.actual, rows.score, sample_weight=weights),
    "brier": lambda rows, weights: reference.brier_score_loss(rows.actual, rows.score, sample_weight=weights),
    "mean_ratio": lambda rows, weights: mean_ratio(rows, weights),
    "macro_f1": lambda rows, weights: reference.f1_score(
        rows.actual, rows.predicted, average="macro", sample_weight=weights, zero_division=0
    ),
    "weighted_f1": lambda rows, weights: reference.f1_score(
        rows.actual, rows.predicted, average="weighted", sample_weight=weights, zero_division=0
    ),
    "log_loss": lambda rows, weights: reference.log_loss(
        rows.actual, rows.score, sample_weight=weights, labels=range(rows.score.shape[1])
    ),
    "roc_auc_ovr": lambda rows, weights: reference.roc_auc_score(
        rows.actual, rows.score, multi_class="ovr", sample_weight=weights
    ),
    "rmse": lambda rows, weights: reference.root_mean_squared_error(rows.actual, rows.predicted, sample_weight=weights),
    "mae": lambda rows, weights: reference.mean_absolute_error(rows.actual, rows.predicted, sample_weight=weights),
    "mse": lambda rows, weights: reference.mean_squared_error(rows.actual, rows.predicted, sample_weight=weights),
    "r2": lambda rows, weights: reference.r2_score(rows.actual, rows.predicted, sample_weight=weights),
}


def mean_ratio(rows, weights):
    low, high = sorted(np.average(values, weights=weights) for values in (rows.score, rows.actual))
    return low / high if high else math.nan


def labels(actual, score):
    score = np.asarray(score, float)
    return Rows(np.asarray(actual, float), (score >= 0.5).astype(float), score)


def numbers(actual, predicted):
    return Rows(np.asarray(actual, float), np.asarray(predicted, float), np.asarray(predicted, float))


def classes(margins, places):
    """Rows whose classes are drawn by the probabilities, at ``places`` from 0 to 1."""
    score = np.exp(margins) / np.exp(margins).sum(axis=1, keepdims=True)
    actual = (places[:, None] > score.cumsum(axis=1)).sum(axis=1).clip(0, score.shape[1] - 1)
    return Rows(actual.astype(float), score.argmax(axis=1).astype(float), score)


def test_every_metric_of_the_registry_has_a_reference() -> None:
    assert set(REFERENCES) == {metric.name for metric in METRICS}


def expected(task, rows, weights=None):
    return {name: REFERENCES[name](rows, weights) for name in metrics.of_task(task)}


@given(LABELS, st.randoms(use_true_random=False))
def test_metrics_of_labels_equal_scikit_learns(actual, random):
    rows = labels(actual, [round(random.random(), 1) for _ in actual])
    weights = np.array([random.choice((1.0, 2.0)) for _ in actual])

    assert metrics.unweighted(BINARY, rows) == pytest.approx(expected(BINARY, rows), nan_ok=True)
    found = metrics.metric_function(BINARY, rows)(weights)
    assert found == pytest.approx(expected(BINARY, rows, weights), nan_ok=True)


@given(st.integers(0, 10_000), st.integers(3, 5))
def test_metrics_of_classes_equal_scikit_learns(seed, number):
    rng = np.random.default_rng(seed)
    rows = classes(rng.normal(0, 1.2, (150, number)), rng.random(150))
    weights = rng.integers(1, 4, 150).astype(float)
    assume(len(set(rows.actual)) == number)

    assert metrics.unweighted(MULTICLASS, rows) == pytest.approx(expected(MULTICLASS, rows))
    assert metrics.metric_function(MULTICLASS, rows)(weights) == pytest.approx(expected(MULTICLASS, rows, weights))


@given(PAIRS.filter(lambda rows: np.ptp([actual for actual, _ in rows]) > 1e-6), st.randoms(use_true_random=False))
def test_metrics_of_numbers_equal_scikit_learns(pairs, random):
    rows = numbers(*np.array(pairs).T)
    weights = np.array([random.choice((1.0, 2.0)) for _ in pairs])

    assert metrics.unweighted(REGRESSION, rows) == pytest.approx(expected(REGRESSION, rows), rel=1e-6, abs=1e-6)
    found = metrics.metric_function(REGRESSION, rows)(weights)
    assert found == pytest.approx(expected(REGRESSION, rows, weights), rel=1e-6, abs=1e-6)


def samples(task):
    rng = np.random.default_rng(0)
    if task == BINARY:
        actual = rng.random((1500, 400)) < 0.3
        probability = 1 / (1 + np.exp(-rng.normal(actual * 1.2 - 0.7, 1.0)))
        return [labels(a, p) for a, p in zip(actual, probability, strict=True)]
    if task == MULTICLASS:
        drawn = zip(rng.normal(0, 1.2, (1500, 400, 4)), rng.random((1500, 400)), strict=True)
        return [classes(margins, places) for margins, places in drawn]
    actual = rng.normal(0, 2, (1500, 400))
    return [numbers(a, a + error) for a, error in zip(actual, rng.normal(0, 1, actual.shape), strict=True)]


@pytest.mark.parametrize("task", [BINARY, MULTICLASS, REGRESSION])
def test_standard_deviations_equal_those_of_repeated_samples(task):
    drawn = samples(task)
    values = [metrics.unweighted(task, rows) for rows in drawn]
    deviations = [metrics.deviations(task, rows) for rows in drawn]

    for name in metrics.of_task(task):
        spread = np.std([found[name] for found in values])
        assert np.mean([found[name] for found in deviations]) == pytest.approx(spread, rel=0.08), name


@pytest.mark.parametrize("task", [BINARY, MULTICLASS, REGRESSION])
def test_95_of_100_intervals_hold_the_metric_of_all_rows(task, monkeypatch):
    monkeypatch.setattr(intervals, "RESAMPLES", 200)
    drawn = samples(task)
    whole = Rows(
        *(np.concatenate([getattr(rows, part) for rows in drawn]) for part in ("actual", "predicted", "score"))
    )
    known = metrics.unweighted(task, whole)

    found = [intervals.resample(task, [rows], seed=7) for rows in drawn[:100]]

    for name, value in known.items():
        held = sum(low <= value <= high for low, high in (resampling.interval(name) for resampling in found))
        assert 88 <= held <= 100, name


def test_an_interval_stays_within_the_metrics_range_and_holds_the_metric():
    rng = np.random.default_rng(5)
    rows = labels(rng.random(30) < 0.5, rng.random(30))

    resampling = intervals.resample(BINARY, [rows], seed=7)

    for name, value in metrics.unweighted(BINARY, rows).items():
        low, high = resampling.interval(name)
        assert 0 <= low <= value <= high <= 1, name


def test_a_share_at_its_end_has_an_interval_and_a_deviation_that_say_something() -> None:
    rows = labels([1.0] * 12 + [0.0] * 28, [0.9] * 12 + [0.1] * 28)
    resampling, deviations = intervals.resample(BINARY, [rows], seed=7), metrics.deviations(BINARY, rows)

    for name, count in {"accuracy": 40, "precision": 12, "recall": 12}.items():
        wanted = stats.binomtest(count, count).proportion_ci(method="wilson")
        assert resampling.interval(name) == pytest.approx((wanted.low, 1.0), abs=1e-6)
        assert 0.5 / count < deviations[name] < 2 / count
    assert metrics.deviations(REGRESSION, numbers([1.0, 2.0], [1.0, 2.0]))["mae"] == 0


def test_the_same_seed_gives_the_same_interval_with_a_champion_and_without():
    rng = np.random.default_rng(6)
    rows, other = (numbers(actual := rng.normal(size=90), actual + rng.normal(size=90)) for _ in range(2))

    alone, paired = intervals.resample(REGRESSION, [rows], 7), intervals.resample(REGRESSION, [rows, other], 7)

    assert [alone.interval(name) for name in alone.names] == [paired.interval(name) for name in alone.names]


@pytest.mark.parametrize("rows", [labels([1, 1], [0.1, 0.2]), labels([0, 0], [0.1, 0.2])])
def test_what_is_not_defined_is_nan_and_has_no_interval(rows):
    found, resampling = metrics.unweighted(BINARY, rows), intervals.resample(BINARY, [rows], seed=7)

    assert math.isnan(found["precision"])
    assert math.isnan(found["roc_auc"])
    assert all(math.isnan(end) for end in (*resampling.interval("precision"), *resampling.interval("roc_auc")))
    assert math.isnan(metrics.deviations(BINARY, rows)["roc_auc"])


@pytest.mark.parametrize("value", [1.0, 0.1, 1e9 / 3])
def test_a_constant_target_has_no_r2(value):
    rows = numbers(np.full(7, value), np.arange(7.0))

    assert math.isnan(metrics.unweighted(REGRESSION, rows)["r2"])
    assert math.isnan(metrics.deviations(REGRESSION, rows)["r2"])


def test_no_row_is_no_metric():
    nothing = np.zeros(0)
    for task in (BINARY, REGRESSION):
        assert all(math.isnan(value) for value in metrics.unweighted(task, Rows(nothing, nothing, nothing)).values())
    of_classes = metrics.unweighted(MULTICLASS, Rows(nothing, nothing, np.zeros((0, 3))))
    assert all(map(math.isnan, of_classes.values()))


def test_which_way_is_better_is_said_once_and_decides_which_side_is_bad():
    error = Metric("off", "off by", REGRESSION, Mean(absolute_error), lower_is_better=True)
    share = Metric("right", "right", BINARY, Mean(absolute_error))

    assert (error.worse_side, share.worse_side) == ("above", "below")
    assert error.loss(5, 3) == share.loss(3, 5) == 2


def test_an_unknown_metric_is_refused_by_name_with_those_that_are_there():
    with pytest.raises(Refused, match="no metric 'rmsee'; known here: rmse, mae, mse, r2"):
        metrics.named("rmsee", metrics.of_task(REGRESSION))
    with pytest.raises(Refused, match="no metric 'rmse'"):
        metrics.named("rmse", metrics.of_task(BINARY))


def test_a_metric_of_another_release_is_shown_by_its_own_name():
    assert (metrics.label("r2"), metrics.label("lift")) == ("R²", "lift")
    assert metrics.in_order(["lift", "roc_auc", "accuracy"]) == ["accuracy", "roc_auc", "lift"]
