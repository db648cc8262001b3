"""Metrics of late labels, in plain Python: scikit-learn is the referee of values, simulation that of intervals."""

import random

import pytest
from app.decide.watching.label_metrics import KNOWN, Measured, of_binary, of_classes, of_numbers, roc_auc, share
from evaluation.metrics import METRICS
from sklearn import metrics as referee


def answers(rows: int, seed: int = 1, decimals: int = 1) -> tuple[list[float], list[bool]]:
    """Probabilities with many ties, and answers that follow them."""
    draw = random.Random(seed)
    scores = [round(draw.random(), decimals) for _ in range(rows)]
    return scores, [draw.random() < 0.1 + 0.8 * score for score in scores]


@pytest.mark.parametrize("decimals", [1, 6])
def test_two_classes_are_measured_as_scikit_learn_does(decimals: int) -> None:
    scores, actual = answers(400, decimals=decimals)
    predicted = [score >= 0.5 for score in scores]

    found = of_binary(scores, predicted, actual)

    assert {name: one.value for name, one in found.items()} == pytest.approx({
        "roc_auc": referee.roc_auc_score(actual, scores),
        "accuracy": referee.accuracy_score(actual, predicted),
        "recall": referee.recall_score(actual, predicted),
        "precision": referee.precision_score(actual, predicted),
        "brier": referee.brier_score_loss(actual, scores),
    })  # fmt: skip


def test_numbers_are_measured_as_scikit_learn_does() -> None:
    draw = random.Random(2)
    actual = [draw.gauss(100, 20) for _ in range(300)]
    predicted = [value + draw.gauss(1, 5) for value in actual]

    found = of_numbers(predicted, actual)

    assert {name: one.value for name, one in found.items()} == pytest.approx({
        "rmse": referee.root_mean_squared_error(actual, predicted),
        "mae": referee.mean_absolute_error(actual, predicted),
        "mse": referee.mean_squared_error(actual, predicted),
        "r2": referee.r2_score(actual, predicted),
    })  # fmt: skip


def test_classes_are_measured_by_their_accuracy() -> None:
    assert of_classes(["a", "b", "c", "a"], ["a", "b", "a", "a"])["accuracy"].value == 0.75


def test_what_is_not_defined_is_left_out() -> None:
    assert "roc_auc" not in of_binary([0.1, 0.9], [False, True], [True, True])
    assert "precision" not in of_binary([0.1, 0.2], [False, False], [True, False])
    assert "r2" not in of_numbers([1.0, 2.0], [5.0, 5.0])
    assert share([]) is None


def test_an_interval_stays_in_the_metrics_range_and_holds_its_value() -> None:
    perfect = of_binary([0.0] * 50 + [1.0] * 50, [False] * 50 + [True] * 50, [False] * 50 + [True] * 50)

    assert perfect["roc_auc"] == Measured(1, 1, 1)
    assert (perfect["brier"].low, perfect["brier"].value) == (0, 0)
    assert perfect["accuracy"].low > 0.9
    assert perfect["accuracy"].high == 1


def test_the_95_percent_interval_of_a_roc_auc_holds_the_true_one_nine_times_in_ten_and_more() -> None:
    scores, actual = answers(20_000, seed=3, decimals=6)
    whole = roc_auc(scores, actual)
    samples = [roc_auc(*answers(200, seed=seed, decimals=6)) for seed in range(100, 300)]
    assert whole

    held = sum(one is not None and one.low <= whole.value <= one.high for one in samples)

    assert held >= 0.9 * len(samples)


def test_the_95_percent_interval_of_r2_holds_the_true_one_nine_times_in_ten_and_more() -> None:
    def sample(seed: int) -> Measured:
        draw = random.Random(seed)
        actual = [draw.gauss(0, 3) for _ in range(200)]
        return of_numbers([value + draw.gauss(0, 1) for value in actual], actual)["r2"]

    held = sum(one.low <= 1 - 1 / 9 <= one.high for one in map(sample, range(200)))

    assert held >= 0.9 * 200


def test_names_labels_and_directions_are_those_of_the_one_registry() -> None:
    registered = {metric.name: (metric.label, metric.lower_is_better) for metric in METRICS}

    assert {name: tuple(known) for name, known in KNOWN.items()} == {name: registered[name] for name in KNOWN}
