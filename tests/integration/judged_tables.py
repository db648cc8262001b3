"""Small made-up tables through the scripts as SageMaker runs them, and what evaluation says of the model."""

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xgboost as xgb
from numpy.typing import NDArray
from packing import tar_gz
from script_runs import run

from pipelines.definition import algorithms

HYPERPARAMETERS = {
    "num_round": 120, "early_stopping_rounds": 20, "max_depth": 4, "eta": 0.1, "tree_method": "hist", "seed": 7,
}  # fmt: skip
OBJECTIVES = {
    "binary_classification": {"objective": "binary:logistic", "eval_metric": "logloss"},
    "multiclass_classification": {"objective": "multi:softprob", "eval_metric": "mlogloss"},
    "regression": {"objective": "reg:squarederror", "eval_metric": "rmse"},
}
SPLIT = {"train": 0.7, "validation": 0.15, "test": 0.15, "salt": ""}


def model(task: str, data: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """A model file with one XGBoost; ``data`` names target and columns, the defaults are the schema's."""
    known = {"missing": [], "without_target": "refuse", "id": None, "target_transform": "none", "threshold": 0.5}
    known |= {"positive_label": "yes", "negative_label": "no"} if task == "binary_classification" else {}
    hyperparameters = OBJECTIVES[task] | HYPERPARAMETERS | more.pop("hyperparameters", {})
    return {
        "name": "table", "task": task, "data": known | data, "split": SPLIT | more.pop("split", {}), "gate": [],
        "algorithms": [{"name": "xgboost", "hyperparameters": hyperparameters}], "slices": [],
    } | more  # fmt: skip


def numbers(base: Path, share: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Rows and answers of ``train`` or ``validation`` as the algorithm reads them."""
    rows = np.loadtxt(base / "processing" / share / "algo-1.csv", delimiter=",", ndmin=2)
    return rows[:, 1:], rows[:, 0]


def prepare(base: Path, document: Mapping[str, Any], header: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Write the table and preprocess it; what the job's log says."""
    (base / "processing" / "input").mkdir(parents=True)
    (base / "processing" / "config").mkdir()
    with (base / "processing" / "input" / "table.csv").open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    (base / "processing" / "config" / "model.json").write_text(json.dumps(document))
    return run("preprocess.py", base)


def train(base: Path, document: Mapping[str, Any]) -> xgb.Booster:
    """Train as the image does: the best trees only where validation rows are watched."""
    settings = dict(document["algorithms"][0]["hyperparameters"])
    settings |= {name: int(value) for name, value in algorithms.of_task("xgboost", document).items()}
    rounds, patience = settings.pop("num_round"), settings.pop("early_stopping_rounds", None)
    shares = ["train", *(["validation"] if document["split"]["validation"] else [])]
    data = [(xgb.DMatrix(features, answers), share) for share in shares for features, answers in [numbers(base, share)]]
    stop = [xgb.callback.EarlyStopping(rounds=patience, save_best=True)] if patience and len(shares) > 1 else []
    booster = xgb.train(settings | {"nthread": 1}, data[0][0], rounds, evals=data, callbacks=stop, verbose_eval=False)
    (base / "processing" / "model").mkdir()
    archive = tar_gz({"xgboost-model": bytes(booster.save_raw("ubj"))})
    (base / "processing" / "model" / "model.tar.gz").write_bytes(archive)
    return booster


def judged(
    base: Path, document: Mapping[str, Any], header: Sequence[str], rows: Sequence[Sequence[Any]]
) -> dict[str, Any]:
    """Preprocess, train and evaluate; evaluation.json."""
    prepare(base, document, header, rows)
    train(base, document)
    run("evaluate.py", base)
    evaluation: dict[str, Any] = json.loads((base / "processing" / "evaluation" / "evaluation.json").read_text())
    return evaluation
