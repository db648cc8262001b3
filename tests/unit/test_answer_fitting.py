"""What answers mean is fitted on rows that were not learnt from, and kept in the artifact."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from artifact.answers import BinaryAnswer, ValueAnswer, answer_from
from evaluation import answer_fitting
from evaluation.answer_fitting import Unseen
from sklearn.isotonic import IsotonicRegression
from spoilt import line_of, places, problems_of

RNG = np.random.default_rng(1)
TRUE = RNG.random(4000) ** 3
LABELS = (RNG.random(4000) < TRUE).astype(float)
MOVED = 5 * TRUE / (1 + 4 * TRUE)  # odds five times too high
LOG = {"task": "regression"}
YES = BinaryAnswer("yes", "no")


def decided(rows: Unseen, **config: Any) -> BinaryAnswer:
    answer = answer_fitting.fitted(YES, config, rows)
    assert isinstance(answer, BinaryAnswer)
    return answer


def test_the_factor_of_a_logarithm_is_duans() -> None:
    predicted = RNG.normal(size=3000)
    actual = predicted + RNG.normal(0, 0.8, 3000)

    answer = answer_fitting.fitted(ValueAnswer("log"), {}, Unseen(predicted, actual))

    assert isinstance(answer, ValueAnswer)
    assert answer.factor == pytest.approx(np.exp(actual - predicted).mean(), rel=1e-5)
    assert answer.response_fields(1.5) == {"value": math.exp(1.5) * answer.factor}
    assert answer_from(answer.document()) == answer


def test_without_rows_or_a_logarithm_answers_stay_as_they_are() -> None:
    assert answer_fitting.fitted(ValueAnswer("log"), {}, None) == ValueAnswer("log")
    assert answer_fitting.fitted(ValueAnswer(), {}, Unseen(TRUE, TRUE)) == ValueAnswer()
    assert answer_fitting.fitted(YES, {"decision": {"threshold": "chosen"}}, None) == YES


@pytest.mark.parametrize("kind", ["platt", "isotonic"])
def test_a_calibration_brings_probabilities_back(kind: str) -> None:
    answer = decided(Unseen(MOVED, LABELS), calibrate=kind)

    mended = np.array([answer.probability(score) for score in MOVED.tolist()])

    assert mended.mean() == pytest.approx(LABELS.mean(), abs=0.01)
    assert np.abs(mended - TRUE).mean() < 0.3 * np.abs(MOVED - TRUE).mean()
    assert (np.diff(mended[np.argsort(MOVED)]) >= 0).all()
    assert answer_from(answer.document()) == answer


def test_the_step_curve_is_scikit_learns() -> None:
    rows = Unseen(MOVED[:300], LABELS[:300])
    plain = IsotonicRegression(out_of_bounds="clip").fit(rows.predicted, rows.actual).predict(MOVED[:300])

    answer = decided(rows, calibrate="isotonic")

    assert [answer.probability(score) for score in MOVED[:300].tolist()] == pytest.approx(plain.tolist(), abs=1e-4)


def f1(threshold: float) -> float:
    said = threshold <= MOVED
    return float(2 * (LABELS * said).sum() / (LABELS.sum() + said.sum()))


def cost(threshold: float) -> float:
    said = threshold <= MOVED
    return float(((1 - LABELS) * said).sum() + 10 * (LABELS * ~said).sum())


def test_a_threshold_is_the_best_of_all_for_its_aim() -> None:
    rows, every = Unseen(MOVED, LABELS), np.linspace(0.001, 0.999, 999)

    of_f1 = decided(rows, decision={"threshold": "chosen"}).threshold
    of_cost = decided(rows, decision={"threshold": "chosen", "aim": "cost", "false_negative": 10}).threshold
    precise = decided(rows, decision={"threshold": "chosen", "aim": "precision", "at_least": 0.8}).threshold

    assert f1(of_f1) >= max(map(f1, every))
    assert cost(of_cost) <= min(map(cost, every))
    assert LABELS[precise <= MOVED].mean() >= 0.8
    assert all(LABELS[lower <= MOVED].mean() < 0.8 for lower in every[every < precise - 0.001])


def test_a_threshold_is_chosen_for_calibrated_probabilities() -> None:
    aim = {"threshold": "chosen", "aim": "cost", "false_negative": 9}

    answer = decided(Unseen(MOVED, LABELS), calibrate="platt", decision=aim)

    assert answer.threshold == pytest.approx(0.1, abs=0.05)


def test_a_precision_that_is_not_to_be_had_gives_the_best_there_is() -> None:
    rows = Unseen(np.array([0.1, 0.2, 0.3, 0.4]), np.array([0.0, 1.0, 0.0, 0.0]))

    answer = decided(rows, decision={"threshold": "chosen", "aim": "precision", "at_least": 0.9})

    assert answer.threshold == pytest.approx(0.15)


def test_a_threshold_that_is_given_is_taken_as_it_is() -> None:
    answer = answer_fitting.fitted(YES, {"decision": {"threshold": 0.3}}, None)

    assert answer.response_fields(0.3) == {"probability": 0.3, "label": "yes"}
    assert answer.response_fields(0.29) == {"probability": 0.29, "label": "no"}


def test_channels_are_read_from_all_instances_and_may_be_absent(tmp_path: Path) -> None:
    (tmp_path / "algo-1.csv").write_text("1,2,nan\n")
    (tmp_path / "algo-2.csv").write_text("0,4,5\n")
    (tmp_path / "algo-3.csv").write_text("")

    numbers, actual = answer_fitting.channel(tmp_path)

    assert (numbers[:, 0].tolist(), actual.tolist()) == ([2, 4], [1, 0])
    assert len(answer_fitting.channel(tmp_path / "absent")[1]) == 0


CHURN, MODE = "churn", "mode: append\n"


@pytest.mark.parametrize(
    ("lines", "where", "words"),
    [
        (
            "decision: {threshold: chosen, aim: precision}",
            "decision.aim",
            "precision says too little; add the",
        ),
        ("decision: {threshold: chosen, aim: cost}", "decision.aim", "cost says too little; add what a missed"),
        ("decision: {threshold: chosen, at_least: 0.5}", "decision.at_least", "only aim: precision has it"),
        ("decision: {threshold: 0.3, aim: f1}", "decision.aim", "a threshold that is given has no aim"),
        ("decision: {threshold: chosne}", "decision.threshold", "did you mean 'chosen'?"),
        ("decision: {threshold: 1}", "decision.threshold", "1 is out of range; choose a value above 0 and below 1"),
        ("calibrate: plat", "calibrate", "did you mean 'platt'?"),
    ],
)
def test_a_bad_decision_is_told_line_problem_and_remedy(tmp_path: Path, lines: str, where: str, words: str) -> None:
    told = problems_of(tmp_path, CHURN, ("spot: true", f"{lines}\nspot: true"))

    assert places(told, words) == [(line_of(CHURN, "spot: true"), where)], told


SPLIT = "split: {train: 0.7, validation: 0.15, test: 0.15,"
NO_VALIDATION = (SPLIT, "split: {train: 0.85, validation: 0, test: 0.15,")
TOGETHER = [
    ("data.group", (MODE, "mode: append\n  group: [Partner]\n")),
    ("split.by", (NO_VALIDATION[1], f"{NO_VALIDATION[1]} by: tenure,")),
]  # fmt: skip


@pytest.mark.parametrize(("bound", "change"), TOGETHER)
def test_what_is_learnt_of_rows_that_belong_together_needs_validation_rows(
    tmp_path: Path, bound: str, change: tuple[str, str]
) -> None:
    asked = ("spot: true", "calibrate: platt\ndecision: {threshold: chosen}\nspot: true")
    told = problems_of(tmp_path, CHURN, NO_VALIDATION, change, asked)
    alone = problems_of(tmp_path, CHURN, NO_VALIDATION, asked)

    words = f"with {bound} it is learnt on validation rows, and split leaves it none; give it some: split: {{validation"
    assert [where for _, where in places(told, words)] == ["calibrate", "decision.threshold"]
    assert places(alone, "it is learnt on") == []


def test_a_logarithm_of_groups_needs_validation_rows_for_its_means(tmp_path: Path) -> None:
    changes = (SPLIT, "split: {train: 0.85, validation: 0, test: 0.15, by: population,")
    log = ("  mode: append\n", "  mode: append\n  target_transform: log\n")

    told = problems_of(tmp_path, "california-housing", changes, log)

    assert places(told, "with split.by it is learnt on") == [(9, "data.target_transform")]


def test_numbers_have_no_decision(tmp_path: Path) -> None:
    told = problems_of(tmp_path, "employee-bonus", ("spot: true", "calibrate: platt\nspot: true"))

    assert "regression has no two labels to decide between; remove it" in str(told[0])
