"""Champion against challenger: honest differences and intervals, and a gate that speaks in words."""

import math

import compare
import numpy as np
import pytest
from evaluation import comparison, intervals, metrics, slices
from evaluation.comparison import Champion, Difference, NotWorse
from evaluation.rows import Rows
from evaluation.slices import SliceLimit
from hypothesis import given, settings
from hypothesis import strategies as st

LIMITS = st.floats(-1, 1, allow_subnormal=False)
ERRORS = {"brier", "log_loss", "rmse", "mae", "mse"}  # said here a second time on purpose
OF_CLASSES = {"macro_f1", "weighted_f1", "roc_auc_ovr"}
SHARES = {"accuracy", "precision", "recall", "f1", "roc_auc", "mean_ratio", "r2", *OF_CLASSES}


def binary(truth, score):
    score = np.asarray(score, float)
    return Rows(np.asarray(truth, float), (score >= 0.5).astype(float), score)


def differences(task, champion, challenger, seed=7):
    return comparison.differences(intervals.resample(task, [challenger, champion], seed))


def test_a_model_is_neither_better_nor_worse_than_itself():
    rng = np.random.default_rng(1)
    rows = binary(rng.random(500) < 0.3, rng.random(500))

    for one in differences("binary_classification", rows, rows):
        assert (one.value, one.low, one.high, one.better) == (0, 0, 0, "neither")


def test_the_same_seed_gives_the_same_interval():
    rng = np.random.default_rng(2)
    truth = rng.random(400) < 0.3
    old, new = binary(truth, rng.random(400)), binary(truth, rng.random(400))

    once, again = (differences("binary_classification", old, new) for _ in range(2))

    assert once == again


def test_95_of_100_intervals_hold_the_true_difference(monkeypatch):
    """Both draw the same noise: the champion adds more of its own, so the truth is known from a large sample."""

    def sample(rng, count):
        truth = rng.random(count) < 0.4
        signal = truth + rng.normal(0, 1, count)
        return binary(truth, signal + rng.normal(0, 1, count)), binary(truth, signal)

    monkeypatch.setattr(intervals, "RESAMPLES", 200)
    rng = np.random.default_rng(3)
    old, new = sample(rng, 100_000)
    new_auc, old_auc = (metrics.unweighted("binary_classification", rows)["roc_auc"] for rows in (new, old))
    true = new_auc - old_auc

    held = 0
    for _ in range(60):
        found = differences("binary_classification", *sample(rng, 300))
        one = next(one for one in found if one.metric == "roc_auc")
        held += one.low <= true <= one.high

    assert 52 <= held <= 60


def test_a_million_rows_are_resampled_by_a_part_and_the_interval_is_as_narrow_as_theirs(monkeypatch):
    rng = np.random.default_rng(4)
    truth = rng.normal(size=8_000)
    old, new = (Rows(truth, (some := truth + rng.normal(0, spread, 8_000)), some) for spread in (1.1, 1.0))

    monkeypatch.setattr(intervals, "ROWS", 2_000)
    part = {one.metric: one for one in differences("regression", old, new)}
    monkeypatch.setattr(intervals, "ROWS", 8_000)
    whole = {one.metric: one for one in differences("regression", old, new)}

    width = {name: one.high - one.low for name, one in part.items()}
    assert width == pytest.approx({name: one.high - one.low for name, one in whole.items()}, rel=0.25)
    assert part["rmse"].value == whole["rmse"].value < 0
    assert part["rmse"].better == "challenger"


@given(LIMITS, LIMITS, st.floats(0, 0.5), st.sampled_from(sorted(ERRORS | SHARES)))
def test_not_worse_is_inclusive_and_knows_which_way_is_better(old, new, tolerance, metric):
    found = Difference(metric, old, new, new - old - 0.1, new - old + 0.1)
    loss = (new - old) if metric in ERRORS else (old - new)

    reason = NotWorse(metric, tolerance).broken_by(found, 3, 100)

    assert (reason is None) == (loss <= tolerance + 1e-12)


def test_the_reason_names_both_numbers_the_version_and_the_interval():
    found = Difference("roc_auc", 0.84, 0.79, -0.07, -0.03)

    assert NotWorse("roc_auc", 0.01).broken_by(found, 3, 286) == (
        "roc_auc 0.79 is 0.05 below the 0.84 of the champion, version 3, on the same 286 test rows; the tolerance "
        "is 0.01 (95% interval of the difference -0.07 to -0.03)"
    )


