"""What a person would write in pandas for the rows of benchmarks/scale.py: ``prepare`` reads, encodes, splits and
writes CSV for XGBoost; ``train`` does that and trains on it.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import xgboost as xgb

from benchmarks.scale import HYPERPARAMETERS, ROUNDS


def main(path: str, what: str) -> None:
    """Prepare, and train if that is asked for."""
    rows = pd.read_csv(path)
    answer = (rows.pop("answer") == "yes").astype(int)
    features = rows.drop(columns="id")
    for name in features.select_dtypes("object"):
        features[name] = features[name].astype("category").cat.codes
    part = np.random.default_rng(0).choice(3, size=len(rows), p=[0.7, 0.15, 0.15])
    with TemporaryDirectory() as folder:
        for number, name in enumerate(("train", "validation", "test")):
            chosen = part == number
            features[chosen].assign(answer=answer[chosen]).to_csv(Path(folder) / f"{name}.csv", index=False)
        if what == "prepare":
            return
        sets = [xgb.DMatrix(features[part == number], label=answer[part == number]) for number in range(2)]
        settings = {name: value for name, value in HYPERPARAMETERS.items() if name != "num_round"}
        watched = [(sets[0], "train"), (sets[1], "validation")]
        xgb.train(settings, sets[0], ROUNDS, evals=watched, verbose_eval=False)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
