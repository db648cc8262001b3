"""What a person would write by hand in one file: read, split, encode, train, score, predict. No cloud, one process.

It is the measure for the whole loop: ``python -m benchmarks.plain.loop DATA.csv`` prints one JSON line.
"""

import json
import resource
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import xgboost as xgb
import yaml
from sklearn.metrics import accuracy_score, f1_score, precision_score, recall_score, roc_auc_score

TARGET, POSITIVE, ID = "Churn", "Yes", "customerID"
SHOWN = 20


def main(path: str) -> dict[str, float]:
    """Train on 70 %, stop early on 15 %, score on 15 %, and predict ``SHOWN`` raw records."""
    model = yaml.safe_load(Path("models/churn.yaml").read_text())
    parameters = dict(model["algorithms"][0]["hyperparameters"])
    rounds, patience = int(parameters.pop("num_round")), int(parameters.pop("early_stopping_rounds", 0)) or None
    rows = pd.read_csv(path)
    rows["TotalCharges"] = pd.to_numeric(rows["TotalCharges"], errors="coerce")
    answer = (rows[TARGET] == POSITIVE).astype(int)
    features = pd.get_dummies(rows.drop(columns=[TARGET, ID]), dtype="float32")
    part = np.random.default_rng(0).choice(3, size=len(rows), p=[0.7, 0.15, 0.15])
    train, validation, test = (
        xgb.DMatrix(features[part == number], label=answer[part == number]) for number in range(3)
    )
    booster = xgb.train(
        parameters,
        train,
        rounds,
        evals=[(train, "train"), (validation, "validation")],
        early_stopping_rounds=patience,
        verbose_eval=False,
    )
    probability, truth = booster.predict(test), answer[part == 2]
    label = probability >= 0.5
    booster.predict(xgb.DMatrix(features[part == 2][:SHOWN]))
    return {
        "accuracy": accuracy_score(truth, label),
        "precision": precision_score(truth, label),
        "recall": recall_score(truth, label),
        "f1": f1_score(truth, label),
        "roc_auc": roc_auc_score(truth, probability),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1])))
