"""Rows without an id that are alike but for the answer: what they are held to be decides what a model is asked."""

import random
from pathlib import Path
from typing import Any

import pytest
from judged_tables import judged, model

KINDS, EACH = 64, 40


def coins() -> list[list[Any]]:
    """Rows of few kinds, each with a coin for an answer."""
    rng = random.Random(4)
    return [[f"a{at % 8}", f"b{at // 8 % 8}", rng.choice(["yes", "no"])] for at in range(KINDS * EACH)]


def roc_auc(folder: Path, **split: str) -> float:
    columns = {"a": "category", "b": "category"}
    described = model("binary_classification", {"target": "y", "columns": columns}, split=split)
    return float(judged(folder, described, ["a", "b", "y"], coins())["metrics"]["roc_auc"])


def test_where_the_answer_is_no_part_of_a_row_no_model_is_asked_for_the_contrary_of_what_it_learnt(
    tmp_path: Path,
) -> None:
    """By whole lines the yes of a kind stand on one side and its no on another."""
    assert roc_auc(tmp_path / "line") < 0.4
    assert roc_auc(tmp_path / "features", row="features") == pytest.approx(0.5, abs=0.06)
