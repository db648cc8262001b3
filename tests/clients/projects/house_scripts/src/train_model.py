"""Train on the processed houses in XGBoost's container, script mode: what SageMaker sets in the environment is read."""

import argparse
import json
import os
from pathlib import Path

import pandas as pd
import xgboost

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--max_depth", type=int)
    parser.add_argument("--num_round", type=int)
    arguments = parser.parse_args()
    parts = {}
    for name in ("train", "validation"):
        folder = Path(os.environ[f"SM_CHANNEL_{name.upper()}"])
        table = pd.read_csv(folder / f"{name}.csv", header=None)
        parts[name] = xgboost.DMatrix(table.drop(columns=0).values, table[0].values)
    found = {}
    booster = xgboost.train(
        {"objective": "reg:squarederror", "max_depth": arguments.max_depth, "eta": 0.2},
        parts["train"],
        num_boost_round=arguments.num_round,
        evals=[(matrix, name) for name, matrix in parts.items()],
        evals_result=found,
        verbose_eval=False,
    )
    print(f"validation rmse: {found['validation']['rmse'][-1]}")
    booster.save_model(Path(os.environ["SM_MODEL_DIR"]) / "xgboost-model")
    (Path(os.environ["SM_OUTPUT_DATA_DIR"]) / "rmse.json").write_text(json.dumps(found["validation"]["rmse"][-1]))
