"""Load an algorithm's model file as a function from numbers to predictions, with the library of its own image."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from job.refusals import Refused
from numpy.typing import NDArray

Predictor = Callable[[NDArray[np.float32]], NDArray[Any]]
"""``(rows, columns) float32``, NaN for missing, to ``(rows,)``, or of several classes to ``(rows, classes)``."""


def predictor_from(folder: Path) -> Predictor:
    """Load the model file that lies in ``folder``; its name says which algorithm made it.

    Raises:
        Refused: when there is none.
    """
    for name, load in LOADERS.items():
        if (folder / name).is_file():
            return load(folder / name)
    raise Refused(f"{folder}: no {' or '.join(LOADERS)}; it is what a training job leaves")


@dataclass(frozen=True)
class Boosted:
    """XGBoost's booster."""

    booster: Any

    def __call__(self, matrix: NDArray[np.float32]) -> NDArray[Any]:
        """Predict, with its base score and transformation."""
        predictions: NDArray[Any] = self.booster.inplace_predict(matrix, validate_features=False)
        return predictions


def _xgboost(path: Path) -> Predictor:
    import xgboost as xgb  # in its own image only

    booster = xgb.Booster()
    booster.load_model(bytearray(path.read_bytes()))  # by content: the name has no suffix
    return Boosted(booster)


def _scikit_learn(path: Path) -> Predictor:
    import joblib  # in its own image only; written by train_sklearn.py in the very same image

    saved = joblib.load(path)
    return Estimated(saved["estimator"], saved["num_class"]) if isinstance(saved, dict) else Estimated(saved)


@dataclass(frozen=True)
class Estimated:
    """A fitted estimator of scikit-learn, of so many labels; 0 where it predicts amounts."""

    estimator: Any
    labels: int = 0

    def __call__(self, matrix: NDArray[np.float32]) -> NDArray[Any]:
        """Predict amounts, or probabilities."""
        if self.labels:
            return probabilities(self.estimator, self.labels)(matrix)
        amounts: NDArray[Any] = self.estimator.predict(matrix)
        return amounts


def probabilities(model: Any, labels: int) -> Predictor:
    """Let scikit-learn's classifier of so many labels predict the positive one's probability, or that of each class.

    One that no training row had is 0.
    """
    places = model.classes_.astype(int)

    def predict(matrix: NDArray[np.float32]) -> NDArray[Any]:
        scores = np.zeros((len(matrix), labels), np.float32)
        scores[:, places] = model.predict_proba(matrix)
        return scores[:, 1] if labels == 2 else scores

    return predict


LOADERS = {"xgboost-model": _xgboost, "model.joblib": _scikit_learn}
