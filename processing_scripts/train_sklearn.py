"""Gradient boosting with scikit-learn, as a script in SageMaker's scikit-learn image.

Reads the channels train and validation: CSV without header, answer first, nan where missing. Writes model.joblib, which
the same image evaluates and serves. Hyperparameters arrive as ``--name value``. Boosting on histograms reads missing
values as they are and is many times faster than on sorted columns; ``n_estimators`` is its number of rounds.

Source: https://github.com/aws/sagemaker-training-toolkit (SM_CHANNEL_*, SM_MODEL_DIR)
Source: https://scikit-learn.org/stable/modules/generated/sklearn.ensemble.HistGradientBoostingRegressor.html
"""

import argparse
import os
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingRegressor


def channel(folder: Path) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Read a channel's features, ``(rows, columns)``, and targets, ``(rows,)``."""
    parts = [pd.read_csv(path, header=None, dtype=np.float64).to_numpy() for path in sorted(folder.glob("*.csv"))]
    rows = np.concatenate(parts)
    return rows[:, 1:], rows[:, 0]


def main() -> None:
    """Train, print the error that tuning reads from the log, and save."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("train", "validation"):
        place = os.environ.get(f"SM_CHANNEL_{name.upper()}", f"/opt/ml/input/data/{name}")
        parser.add_argument(f"--{name}", type=Path, default=Path(place))
    parser.add_argument("--model-dir", type=Path, default=Path(os.environ.get("SM_MODEL_DIR", "/opt/ml/model")))
    parser.add_argument("--n_estimators", type=int, default=100)
    parser.add_argument("--max_depth", type=int, default=None)
    parser.add_argument("--learning_rate", type=float, default=0.1)
    parser.add_argument("--max_leaf_nodes", type=int, default=31)
    parser.add_argument("--min_samples_leaf", type=int, default=20)
    parser.add_argument("--l2_regularization", type=float, default=0.0)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    model = HistGradientBoostingRegressor(
        max_iter=options.n_estimators, max_depth=options.max_depth, learning_rate=options.learning_rate,
        max_leaf_nodes=options.max_leaf_nodes, min_samples_leaf=options.min_samples_leaf,
        l2_regularization=options.l2_regularization, early_stopping=False, random_state=options.seed,
    ).fit(*channel(options.train))  # fmt: skip
    features, answers = channel(options.validation)
    error = float(np.sqrt(np.mean((model.predict(features) - answers) ** 2)))
    print(f"validation-rmse: {error:.6f}", flush=True)
    joblib.dump(model, options.model_dir / "model.joblib")


if __name__ == "__main__":
    main()
