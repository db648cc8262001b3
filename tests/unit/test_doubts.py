"""What looks too good to be true is doubted in words, and honest models are left alone."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from artifact.answers import BinaryAnswer, ValueAnswer
from data.column_rules import ColumnRule
from data.holdouts import HeldOut
from evaluation import doubts, metrics
from evaluation.rows import Rows
from features.features import Features
from features.number_formats import NumberFormat

RNG = np.random.default_rng(1)
ROWS = 600
LEFT = (RNG.random(ROWS) < 0.3).astype(float)
NOISE = RNG.normal(size=ROWS)
KINDS = {"x": "number", "when": "date", "why": "category"}


def features(task: str = "binary_classification") -> Features:
    answer = BinaryAnswer("yes", "no") if task == "binary_classification" else ValueAnswer()
    return Features("m", (), answer, "y", None, (), {}, tuple(KINDS))


def doubted(
    folder: Path, columns: dict[str, Any], rows: Rows | None = None, task: str = "binary_classification",
    used: dict[str, Any] | None = None,
) -> dict[str, str]:  # fmt: skip
    honest = 0.25 * LEFT + 0.2 + 0.4 * RNG.random(ROWS)
    scored = rows or Rows(LEFT, (honest >= 0.6).astype(float), honest - honest.mean() + LEFT.mean())
    table = {"x": NOISE, "when": [""] * ROWS, "why": ["a", "b"] * (ROWS // 2)} | columns
    lines = [",".join(map(str, row)) for row in zip(*table.values(), scored.actual, strict=True)]
    (folder / "rows.csv").write_text(",".join([*table, "y"]) + "\n" + "\n".join(lines) + "\n")
    measured = metrics.unweighted(task, scored)
    rules = {name: ColumnRule(kind, frozenset({"NA"})) for name, kind in KINDS.items()}
    found = doubts.of_model(measured, scored, features(task), HeldOut(folder), rules, used or {})
    return {doubt["column"]: doubt["found"] for doubt in found}


def test_an_honest_model_is_not_doubted(tmp_path: Path) -> None:
    assert doubted(tmp_path, {}) == {}


@pytest.mark.parametrize(
    ("column", "values", "words"),
    [
        ("when", ["2026-01-01" if left else "" for left in LEFT], "blank exactly where"),
        ("why", [RNG.choice(["price", "moved"]) if left else "NA" for left in LEFT], "blank exactly where"),
        ("why", [RNG.choice(["price", "moved"]) if left else "stays" for left in LEFT], "each of its levels has one"),
        ("x", LEFT * 100 + RNG.random(ROWS) * 10, "alone it tells the answers apart: is it a number of rows"),
        ("x", -LEFT, "alone it tells the answers apart"),
    ],
)
def test_a_column_that_gives_the_answer_away_is_named(tmp_path: Path, column: str, values: Any, words: str) -> None:
    found = doubted(tmp_path, {column: values})

    assert list(found) == [column]
    assert words in found[column]


def test_a_number_that_is_the_target_in_another_unit_is_named(tmp_path: Path) -> None:
    actual = 3 + NOISE
    rows = Rows(actual, actual * 0.9, actual * 0.9)

    found = doubted(tmp_path, {"x": actual * 12 + 1}, rows, "regression")

    assert list(found) == ["x"]


def test_metrics_at_their_end_are_doubted_in_words(tmp_path: Path) -> None:
    rows = Rows(LEFT, LEFT, np.where(LEFT > 0, 0.99, 0.01) - 0.01 * (LEFT.mean() - 0.3))

    found = doubted(tmp_path, {}, rows)

    assert list(found) == ["accuracy"]
    assert found["accuracy"].startswith("accuracy 1.0000, precision 1.0000, recall 1.0000, F1 1.0000, ROC-AUC 1.0000")


def test_a_label_that_is_never_said_is_told(tmp_path: Path) -> None:
    score = np.clip(LEFT.mean() + 0.05 * NOISE, 0, 0.49)

    found = doubted(tmp_path, {}, Rows(LEFT, np.zeros(ROWS), score))

    assert found == {"predicted label": "not one positive in 600 test rows: have the threshold chosen, under decision"}


def test_values_whose_mean_is_wrong_are_told(tmp_path: Path) -> None:
    actual = np.exp(3 + NOISE)
    rows = Rows(actual, np.full(ROWS, np.exp(3.0)), np.full(ROWS, np.exp(3.0)))

    assert list(doubted(tmp_path, {"x": RNG.normal(size=ROWS)}, rows, "regression")) == ["predicted value"]


def test_probabilities_that_a_weight_moved_are_told(tmp_path: Path) -> None:
    score = np.clip(0.7 + 0.05 * NOISE + 0.1 * LEFT, 0, 1)
    rows = Rows(LEFT, (score > 0.75).astype(float), score)

    found = doubted(tmp_path, {}, rows, used={"scale_pos_weight": 40})

    assert list(found) == ["probability"]
    assert "scale_pos_weight: 40 moves them" in found["probability"]


def test_a_number_in_local_writing_gives_the_answer_away_too(tmp_path: Path) -> None:
    texts = [f'"{number:.1f}"'.replace(".", ",") for number in LEFT * 100 + RNG.random(ROWS) * 10]
    (tmp_path / "rows.csv").write_text("x,y\n" + "\n".join(f"{x},{y}" for x, y in zip(texts, LEFT, strict=True)) + "\n")
    rule = ColumnRule("number", writing=NumberFormat(decimal=","))
    rows = Rows(LEFT, LEFT, 0.2 + 0.6 * LEFT)
    model = Features("m", (), BinaryAnswer("yes", "no"), "y", None, (), {}, ("x",))

    found = doubts.of_model({}, rows, model, HeldOut(tmp_path), {"x": rule}, {}, {})

    assert "alone it tells the answers apart" in found[0]["found"]
