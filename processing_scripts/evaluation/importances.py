"""What moves the model's answers, on held-out rows: each column's share, in the unit that the algorithm learns.

Three ways, by what can be looked into: XGBoost says itself what each column contributes; of a linear model that answers
in a closed container the weights are worked out from its answers; any other model that is at hand is asked again with
one column shuffled. Of a closed model that is not linear nothing is said.
"""

import itertools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from data.holdouts import HeldOut
from features.features import Features
from numpy.typing import NDArray

from evaluation.rows import Rows

FEWEST, MOST = 100, 2_000  # rows that are explained one by one; more would say the same
WORK = 1_000_000_000  # rows times bytes of model: what a row costs grows with the trees, 20 ms for 9 MB
EXACT = 1e-3  # of the answers' spread: so far a linear model's answers may be from the weights found in them
SURE = 1e-4  # a probability nearer to 0 or 1 has lost the digits that its log-odds need
SHAP, SHUFFLED, WEIGHTS = "SHAP", "shuffled", "weights"
Floats = NDArray[np.float64]


def of_model(model: Any, features: Features, test: HeldOut, answered: Rows, seed: int) -> dict[str, Any]:
    """Mean absolute share of each column in an answer, of how many rows, and how it was found.

    ``model`` is what its inference.py loaded; None where only its answers are known.

    Source: https://xgboost.readthedocs.io/en/stable/python/python_api.html (Booster.predict, pred_contribs); Lundberg
    and Lee (2017), section 4.1 (a linear model's SHAP values), https://arxiv.org/abs/1705.07874
    """
    if model is None:
        return _said(WEIGHTS, features, *_of_weights(features, test, answered))
    if getattr(model, "booster", None) is not None:
        return _said(SHAP, features, *_of_booster(model.booster, model.features, test))
    return _said(SHUFFLED, features, *_of_shuffling(model, test, seed))


def _said(by: str, features: Features, shares: dict[str, float] | None, rows: int) -> dict[str, Any]:
    if shares is None:
        return {"importance": [], "importance_rows": 0, "importance_by": None}
    ranked = sorted(features.learnt_names, key=lambda name: (-shares[name], name))
    found = [{"column": name, "contribution": float(f"{shares[name]:.5g}")} for name in ranked]
    return {"importance": found, "importance_rows": rows, "importance_by": by}


def _of_booster(booster: Any, features: Features, test: HeldOut) -> tuple[dict[str, float] | None, int]:
    import xgboost

    fields = _some(features, test, max(FEWEST, WORK // len(booster.save_raw("ubj"))))
    matrix = features.matrix(fields)
    contributions = booster.predict(xgboost.DMatrix(matrix), pred_contribs=True)[:, :-1]  # the last is the bias
    if contributions.shape[1] != len(features.matrix_columns):
        return None, 0
    return _by_column(contributions, features.matrix_columns), len(matrix)


def _of_shuffling(model: Any, test: HeldOut, seed: int) -> tuple[dict[str, float], int]:
    """By how much answers change when a column's values go to other rows."""
    features, rng = model.features, np.random.default_rng(seed)
    matrix = features.matrix(_some(features, test, MOST))
    owners, before, shares = np.array(features.matrix_columns), model.predictor(matrix), {}
    for name in features.learnt_names:
        changed = matrix.copy()
        changed[:, owners == name] = matrix[rng.permutation(len(matrix))][:, owners == name]
        shares[name] = float(np.abs(model.predictor(changed) - before).mean())
    return shares, len(matrix)


def _of_weights(features: Features, test: HeldOut, answered: Rows) -> tuple[dict[str, float] | None, int]:
    """A linear model's answers are the weighted sums of its numbers: enough of them give the weights back."""
    owners = [column.name for column in features.columns for _ in column.dense_names]
    every = _every(test, max(MOST, 10 * len(owners)))
    dense = features.dense(_fields(features, test, every))
    said = answered.score[::every][: len(dense)]
    sums = _log_odds(said) if features.answer.task == "binary_classification" else features.answer.learnt(said)
    usable = np.isfinite(sums)
    if usable.sum() <= 2 * len(owners):
        return None, 0
    centred = dense[usable] - dense[usable].mean(axis=0)
    aim = sums[usable] - sums[usable].mean()
    weights = np.linalg.lstsq(centred, aim, rcond=None)[0]
    if np.abs(centred @ weights - aim).max() > EXACT * aim.std():
        return None, 0
    return _by_column(centred * weights, owners), int(usable.sum())


def _log_odds(probability: Floats) -> Floats:
    """What a linear model adds up to a probability; NaN where its last digits are gone."""
    sure = (probability < SURE) | (probability > 1 - SURE)
    inner = np.where(sure, 0.5, probability)
    found: Floats = np.where(sure, math.nan, np.log(inner / (1 - inner)))
    return found


def _by_column(contributions: NDArray[Any], owners: Sequence[str]) -> dict[str, float]:
    """Mean absolute contribution of each column, however many numbers it is."""
    named = np.array(owners)
    return {name: float(np.abs(contributions[:, named == name].sum(axis=1)).mean()) for name in dict.fromkeys(owners)}


def _some(features: Features, test: HeldOut, rows: int) -> list[list[str]]:
    """Fields of about so many held-out rows, evenly apart, ``MOST`` at most."""
    most = min(rows, MOST)
    return _fields(features, test, _every(test, most), most)


def _every(test: HeldOut, rows: int) -> int:
    return max(1, sum(1 for _ in test.rows()) // rows)


def _fields(features: Features, test: HeldOut, every: int, most: int | None = None) -> list[list[str]]:
    some = list(itertools.islice(itertools.islice(test.rows(), 0, None, every), most))
    places = [test.header.index(name) for name in features.names]
    return [[row[place] for row in some] for place in places]
