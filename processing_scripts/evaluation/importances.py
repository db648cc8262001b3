"""Feature importance on the test rows: each column's mean absolute share, in the unit that the algorithm learns.

Three methods, by what can be looked into: XGBoost computes SHAP values itself; of a linear model that answers in a
closed container the weights are worked out from its predictions; any other model that is at hand predicts again with
one column shuffled. Of a closed model that is not linear nothing is known.
"""

import itertools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from data.holdouts import HeldOut
from features.features import Features
from numpy.typing import NDArray

from evaluation.rows import Floats, Rows

FEWEST, MOST = 100, 2_000  # rows that are explained row by row; more would say the same
WORK = 1_000_000_000  # rows times bytes of model: what a row costs grows with the trees, 20 ms for 9 MB
EXACT = 1e-3  # of the predictions' spread: so far a linear model's may be from those of the weights found in them
SURE = 1e-4  # a probability nearer to 0 or 1 has lost the digits that its log-odds need
SHAP, SHUFFLED, WEIGHTS = "SHAP", "shuffled", "weights"


def of_model(model: Any, features: Features, test: HeldOut, scored: Rows, seed: int) -> dict[str, Any]:
    """Compute each column's importance, over how many rows, and by which method.

    ``model`` is what its inference.py loaded; None where only its predictions are known.

    Source: https://xgboost.readthedocs.io/en/stable/python/python_api.html (Booster.predict, pred_contribs); Lundberg
    and Lee (2017), section 4.1 (a linear model's SHAP values), https://arxiv.org/abs/1705.07874
    """
    if model is None:
        return _document(WEIGHTS, features, *_from_weights(features, test, scored))
    if getattr(model, "booster", None) is not None:
        return _document(SHAP, features, *_from_booster(model.booster, model.features, test))
    return _document(SHUFFLED, features, *_from_shuffling(model, test, seed))


def _document(method: str, features: Features, shares: dict[str, float] | None, rows: int) -> dict[str, Any]:
    if shares is None:
        return {"importance": [], "importance_rows": 0, "importance_by": None}
    learnt = [name for name in features.learnt_names if name in shares]
    ranked = sorted(learnt, key=lambda name: (-shares[name], name))
    columns = [{"column": name, "contribution": float(f"{shares[name]:.5g}")} for name in ranked]
    nothing = [name for name in features.learnt_names if name not in shares]
    document = {"importance": columns, "importance_rows": rows, "importance_by": method}
    return document | ({"not_learnt": nothing} if nothing else {})


def _from_booster(booster: Any, features: Features, test: HeldOut) -> tuple[dict[str, float] | None, int]:
    import xgboost

    fields = _sample_rows(features, test, max(FEWEST, WORK // len(booster.save_raw("ubj"))))
    matrix = features.matrix(fields)
    contributions = booster.predict(xgboost.DMatrix(matrix), pred_contribs=True)[..., :-1]  # the last is the bias
    if contributions.shape[-1] != len(features.matrix_columns):
        return None, 0
    return _by_column(contributions, features.matrix_columns), len(matrix)


def _from_shuffling(model: Any, test: HeldOut, seed: int) -> tuple[dict[str, float], int]:
    """Measure by how much predictions change when a column's values go to other rows."""
    features, rng = model.features, np.random.default_rng(seed)
    matrix = features.matrix(_sample_rows(features, test, MOST))
    owners, before, shares = np.array(features.matrix_columns), model.predictor(matrix), {}
    for name in dict.fromkeys(features.matrix_columns):
        changed = matrix.copy()
        changed[:, owners == name] = matrix[rng.permutation(len(matrix))][:, owners == name]
        shares[name] = float(np.abs(model.predictor(changed) - before).mean())
    return shares, len(matrix)


def _from_weights(features: Features, test: HeldOut, scored: Rows) -> tuple[dict[str, float] | None, int]:
    """Solve for a linear model's weights: its predictions are the weighted sums of its numbers."""
    owners = [column.name for column in features.columns for _ in column.dense_names]
    stride = _stride(test, max(MOST, 10 * len(owners)))
    dense = features.dense(_fields(features, test, stride))
    scores = scored.score[::stride][: len(dense)]
    sums = _margins(features, scores)
    usable = np.isfinite(sums).all(axis=1)
    if usable.sum() <= 2 * len(owners):
        return None, 0
    centred = dense[usable] - dense[usable].mean(axis=0)
    aim = sums[usable] - sums[usable].mean(axis=0)
    weights = np.linalg.lstsq(centred, aim, rcond=None)[0]
    if np.abs(centred @ weights - aim).max() > EXACT * aim.std():
        return None, 0
    return _by_column(centred[:, None, :] * weights.T, owners), int(usable.sum())


def _margins(features: Features, scores: Floats) -> Floats:
    """Undo what a linear model makes of its weighted sums, ``(rows, 1)``, or ``(rows, classes)`` of several classes."""
    if scores.ndim > 1:
        sure: NDArray[np.bool_] = np.any(scores < SURE, axis=1)
        logarithms = np.log(np.where(sure[:, None], 1.0, scores))
        margins: Floats = np.where(sure[:, None], math.nan, logarithms - logarithms.mean(axis=1, keepdims=True))
        return margins
    binary = features.answer.task == "binary_classification"
    return (_log_odds(scores) if binary else features.answer.learnt(scores))[:, None]


def _log_odds(probability: Floats) -> Floats:
    """Undo the logistic function; NaN where a probability has lost the digits for it."""
    sure = (probability < SURE) | (probability > 1 - SURE)
    inner = np.where(sure, 0.5, probability)
    log_odds: Floats = np.where(sure, math.nan, np.log(inner / (1 - inner)))
    return log_odds


def _by_column(contributions: NDArray[Any], owners: Sequence[str]) -> dict[str, float]:
    """Average the absolute contribution of each column, however many numbers it is, over rows and classes."""
    named = np.array(owners)
    return {name: float(np.abs(contributions[..., named == name].sum(-1)).mean()) for name in dict.fromkeys(owners)}


def _sample_rows(features: Features, test: HeldOut, rows: int) -> list[list[str]]:
    """Read the fields of about so many test rows, evenly apart, ``MOST`` at most."""
    most = min(rows, MOST)
    return _fields(features, test, _stride(test, most), most)


def _stride(test: HeldOut, rows: int) -> int:
    """Find how far apart rows are of which there are about so many."""
    return max(1, sum(1 for _ in test.rows()) // rows)


def _fields(features: Features, test: HeldOut, stride: int, most: int | None = None) -> list[list[str]]:
    sample = list(itertools.islice(itertools.islice(test.rows(), 0, None, stride), most))
    columns = [test.header.index(name) for name in features.names]
    return [[row[column] for row in sample] for column in columns]
