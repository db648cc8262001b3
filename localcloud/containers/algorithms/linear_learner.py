"""SageMaker's linear learner, by scikit-learn: its hyperparameters, channels, metrics and answers.

scikit-learn solves for the optimum: what only says how the algorithm walks there (epochs, mini_batch_size,
learning_rate, optimizer, init_*, num_models, the schedule) is checked and has no effect.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/linear-learner.html and
https://docs.aws.amazon.com/sagemaker/latest/dg/LL-in-formats.html
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import (
    ElasticNet,
    LogisticRegression,
    QuantileRegressor,
    Ridge,
    SGDClassifier,
    SGDRegressor,
)  # fmt: skip

from localcloud.containers.algorithms import linear_metrics
from localcloud.containers.algorithms.channels import Channels
from localcloud.containers.algorithms.hyperparameters import UserError
from localcloud.containers.algorithms.linear_hyperparameters import validate
from localcloud.containers.algorithms.predictions import AlgorithmModel
from localcloud.containers.algorithms.training_job import load_model, log, run_job, save_model
from localcloud.containers.serving import server

SEED = 0
LEAST_WD = 1e-9  # keeps columns that say the same solvable
STEPS = 2000
NEVER = -700.0  # a margin whose exponential is next to nothing
SGD = {
    "huber_loss": ("huber", "huber_delta"),
    "absolute_loss": ("epsilon_insensitive", None),
    "eps_insensitive_absolute_loss": ("epsilon_insensitive", "loss_insensitivity"),
    "eps_insensitive_squared_loss": ("squared_epsilon_insensitive", "loss_insensitivity"),
}


def main() -> None:
    """Train one job."""
    run_job("linear learner", train)


def serve() -> None:
    """Serve as SageMaker's linear learner does."""
    server.serve(lambda: AlgorithmModel(load_line(server.container_root() / "model")), parameters=True)


def train(root: Path, given: Mapping[str, str]) -> None:
    """Fit, choose the threshold, measure every channel, keep.

    Raises:
        UserError: hyperparameters or data that the algorithm does not take.
    """
    settings = validate(given)
    channels = Channels(root, ("train", "validation", "test"))
    dimension = None if settings["feature_dim"] == "auto" else settings["feature_dim"]
    log.info("epochs, mini_batch_size, learning_rate and what else says how to walk to the optimum has no effect here")
    sets = {"train": channels.load("train", dimension)}
    sets |= {
        name: channels.load(name, sets["train"][0].shape[1]) for name in ("validation", "test") if name in channels
    }
    for _, labels in sets.values():
        _check_labels(settings, labels)
    began = time.monotonic()
    line, scale = fit(settings, *sets["train"])
    if settings["predictor_type"] == "binary_classifier":
        features, labels = sets.get("validation", sets["train"])
        line.threshold = linear_metrics.threshold(settings, labels, line.score(features))
    rows = len(sets["train"][0])
    log.info("#throughput_metric: host=algo-1, train throughput=%f records/second", rows / (time.monotonic() - began))
    linear_metrics.log_metrics(settings, line, sets, scale)
    settings |= {"feature_dim": line.feature_dim, "threshold": line.threshold}
    save_model(root, settings, weights=line.weights, bias=line.bias)


@dataclass
class Line:
    """Weights (feature_dim, outputs) and bias (outputs,), in the features' and the label's own units."""

    weights: Any
    bias: Any
    settings: Mapping[str, Any]
    threshold: float = 0.5

    @property
    def feature_dim(self) -> int:
        """The number of features."""
        return int(self.weights.shape[0])

    def score(self, features: Any) -> Any:
        """(rows,): the value, the probability or (hinge loss) the margin; (rows, classes) for several classes."""
        raw = features @ self.weights + self.bias
        if self.settings["predictor_type"] == "multiclass_classifier":
            powers = np.exp(raw - raw.max(axis=1, keepdims=True))
            return powers / powers.sum(axis=1, keepdims=True)
        if self.settings["loss"] == "logistic":
            return 1 / (1 + np.exp(-np.clip(raw[:, 0], -700, 700)))
        return raw[:, 0]

    def predict(self, features: Any, *, verbose: bool = False) -> list[dict[str, Any]]:
        """``score`` of every row, and its ``predicted_label`` where there are classes."""
        scores = self.score(features)
        if self.settings["predictor_type"] == "regressor":
            return [{"score": float(score)} for score in scores]
        if self.settings["predictor_type"] == "binary_classifier":
            return [{"score": float(score), "predicted_label": int(score >= self.threshold)} for score in scores]
        return [{"score": row.tolist(), "predicted_label": int(row.argmax())} for row in scores]


def load_line(folder: Path) -> Line:
    """The trained line in a folder."""
    settings, arrays = load_model(folder)
    return Line(arrays["weights"], arrays["bias"], settings, settings["threshold"])


