"""Score the held-out customers with the trained booster and write accuracy and more as a property file."""

import json
import tarfile
from pathlib import Path

import pandas as pd
import xgboost
from sklearn.metrics import accuracy_score, f1_score, precision_score, recall_score, roc_auc_score

BASE = Path("/opt/ml/processing")

if __name__ == "__main__":
    with tarfile.open(BASE / "model" / "model.tar.gz") as archive:
        archive.extractall(BASE / "model")
    booster = xgboost.Booster()
    booster.load_model(BASE / "model" / "xgboost-model")
    held_out = pd.read_csv(BASE / "validation" / "validation.csv", header=None)
    truth, features = held_out[0], held_out.drop(columns=0)
    said = booster.predict(xgboost.DMatrix(features.values))
    votes = said > 0.5
    found = {
        "accuracy": accuracy_score(truth, votes),
        "precision": precision_score(truth, votes),
        "recall": recall_score(truth, votes),
        "f1": f1_score(truth, votes),
        "roc_auc": roc_auc_score(truth, said),
    }
    report = {name: {"value": float(value), "standard_deviation": "NaN"} for name, value in found.items()}
    (BASE / "evaluation" / "evaluation.json").write_text(json.dumps({"binary_classification_metrics": report}))
    print(report)