@pytest.mark.parametrize(("metric", "low", "high"), [("roc_auc", -0.03, 0.05), ("rmse", -0.05, 0.03)])
def test_who_has_to_be_sure_fails_where_chance_leaves_more_than_the_tolerance(metric, low, high):
    found = Difference(metric, 0.8, 0.81 if metric == "roc_auc" else 0.79, low, high)

    assert NotWorse(metric, 0.03, sure=True).broken_by(found, 3, 90) is None
    assert NotWorse(metric, 0.02).broken_by(found, 3, 90) is None
    assert NotWorse(metric, 0.02, sure=True).broken_by(found, 3, 90) == (
        f"{metric} may be worse than that of the champion, version 3, by more than 0.02: on the same 90 test rows the "
        f"95% interval of the difference is {low:+.4g} to {high:+.4g}, so that it had to be better by at least 0.02"
    )
    assert comparison.rules_from([{"metric": metric, "not_worse_than_champion": {"sure": True}}]) == [
        NotWorse(metric, 0.0, sure=True)
    ]


@pytest.mark.parametrize("metric", ["roc_auc", "rmse"])
@pytest.mark.parametrize(("tolerance", "gain", "passes"), [
    (0.0, 0.0, False), (0.0, 0.0108, False), (0.0, 0.011, True), (0.008, -0.005, True), (0.008, -0.0052, False),
    (0.005, 0.0008, False), (0.005, 0.001, True), (0.02, -0.0199, True), (0.02, -0.021, False),
])  # fmt: skip
def test_where_chance_makes_more_than_the_tolerance_that_is_taken_off_it(metric, tolerance, gain, passes):
    """Chance makes 0.01089 of a difference whose interval reaches 0.02 to either side, one time in seven."""
    change = gain if metric == "roc_auc" else -gain
    found = Difference(metric, 0.8, 0.8 + change, change - 0.02, change + 0.02)
    limit = {"tolerance": tolerance}
    likely, observed = comparison.rules_from(
        [{"metric": metric, "not_worse_than_champion": given} for given in (limit, {**limit, "sure": False})]
    )

    assert found.chance == pytest.approx(0.01089, abs=1e-5)
    assert (likely.broken_by(found, 3, 90) is None) == passes
    assert (observed.broken_by(found, 3, 90) is None) == (-gain <= tolerance)


@pytest.mark.parametrize("metric", ["roc_auc", "rmse"])
@pytest.mark.parametrize(("tolerance", "gain", "passes"), [
    (0.05, -0.0295, True), (0.05, -0.0305, False), (0.02, 0.0005, True), (0.02, -0.0005, False), (0.01, 0.0095, False),
    (0.01, 0.0105, True), (0.008, 0.0108, False), (0.008, 0.011, True), (0.0, 0.0108, False), (0.0, 0.011, True),
])  # fmt: skip
def test_who_has_to_be_sure_has_its_interval_within_the_tolerance_or_is_better_than_chance_makes(
    metric, tolerance, gain, passes
):
    """Chance makes 0.01089 of a difference whose interval reaches 0.02 to either side, one time in seven."""
    change = gain if metric == "roc_auc" else -gain
    found = Difference(metric, 0.8, 0.8 + change, change - 0.02, change + 0.02)
    rule = NotWorse(metric, tolerance, sure=True)
    ((line, reason),) = comparison.judge([rule], Champion("scored", 3), [found], 90)

    assert (line["passed"], reason is None) == (passes, passes)
    assert line["allowed"] == pytest.approx(max(tolerance - 0.02, -0.01089), abs=1e-5)


def test_what_is_allowed_and_why_is_said_where_chance_decides():
    found = Difference("roc_auc", 0.8, 0.801, -0.019, 0.021)
    ((line, reason),) = comparison.judge([NotWorse("roc_auc", 0.0, likely=True)], Champion("scored", 3), [found], 90)
    ((wide, passed),) = comparison.judge([NotWorse("roc_auc", 0.1, likely=True)], Champion("scored", 3), [found], 90)

    assert (line["passed"], line["allowed"]) == (False, pytest.approx(-0.01089, abs=1e-5))
    assert reason == (
        "roc_auc 0.801 against the 0.8 of the champion, version 3, may be chance: on the same 90 test rows two equals "
        "differ by 0.01089 one time in seven, more than the tolerance of 0, so that it had to be better by at least "
        "0.01089"
    )
    assert (wide["passed"], "allowed" in wide, passed) == (True, False, None)


