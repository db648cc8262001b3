"""Evaluate as scripts for XGBoost's older images do: they unpickle the model."""

import json
import pickle
import tarfile
from pathlib import Path

import pandas as pd
import xgboost

BASE = Path("/opt/ml/processing")

if __name__ == "__main__":
    with tarfile.open(BASE / "model" / "model.tar.gz") as archive:
        archive.extractall(path=".")
    with open("xgboost-model", "rb") as file:
        model = pickle.load(file)
    table = pd.read_csv(BASE / "test" / "test.csv", header=None)
    error = model.predict(xgboost.DMatrix(table.drop(columns=0).values)) - table[0].values
    (BASE / "evaluation" / "evaluation.json").write_text(json.dumps({"mse": float((error**2).mean())}))
