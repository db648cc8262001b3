"""What a model's answers mean, fitted on rows that it has not learnt: a log target's mean, probabilities, a threshold.

Of many validation rows the model's own predictions are taken. Of few, what is fitted on them would be mostly chance, so
rows of training and validation together are predicted out of fold by models of the same kind, where the algorithm is
XGBoost and rows stand for themselves: neither groups nor time part them.

Source: Duan (1983), Smearing Estimate, https://doi.org/10.1080/01621459.1983.10478017; Platt (1999), Probabilistic
Outputs; Zadrozny and Elkan (2002), https://doi.org/10.1145/775047.775151 (isotonic)
"""

import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from artifact.answers import Answer, BinaryAnswer, ValueAnswer
from artifact.predictors import Predictor
from numpy.typing import NDArray

from evaluation.rows import Floats

ENOUGH = 10_000  # validation rows that need no help
FOLDS = 5
SEED = 7
NOT_OF_THE_MODEL = ("num_round", "early_stopping_rounds", "eval_metric")
STEPS = 200  # of Newton's method
POINTS = 200  # of an isotonic curve
CHOSEN = "chosen"


class Unseen(NamedTuple):
    """Rows that the model that predicted them had not learnt from: as the algorithm learns them, ``(rows,)``."""

    predicted: Floats
    actual: Floats


def wants_fitting(config: Mapping[str, Any], answer: Answer) -> bool:
    """Say whether anything is to be fitted."""
    log = isinstance(answer, ValueAnswer) and answer.transform == "log"
    return log or "calibrate" in config or config.get("decision", {}).get("threshold") == CHOSEN


def channel(folder: Path) -> tuple[NDArray[np.float32], Floats]:
    """Read a channel that a training job read: numbers ``(rows, columns)`` and answers ``(rows,)``; empty for none."""
    paths = [path for path in sorted(folder.glob("*.csv")) if path.stat().st_size]
    if not paths:
        return np.empty((0, 0), np.float32), np.empty(0)
    rows = np.concatenate([np.loadtxt(path, delimiter=",", ndmin=2) for path in paths])
    return rows[:, 1:].astype(np.float32), rows[:, 0]


def unseen(
    predictor: Predictor, train: Path, validation: Path, used: Mapping[str, Any], *, alone: bool
) -> Unseen | None:
    """Predict rows that were not learnt from; None where there are none. ``alone``: rows stand for themselves."""
    numbers, actual = channel(validation)
    booster = getattr(predictor, "booster", None)
    if booster is not None and alone and len(actual) < ENOUGH:
        more, their = channel(train)
        both = np.concatenate([part for part in (more, numbers) if len(part)])
        return _out_of_fold(booster, both, np.concatenate([their, actual]), used)
    return Unseen(np.asarray(predictor(numbers), np.float64), actual) if len(actual) else None


def _out_of_fold(booster: Any, numbers: NDArray[np.float32], actual: Floats, used: Mapping[str, Any]) -> Unseen:
    """Let models with the same settings and rounds predict the fifth of the rows that each was not given."""
    fold = np.random.default_rng(SEED).permutation(len(actual)) % FOLDS
    predicted = np.empty(len(actual))
    for at in range(FOLDS):
        own = fold == at
        other = boosted_as(booster, numbers[~own], actual[~own], used)
        predicted[own] = other.inplace_predict(numbers[own], validate_features=False)
    return Unseen(predicted, actual)


def boosted_as(booster: Any, numbers: NDArray[np.float32], actual: Floats, used: Mapping[str, Any]) -> Any:
    """Train a booster on other rows with the settings, and the rounds, that another one has."""
    import xgboost as xgb  # in its own image only

    settings = {name: value for name, value in used.items() if name not in NOT_OF_THE_MODEL}
    return xgb.train(settings, xgb.DMatrix(numbers, actual), booster.num_boosted_rounds(), verbose_eval=False)