def test_chance_that_nobody_can_measure_takes_nothing_off():
    found = Difference("f1", 0.4, 0.4, math.nan, math.nan)

    assert NotWorse("f1", 0.0, likely=True).broken_by(found, 3, 10) is None


def test_a_challenger_without_a_defined_metric_does_not_pass():
    assert NotWorse("f1", 1).broken_by(Difference("f1", 0.4, math.nan, math.nan, math.nan), 3, 10) is not None


def test_by_a_metric_that_the_champion_does_not_have_nothing_is_judged_and_that_is_said():
    rules = [NotWorse("log_loss", 0.01), NotWorse("macro_f1", 0.01), NotWorse("log_loss", 0.1, sure=True)]
    lacking = Difference("log_loss", math.nan, 0.4, math.nan, math.nan)
    found = [lacking, Difference("macro_f1", 0.7, 0.8, 0.05, 0.15), Difference("roc_auc_ovr", math.nan, 0.9, 0.1, 0.1)]

    judged = list(comparison.judge(rules, Champion("scored", 2), found, 90))
    champion = comparison.with_unjudged(Champion("scored", 2, warning="on 9 rows"), rules, found)

    assert [(line["passed"], reason) for line, reason in judged] == [(None, None), (True, None), (None, None)]
    assert champion.warning == "on 9 rows; it has no log loss, so that the gate does not compare by that"
    assert comparison.with_unjudged(Champion("scored", 2), rules, found[1:]).warning == ""


def test_without_a_champion_there_is_nothing_to_be_worse_than():
    (line, reason), *_ = comparison.judge([NotWorse("roc_auc", 0.01)], Champion("none"), [], 100)

    assert reason is None
    assert line == {"metric": "roc_auc", "not_worse_than_champion": 0.01, "value": None, "passed": None}


@settings(max_examples=40)
@given(st.lists(st.sampled_from(["", "1", "2.5", "-3", "NA", "7", "8", "x"]), min_size=1, max_size=60))
def test_slices_hold_each_row_once(texts):
    for kind in ("number", "category"):
        found = list(slices.cut("c", kind, texts, frozenset({"NA"})))

        assert sum(one.which.astype(int) for one in found).tolist() == [1] * len(texts)
        assert len({one.name for one in found}) == len(found)


def test_small_slices_are_shown_and_not_judged():
    rule = SliceLimit("accuracy", 0.7, rows=50)
    rows = [
        {"column": "plan", "slice": "gold", "rows": 50, "metrics": {"accuracy": 0.69}},
        {"column": "plan", "slice": "basic", "rows": 49, "metrics": {"accuracy": 0.1}},
    ]

    ((line, reasons),) = slices.judge([rule], rows)

    assert reasons == ["accuracy 0.69 of plan 'gold' (50 test rows) is below 0.7"]
    assert (line["passed"], line["value"], line["judged"], line["small"]) == (False, 0.69, 1, 1)


def test_every_metric_is_an_error_or_a_share() -> None:
    assert {metric.name for metric in metrics.METRICS if metric.lower_is_better} == ERRORS
    assert {metric.name for metric in metrics.METRICS if not metric.lower_is_better} == SHARES


@pytest.mark.parametrize("metric", sorted(ERRORS | SHARES))
def test_the_worst_slice_is_the_one_farthest_on_the_bad_side(metric):
    rows = [
        {"column": "plan", "slice": str(value), "rows": 99, "metrics": {metric: value}} for value in (0.2, 0.4, 0.6)
    ]

    ((line, reasons),) = slices.judge([SliceLimit(metric, 0.4)], rows)

    worst, side = (0.6, "above") if metric in ERRORS else (0.2, "below")
    assert (line["value"], line["passed"]) == (worst, False)
    assert reasons == [f"{metric} {worst} of plan '{worst}' (99 test rows) is {side} 0.4"]


@pytest.mark.parametrize("metric", sorted(ERRORS | SHARES))
def test_of_several_algorithms_the_best_wins_whichever_way_is_better(metric):
    found = {
        name: {"metrics": {metric: value}, "verdict": {"passed": True}} for name, value in (("a", 0.2), ("b", 0.6))
    }

    assert compare.comparison(found, metric)["winner"] == ("a" if metric in ERRORS else "b")
