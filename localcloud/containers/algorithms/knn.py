"""SageMaker's k-nearest neighbours, by scikit-learn: its hyperparameters, channels, metrics and answers.

Every index is exact here; on AWS ``faiss.IVFFlat`` and ``faiss.IVFPQ`` only come near the nearest.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/kNN_hyperparameters.html,
https://docs.aws.amazon.com/sagemaker/latest/dg/kNN-tuning.html and
https://docs.aws.amazon.com/sagemaker/latest/dg/kNN-inference-formats.html
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.neighbors import NearestNeighbors
from sklearn.random_projection import GaussianRandomProjection, SparseRandomProjection

from localcloud.containers.algorithms.channels import Channels
from localcloud.containers.algorithms.hyperparameters import (
    Hyperparameter,
    UserError,
    integer,
    one_of,
    or_auto,
    parse_hyperparameters,
)
from localcloud.containers.algorithms.predictions import AlgorithmModel
from localcloud.containers.algorithms.training_job import load_model, log, log_metric, run_job, save_model
from localcloud.containers.serving import server

TABLE: Mapping[str, Hyperparameter] = {
    "feature_dim": integer(), "k": integer(), "sample_size": integer(),
    "predictor_type": one_of("classifier", "regressor"),
    "dimension_reduction_target": integer(), "dimension_reduction_type": one_of("sign", "fjlt"),
    "index_type": one_of("faiss.Flat", "faiss.IVFFlat", "faiss.IVFPQ"),
    "index_metric": one_of("L2", "INNER_PRODUCT", "COSINE"), "faiss_index_ivf_nlists": or_auto(integer()),
    "faiss_index_pq_m": Hyperparameter(int, (1, 2, 3, 4, 8, 12, 16, 20, 24, 28, 32, 40, 48, 56, 64, 96)),
    "mini_batch_size": integer(),
}  # fmt: skip
REQUIRED = ("feature_dim", "k", "sample_size", "predictor_type")
PROJECTIONS = {"sign": SparseRandomProjection, "fjlt": GaussianRandomProjection}
SEED = 0
AT_ONCE = 20_000  # rows per search, so that distances fit in memory


def main() -> None:
    """Train one job."""
    run_job("k-NN", train)


def serve() -> None:
    """Serve as SageMaker's k-NN does."""
    server.serve(lambda: AlgorithmModel(Neighbours(server.container_root() / "model")), parameters=True)


def train(root: Path, given: Mapping[str, str]) -> None:
    """Sample, index, measure on the test channel, keep.

    Raises:
        UserError: hyperparameters or data that the algorithm does not take.
    """
    settings = validate(given)
    channels = Channels(root, ("train", "test"))
    features, labels = channels.load("train", settings["feature_dim"])
    chance = np.random.default_rng(SEED)
    size = settings["sample_size"]
    if size < len(features):
        kept = np.sort(chance.choice(len(features), size, replace=False))
        features, labels = features[kept], labels[kept]
    elif size > len(features):
        log.warning("sample_size is %d, the train channel has %d rows: all are used", size, len(features))
    if settings["k"] > len(features):
        raise UserError(f"k is {settings['k']}, but there are only {len(features)} sampled rows")
    projection = _projection(settings, features)
    index = features if projection is None else features @ projection
    save_model(
        root, settings, index=index.astype(np.float32), labels=labels.astype(np.float32),
        **({} if projection is None else {"projection": projection}),
    )  # fmt: skip
    log.info("Indexed %d rows of %d features", *index.shape)
    if "test" in channels:
        _measure(Neighbours(root / "model"), *channels.load("test", settings["feature_dim"]))


def validate(given: Mapping[str, str]) -> dict[str, Any]:
    """The hyperparameters as values, with defaults.

    Raises:
        UserError: one is unknown, missing or out of range, or two do not go together.
    """
    found = {"index_type": "faiss.Flat", "index_metric": "L2"} | parse_hyperparameters(TABLE, REQUIRED, given)
    target = found.get("dimension_reduction_target")
    if "dimension_reduction_type" in found and (target is None or target >= found["feature_dim"]):
        raise UserError("dimension_reduction_type needs a dimension_reduction_target that is less than feature_dim")
    if found["index_type"] == "faiss.IVFPQ" and found["index_metric"] != "L2":
        raise UserError(f"index_metric {found['index_metric']} is not supported by index_type faiss.IVFPQ")
    return found


class Neighbours:
    """An index, and how it answers: the mean of the neighbours' labels, or the label that most of them have."""

    def __init__(self, folder: Path) -> None:
        self.settings, arrays = load_model(folder)
        self.feature_dim: int = self.settings["feature_dim"]
        self.labels = arrays["labels"].astype(np.float64)
        self.projection = arrays.get("projection")
        index = arrays["index"].astype(np.float64)
        if self.settings["index_metric"] == "L2":
            self.search = NearestNeighbors(n_neighbors=self.settings["k"]).fit(index)
        else:
            metric = "cosine" if self.settings["index_metric"] == "COSINE" else _inner_distance
            self.search = NearestNeighbors(n_neighbors=self.settings["k"], metric=metric, algorithm="brute").fit(index)

    def nearest(self, features: Any) -> tuple[Any, Any]:
        """Distances and labels of the k nearest, both (rows, k), nearest first."""
        if self.projection is not None:
            features = features @ self.projection
        distances, rows = self.search.kneighbors(features)
        return distances, self.labels[rows]

    def decide(self, labels: Any) -> Any:
        """One label per row of neighbours' labels."""
        if self.settings["predictor_type"] == "regressor":
            return labels.mean(axis=1)
        classes, codes = np.unique(labels, return_inverse=True)
        codes = codes.reshape(labels.shape)
        votes = np.stack([(codes == code).sum(axis=1) for code in range(len(classes))], axis=1)
        return classes[votes.argmax(axis=1)]

    def predict(self, features: Any, *, verbose: bool = False) -> list[dict[str, Any]]:
        """``predicted_label`` of every row; with ``verbose`` the neighbours' distances and labels too."""
        distances, labels = self.nearest(features)
        rows: list[dict[str, Any]] = [{"predicted_label": float(value)} for value in self.decide(labels)]
        if verbose:
            for row, distance, label in zip(rows, distances, labels, strict=True):
                row |= {"distances": distance.tolist(), "labels": label.tolist()}
        return rows


def _projection(settings: Mapping[str, Any], features: Any) -> Any:
    kind = settings.get("dimension_reduction_type")
    if kind is None:
        return None
    fitted = PROJECTIONS[kind](settings["dimension_reduction_target"], random_state=SEED).fit(features)
    components = fitted.components_
    return np.asarray(components.todense() if hasattr(components, "todense") else components).T


def _inner_distance(one: Any, other: Any) -> float:
    return -float(np.dot(one, other))


def _measure(model: Neighbours, features: Any, labels: Any) -> None:
    found = np.concatenate([
        model.decide(model.nearest(features[start : start + AT_ONCE])[1]) for start in range(0, len(features), AT_ONCE)
    ])  # fmt: skip
    if model.settings["predictor_type"] == "regressor":
        log_metric("test mse", np.mean((found - labels) ** 2))
    else:
        log_metric("test accuracy", np.mean(found == labels), score=True)