def fit(settings: Mapping[str, Any], features: Any, labels: Any) -> tuple[Line, float]:
    """The best line, and the unit of the label that it was fitted in."""
    biased = settings["use_bias"] == "true"
    normalise = settings["normalize_data"] != "false"
    centre = biased and (normalise or settings["unbias_data"] != "false")
    mean = features.mean(axis=0) if centre else np.zeros(features.shape[1])
    spread = features.std(axis=0) if normalise else np.ones(features.shape[1])
    spread = np.where(spread > 0, spread, 1.0)
    middle, unit = _label_scale(settings, labels, biased)
    scaled = (features - mean) / spread
    if settings["predictor_type"] == "regressor":
        model = regressor(settings, len(labels)).fit(scaled, (labels - middle) / unit)
    else:
        model = classifier(settings, len(labels)).fit(scaled, labels.astype(int))
    coefficients, intercepts = np.atleast_2d(model.coef_), np.atleast_1d(model.intercept_)
    if settings["predictor_type"] == "multiclass_classifier":
        coefficients, intercepts = _of_every_class(settings["num_classes"], model.classes_, coefficients, intercepts)
    weights = coefficients.T / spread[:, None] * unit
    bias = intercepts * unit + middle - mean @ weights
    return Line(weights, bias, settings), unit


def _of_every_class(number: int, seen: Any, coefficients: Any, intercepts: Any) -> tuple[Any, Any]:
    """Rows of weights and biases for each of so many classes; one that no row has is never likely."""
    if len(seen) == 2:  # which scikit-learn tells apart by one row
        zeros = np.zeros_like(coefficients)
        coefficients, intercepts = np.vstack([zeros, coefficients]), np.append(np.zeros(1), intercepts)
    weights, bias = np.zeros((number, coefficients.shape[1])), np.full(number, NEVER)
    weights[seen], bias[seen] = coefficients, intercepts
    return weights, bias


def regressor(settings: Mapping[str, Any], rows: int) -> Any:
    """scikit-learn's model of a loss."""
    wd, l1 = _penalties(settings)
    biased = settings["use_bias"] == "true"
    loss = settings["loss"]
    if loss == "squared_loss" and not l1:
        return Ridge(alpha=max(wd, LEAST_WD) * rows, fit_intercept=biased)
    if loss == "squared_loss":
        return ElasticNet(alpha=l1 + wd, l1_ratio=l1 / (l1 + wd), fit_intercept=biased, max_iter=STEPS)
    if loss == "quantile_loss":
        return QuantileRegressor(quantile=settings["quantile"], alpha=l1, fit_intercept=biased)
    name, limit = SGD[loss]
    return SGDRegressor(
        loss=name, epsilon=settings[limit] if limit else 0.0, fit_intercept=biased, random_state=SEED, max_iter=STEPS,
        tol=1e-5, average=True, **_sgd_penalty(wd, l1),
    )  # fmt: skip


def classifier(settings: Mapping[str, Any], rows: int) -> Any:
    """scikit-learn's model of a loss for classes."""
    wd, l1 = _penalties(settings)
    common = {"fit_intercept": settings["use_bias"] == "true", "class_weight": _class_weight(settings)}
    if settings["loss"] == "hinge_loss":
        return SGDClassifier(
            random_state=SEED, max_iter=STEPS, tol=1e-5, average=True, **_sgd_penalty(wd, l1), **common
        )
    strength = 1 / (max(wd + l1, LEAST_WD) * rows)
    if l1:
        return LogisticRegression(
            C=strength, l1_ratio=l1 / (l1 + wd), solver="saga", max_iter=STEPS, random_state=SEED, **common
        )
    return LogisticRegression(C=strength, max_iter=STEPS, **common)


def _sgd_penalty(wd: float, l1: float) -> dict[str, Any]:
    total = max(wd + l1, LEAST_WD)
    return {"penalty": "elasticnet", "alpha": total, "l1_ratio": l1 / total}


def _penalties(settings: Mapping[str, Any]) -> tuple[float, float]:
    wd, l1 = (0.0 if settings[name] == "auto" else float(settings[name]) for name in ("wd", "l1"))
    return wd, l1


def _class_weight(settings: Mapping[str, Any]) -> Any:
    if settings["predictor_type"] == "multiclass_classifier":
        return "balanced" if settings["balance_multiclass_weights"] == "true" else None
    weight = settings["positive_example_weight_mult"]
    if weight == "balanced":
        return "balanced"
    return None if weight in ("auto", 1.0) else {0: 1.0, 1: weight}


def _label_scale(settings: Mapping[str, Any], labels: Any, biased: bool) -> tuple[float, float]:
    if settings["predictor_type"] != "regressor":
        return 0.0, 1.0
    normalise = settings["normalize_label"] != "false"
    centre = biased and (normalise or settings["unbias_label"] != "false")
    spread = float(labels.std()) if normalise else 1.0
    return (float(labels.mean()) if centre else 0.0), spread or 1.0


def _check_labels(settings: Mapping[str, Any], labels: Any) -> None:
    kind = settings["predictor_type"]
    classes = {"binary_classifier": 2, "multiclass_classifier": settings.get("num_classes", 0)}.get(kind)
    if classes is not None and not np.isin(labels, np.arange(classes)).all():
        found = sorted(set(np.unique(labels)[:10].tolist()))
        raise UserError(f"labels must be 0 to {classes - 1} for predictor_type {kind}; found {found}")
