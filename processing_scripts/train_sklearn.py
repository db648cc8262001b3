"""Gradient boosting with scikit-learn, as a script in SageMaker's scikit-learn image.

Reads the channels train and validation: CSV without header, answer first, nan where missing. Writes model.joblib, which
the same image evaluates and serves. Hyperparameters arrive as ``--name value``. Boosting on histograms reads missing
values as they are and is many times faster than on sorted columns; ``n_estimators`` is its number of rounds.

Source: https://github.com/aws/sagemaker-training-toolkit (SM_CHANNEL_*, SM_MODEL_DIR)
Source: https://scikit-learn.org/stable/modules/generated/sklearn.ensemble.HistGradientBoostingClassifier.html
"""

import argparse
import os
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
from artifact.predictors import probabilities
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

LEAST = 1e-15  # a probability below counts as this one in the log loss


def channel(folder: Path) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Read a channel's features, ``(rows, columns)``, and targets, ``(rows,)``."""
    parts = [pd.read_csv(path, header=None, dtype=np.float64).to_numpy() for path in sorted(folder.glob("*.csv"))]
    rows = np.concatenate(parts)
    return rows[:, 1:], rows[:, 0]


def parser(description: str | None) -> argparse.ArgumentParser:
    """Make a parser of what every script is given: folders, how many classes there are, and what is common to trees."""
    arguments = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("train", "validation"):
        place = os.environ.get(f"SM_CHANNEL_{name.upper()}", f"/opt/ml/input/data/{name}")
        arguments.add_argument(f"--{name}", type=Path, default=Path(place))
    arguments.add_argument("--model-dir", type=Path, default=Path(os.environ.get("SM_MODEL_DIR", "/opt/ml/model")))
    arguments.add_argument("--num_class", type=int, default=0, help="of labels; 0 where targets are amounts")
    arguments.add_argument("--n_estimators", type=int, default=100)
    arguments.add_argument("--max_depth", type=int, default=None)
    arguments.add_argument("--seed", type=int, default=0)
    return arguments


def learn(model: Any, options: argparse.Namespace) -> None:
    """Train, print the error that tuning reads from the log, and save: of labels with how many of them there are."""
    model.fit(*channel(options.train))
    features, answers = channel(options.validation)
    if options.num_class:
        scores = probabilities(model, options.num_class)(features.astype(np.float32))
        by_class = np.column_stack([1 - scores, scores]) if scores.ndim == 1 else scores
        known = np.maximum(by_class[np.arange(len(answers)), answers.astype(int)], LEAST)
        print(f"validation-logloss: {-np.log(known).mean():.6f}", flush=True)
    else:
        print(f"validation-rmse: {np.sqrt(np.mean((model.predict(features) - answers) ** 2)):.6f}", flush=True)
    saved = {"estimator": model, "num_class": options.num_class} if options.num_class else model
    joblib.dump(saved, options.model_dir / "model.joblib")


def main() -> None:
    """Train on histograms."""
    given = parser(__doc__)
    given.add_argument("--learning_rate", type=float, default=0.1)
    given.add_argument("--max_leaf_nodes", type=int, default=31)
    given.add_argument("--min_samples_leaf", type=int, default=20)
    given.add_argument("--l2_regularization", type=float, default=0.0)
    options = given.parse_args()
    kind = HistGradientBoostingClassifier if options.num_class else HistGradientBoostingRegressor
    model = kind(
        max_iter=options.n_estimators, max_depth=options.max_depth, learning_rate=options.learning_rate,
        max_leaf_nodes=options.max_leaf_nodes, min_samples_leaf=options.min_samples_leaf,
        l2_regularization=options.l2_regularization, early_stopping=False, random_state=options.seed,
    )  # fmt: skip
    learn(model, options)


if __name__ == "__main__":
    main()
