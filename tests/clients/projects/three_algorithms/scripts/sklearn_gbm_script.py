"""Gradient boosting in scikit-learn's container: train on the channels, and load for serving."""

import argparse
import os
import shutil
from pathlib import Path

import joblib
import pandas as pd
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.metrics import mean_squared_error


def model_fn(model_dir):
    return joblib.load(Path(model_dir) / "model.joblib")


def table(channel):
    rows = pd.concat([pd.read_csv(path, header=None) for path in Path(os.environ[channel]).glob("*.csv")])
    return rows.drop(columns=0).values, rows[0].values


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--n_estimators", type=int, default=50)
    parser.add_argument("--max_depth", type=int, default=3)
    parser.add_argument("--learning_rate", type=float, default=0.1)
    arguments = parser.parse_args()
    model = GradientBoostingRegressor(random_state=1, **vars(arguments)).fit(*table("SM_CHANNEL_TRAIN"))
    features, truth = table("SM_CHANNEL_TEST")
    print(f"test_mse={mean_squared_error(truth, model.predict(features)):.6f};")
    made = Path(os.environ["SM_MODEL_DIR"])
    joblib.dump(model, made / "model.joblib")
    (made / "code").mkdir(exist_ok=True)
    shutil.copy(__file__, made / "code" / "inference.py")  # what serves it lies beside it
