"""What a person would write in pandas for the rows of benchmarks/scale.py: read, encode, split, write CSV for XGBoost,
and train on it. Prints as JSON what of it was training, and the most memory that was held before.
"""

import json
import resource
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import xgboost as xgb

from benchmarks.scale import HYPERPARAMETERS, ROUNDS


def peak_mb() -> float:
    """The most memory that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(path: str) -> None:
    """Prepare and train."""
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
    prepared_mb, began, processor_began = peak_mb(), time.perf_counter(), time.process_time()
    sets = [xgb.DMatrix(features[part == number], label=answer[part == number]) for number in range(2)]
    settings = {name: value for name, value in HYPERPARAMETERS.items() if name != "num_round"}
    watched = [(sets[0], "train"), (sets[1], "validation")]
    xgb.train(settings, sets[0], ROUNDS, evals=watched, verbose_eval=False)
    training = {
        "seconds": time.perf_counter() - began,
        "processor_s": time.process_time() - processor_began,
        "peak_mb": peak_mb(),
    }
    print(json.dumps({"training": training, "prepared_mb": prepared_mb}))


if __name__ == "__main__":
    main(sys.argv[1])
