"""What moves a model's answers: known exactly where the model is known, and silent where it cannot be known."""

import csv
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from artifact.answers import Answer, BinaryAnswer, ClassesAnswer, ValueAnswer
from data.holdouts import HeldOut
from evaluation import importances
from evaluation.rows import Rows
from features.features import CategoryColumn, Features, NumberColumn
from hypothesis import given, settings
from hypothesis import strategies as st

COLUMNS = (NumberColumn("a", frozenset(), 2.0, 3.0), CategoryColumn("b", {"x": 0, "y": 1, "z": 2}), NumberColumn("c"))
LEVELS = np.array(["x", "y", "z"])


def of(answer: Answer) -> Features:
    return Features("m", COLUMNS, answer, "y", "id", (), {})


@pytest.fixture(scope="module")
def test_rows(tmp_path_factory: pytest.TempPathFactory) -> HeldOut:
    folder, rng = tmp_path_factory.mktemp("test"), np.random.default_rng(3)
    with (folder / "algo-1.csv").open("w", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(["id", "a", "b", "c", "y"])
        for at in range(400):
            lines.writerow([at, round(rng.normal(2, 3), 4), rng.choice(LEVELS), round(rng.random(), 4), 1])
    return HeldOut(folder)


def dense(rows: HeldOut) -> Any:
    return of(ValueAnswer()).dense([rows.column(name) for name in ("a", "b", "c")])


def answered(score: Any) -> Rows:
    return Rows(score, score, score)


def shares(found: dict[str, Any]) -> dict[str, float]:
    return {one["column"]: one["contribution"] for one in found["importance"]}


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(-5, 5), min_size=5, max_size=5), st.floats(-9, 9), st.sampled_from(["none", "log", "yes"]))
def test_a_linear_models_shares_are_found_in_its_answers(test_rows, weights, bias, kind):
    numbers, answer = dense(test_rows), BinaryAnswer("Yes", "No") if kind == "yes" else ValueAnswer(kind)
    sums = numbers @ np.array(weights) / 10 + (bias if kind == "none" else bias / 100)
    score = {"none": sums, "log": np.exp(sums), "yes": 1 / (1 + np.exp(-sums))}[kind]
    parts = (numbers - numbers.mean(axis=0)) * np.array(weights) / 10
    expected = {"a": parts[:, :1], "b": parts[:, 1:4], "c": parts[:, 4:]}

    found = importances.of_model(None, of(answer), test_rows, answered(score), 7)

    if np.std(sums) > 1e-6:
        exact = {name: np.abs(part.sum(axis=1)).mean() for name, part in expected.items()}
        assert shares(found) == pytest.approx(exact, rel=1e-3, abs=1e-4)
        assert (found["importance_by"], found["importance_rows"]) == ("weights", 400)


def test_of_a_closed_model_that_is_not_linear_nothing_is_said(test_rows):
    numbers = dense(test_rows)

    found = importances.of_model(None, of(ValueAnswer()), test_rows, answered(np.sin(numbers).sum(axis=1)), 7)

    assert found == {"importance": [], "importance_rows": 0, "importance_by": None}


def test_of_fewer_rows_than_weights_nothing_is_said(tmp_path):
    (tmp_path / "algo-1.csv").write_text("id,a,b,c,y\n1,2,x,1,1\n2,3,y,2,1\n")

    found = importances.of_model(None, of(ValueAnswer()), HeldOut(tmp_path), answered(np.array([1.0, 2.0])), 7)

    assert found["importance_by"] is None


@dataclass
class Steps:
    """A model without contributions of its own: what it makes of ``a`` alone, in steps."""

    features: Features
    booster = None

    def predictor(self, matrix: Any) -> Any:
        return np.floor(matrix[:, 0])


def test_a_model_that_is_at_hand_is_asked_with_each_column_shuffled(test_rows):
    model = Steps(of(ValueAnswer()))

    once, again = (importances.of_model(model, model.features, test_rows, answered(np.ones(400)), 7) for _ in range(2))

    assert once == again
    assert shares(once)["a"] > 2
    assert (shares(once)["b"], shares(once)["c"], once["importance_by"]) == (0, 0, "shuffled")


def test_a_linear_models_shares_of_classes_are_found_in_its_answers(test_rows):
    numbers, answer = dense(test_rows), ClassesAnswer(("p", "q", "r"))
    weights = np.array([[0.3, -0.2, 0.1], [0.0, 0.4, 0.0], [0.1, 0.0, 0.2], [0.2, 0.1, 0.0], [0.0, 0.0, 0.5]])
    margins = numbers @ weights
    score = np.exp(margins) / np.exp(margins).sum(axis=1, keepdims=True)
    centred = weights - weights.mean(axis=1, keepdims=True)
    parts = (numbers - numbers.mean(axis=0))[:, :, None] * centred
    expected = {"a": parts[:, :1], "b": parts[:, 1:4], "c": parts[:, 4:]}

    found = importances.of_model(None, of(answer), test_rows, answered(score), 7)

    exact = {name: np.abs(part.sum(axis=1)).mean() for name, part in expected.items()}
    assert shares(found) == pytest.approx(exact, rel=1e-3)
    assert found["importance_by"] == "weights"