def fitted(answer: Answer, config: Mapping[str, Any], rows: Unseen | None) -> Answer:
    """Set what the model file asks for; what there are no rows to fit on stays as it is."""
    if isinstance(answer, ValueAnswer):
        return replace(answer, factor=_smearing(rows)) if answer.transform == "log" and rows else answer
    decision = config.get("decision", {})
    if not isinstance(answer, BinaryAnswer):
        return answer
    if "calibrate" in config and rows:
        answer = replace(answer, calibration=CALIBRATIONS[config["calibrate"]](rows))
    if decision.get("threshold") == CHOSEN and rows:
        scores = np.array([answer.probability(score) for score in rows.predicted.tolist()])
        return replace(answer, threshold=_threshold(scores, rows.actual, decision))
    given = decision.get("threshold", answer.threshold)
    return answer if given == CHOSEN else replace(answer, threshold=float(given))


def _smearing(rows: Unseen) -> float:
    """Average the factors by which the rows' true values are above what their logarithms' predictions say."""
    return float(f"{np.exp(rows.actual - rows.predicted).mean():.6g}")


def _log_odds(scores: Floats) -> Floats:
    inner = np.clip(scores, 1e-7, 1 - 1e-7)
    odds: Floats = np.log(inner / (1 - inner))
    return odds


def _platt(rows: Unseen) -> dict[str, Any]:
    """Fit a logistic curve to the log-odds by Newton's method; targets are drawn in as Platt has them."""
    positives = rows.actual.sum()
    high, low = (positives + 1) / (positives + 2), 1 / (len(rows.actual) - positives + 2)
    target = np.where(rows.actual > 0, high, low)
    design = np.column_stack([_log_odds(rows.predicted), np.ones(len(target))])
    weights = np.array([1.0, 0.0])
    for _ in range(STEPS):
        mean = 1 / (1 + np.exp(-(design @ weights)))
        curvature = design.T @ (design * (mean * (1 - mean))[:, None]) + 1e-9 * np.eye(2)
        step = np.linalg.solve(curvature, design.T @ (target - mean))
        weights = weights + step
        if np.abs(step).max() < 1e-10:
            break
    return {"kind": "platt", "slope": _short(weights[0]), "shift": _short(weights[1])}


def _isotonic(rows: Unseen) -> dict[str, Any]:
    """Pool adjacent violators: the curve that never falls and is nearest to the answers."""
    order = np.argsort(rows.predicted, kind="stable")
    blocks: list[list[float]] = []  # sum of answers, rows, lowest and highest score
    for score, answer in zip(rows.predicted[order].tolist(), rows.actual[order].tolist(), strict=True):
        blocks.append([answer, 1.0, score, score])
        while len(blocks) > 1 and blocks[-2][0] * blocks[-1][1] >= blocks[-1][0] * blocks[-2][1]:
            total, count, _, high = blocks.pop()
            blocks[-1] = [blocks[-1][0] + total, blocks[-1][1] + count, blocks[-1][2], high]
    points = [(end, total / count) for total, count, low, high in blocks for end in dict.fromkeys((low, high))]
    stride = max(1, math.ceil(len(points) / POINTS))
    kept = points[::stride] if stride == 1 else [*points[:-1:stride], points[-1]]
    return {"kind": "isotonic", "from": [_short(x) for x, _ in kept], "to": [_short(y) for _, y in kept]}


CALIBRATIONS = {"platt": _platt, "isotonic": _isotonic}


def _short(number: float) -> float:
    return float(f"{float(number):.7g}")


def _threshold(scores: Floats, actual: Floats, decision: Mapping[str, Any]) -> float:
    """Find the threshold that serves the aim best, halfway between two scores.

    Where none reaches the precision that is asked for, it is that of the highest: the gate judges what comes of it.
    """
    order = np.argsort(-scores, kind="stable")
    last = np.append(np.flatnonzero(np.diff(scores[order])), len(order) - 1)
    hits = np.cumsum(actual[order])[last]
    yes, positives = last + 1.0, float(actual.sum())
    worth = {
        "f1": 2 * hits / (yes + positives),
        "precision": np.where(hits / yes >= decision.get("at_least", 0), hits, hits / yes - 1),
        "cost": -((yes - hits) + decision.get("false_negative", 1) * (positives - hits)),
    }[decision.get("aim", "f1")]
    best = int(np.argmax(worth))
    ordered = scores[order][last]
    below = ordered[best + 1] if best + 1 < len(ordered) else 0.0
    return min(max(_short((ordered[best] + below) / 2), 1e-6), 1 - 1e-6)
