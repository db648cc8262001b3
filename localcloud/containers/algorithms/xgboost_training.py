"""XGBoost's image in algorithm mode: channels and hyperparameters in, ``xgboost-model`` and one log line per round out.

The same library calls as the image's, so that what trains here trains there alike.
Source: https://github.com/aws/sagemaker-xgboost-container, algorithm_mode/train.py and data_utils.py
"""

from __future__ import annotations

import csv
import json
import logging
import os
import pickle
import sys
from collections.abc import Callable
from email.message import Message
from pathlib import Path
from typing import Any

import numpy as np
import xgboost as xgb
from sklearn import metrics as scores

from localcloud.containers.algorithms.hyperparameters import UserError
from localcloud.containers.algorithms.xgboost_files import files_of, in_one_folder
from localcloud.containers.algorithms.xgboost_hyperparameters import MAXIMISED, validate

Save = Callable[[xgb.Booster, Path], object]
MODEL_NAME = "xgboost-model"
NOT_THE_LIBRARYS = ("_num_cv_round", "save_model_on_termination")
CONTENT_TYPES = {
    "csv": "csv", "text/csv": "csv", "libsvm": "libsvm", "text/libsvm": "libsvm", "text/x-libsvm": "libsvm",
    "parquet": "parquet", "application/x-parquet": "parquet", "recordio-protobuf": "recordio",
    "application/x-recordio-protobuf": "recordio",
}  # fmt: skip
CUSTOMER_ERRORS = (
    "label must be in [0,1] for logistic regression",
    "label must be in [0, num_class)",
    "feature_names mismatch",
    "Check failed: preds.size() == info.labels_.size()",
    "AUC: the dataset only contains pos or neg samples",
    "base_score must be in (0,1)",
    "label must be nonnegative",
    "should be greater equal to 0",
)
log = logging.getLogger("sagemaker-xgboost")


def main_pickling() -> None:
    """Train one job as images before 1.3-1 do: the model is a pickled booster."""
    main(_pickle)


def main_former() -> None:
    """Train one job as images before 1.2 do, which know ``silent``, too."""
    main(_pickle, former=True)


def main(save: Save = xgb.Booster.save_model, *, former: bool = False) -> None:
    """Train one job; a mistake of the customer's ends it with the reason in /opt/ml/output/failure."""
    logging.basicConfig(
        stream=sys.stdout, level=logging.INFO, format="[%(asctime)s:%(levelname)s] %(message)s", force=True
    )
    root = Path(os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml"))
    try:
        train(root, save, former=former)
    except UserError as error:
        log.error("Reporting training FAILURE")
        log.error("framework error:\n%s", error)
        (root / "output").mkdir(exist_ok=True)
        (root / "output" / "failure").write_text(str(error))
        raise SystemExit(1) from error


def train(root: Path, save: Save = xgb.Booster.save_model, *, former: bool = False) -> None:
    """Read the job's folder, train, write the model.

    Raises:
        UserError: what the customer gave cannot be trained on.
    """
    config = root / "input" / "config"
    settings = validate(json.loads((config / "hyperparameters.json").read_text()), former=former)
    if settings.pop("silent", 0):
        settings.setdefault("verbosity", 0)
    channels = json.loads((config / "inputdataconfig.json").read_text())
    _check_channels(channels)
    for refused in ("_kfold", "use_dask_gpu_training"):
        if settings.pop(refused, "false") != "false":
            raise UserError(f"{refused} is not available outside AWS: leave it out, or train on AWS")
    kind = content_type(channels["train"].get("ContentType"))
    weighted = settings.pop("csv_weights", 0) == 1
    matrices = {
        name: load(root / "input" / "data" / name, kind, weighted)
        for name in ("train", "validation")
        if name in channels
    }
    log.info("Running XGBoost Sagemaker in algorithm mode")
    booster = boost(settings, matrices)
    (root / "model").mkdir(exist_ok=True)
    save(booster, root / "model" / MODEL_NAME)


def _pickle(booster: xgb.Booster, path: Path) -> None:
    path.write_bytes(pickle.dumps(booster))


def content_type(declared: str | None) -> str:
    """csv, libsvm, parquet or recordio; libsvm when nothing is declared.

    Raises:
        UserError: the image does not take it.
    """
    message = Message()
    message["content-type"] = (declared or "text/libsvm").lower()
    kind = message.get_content_type()
    bare = (declared or "text/libsvm").lower().partition(";")[0].strip()
    if CONTENT_TYPES.get(bare) == "csv" and message.get_param("label_size", "1") != "1":
        raise UserError(
            f"{declared} is not an accepted csv ContentType. Optional parameter label_size must be equal to 1"
        )
    if bare not in CONTENT_TYPES and kind not in CONTENT_TYPES:
        raise UserError(f"{declared} is not an accepted ContentType: {', '.join(CONTENT_TYPES)}.")
    return CONTENT_TYPES.get(bare) or CONTENT_TYPES[kind]


def load(folder: Path, kind: str, weighted: bool) -> xgb.DMatrix:
    """A channel's files as one matrix.

    Raises:
        UserError: no data, or not in the declared format.
    """
    files = files_of(folder)
    if not any(path.stat().st_size for path in files):
        raise UserError(f"No data in {folder.name} channel path {folder}")
    with in_one_folder(folder, files) as flat:
        return _matrix(flat, files, kind, weighted)


def _matrix(folder: Path, files: list[Path], kind: str, weighted: bool) -> xgb.DMatrix:
    try:
        if kind == "csv":
            suffix = "&weight_column=1" if weighted else ""
            delimiter = _delimiter(files[0])
            matrix = xgb.DMatrix(f"{folder}?format=csv&label_column=0&delimiter={delimiter}{suffix}")
        elif kind == "libsvm":
            matrix = xgb.DMatrix(f"{folder}?format=libsvm")
        elif kind == "parquet":
            matrix = _parquet(files)
        else:
            raise UserError("recordio-protobuf is not available outside AWS: use text/csv or application/x-parquet")
    except (xgb.core.XGBoostError, ValueError) as error:
        raise UserError(f"Failed to load {kind} data with exception:\n{error}") from error
    if matrix.get_label().size == 0:
        raise UserError(
            f"Got input data without labels. Please check the input data set. If training job is running on multiple "
            f"instances, please switch to using single instance if number of records in the data set is less than "
            f"number of workers (16 * number of instance) in the cluster. ({folder})"
        )
    return matrix


def boost(settings: dict[str, Any], matrices: dict[str, xgb.DMatrix]) -> xgb.Booster:
    """Train with the image's callbacks; ``settings`` are validated hyperparameters.

    Raises:
        UserError: the data does not fit the objective or the metric.
    """
    rounds = settings.pop("num_round")
    stop_after = settings.pop("early_stopping_rounds", None)
    tuned = settings.pop("_tuning_objective_metric", None)
    metrics = metrics_of(settings.pop("eval_metric", None), tuned)
    watched = tuned.partition(":")[2] if tuned else (metrics[-1] if metrics else None)
    own = [name for name in metrics or [] if name in CUSTOM]
    log.info("Train matrix has %d rows and %d columns", matrices["train"].num_row(), matrices["train"].num_col())
    if "validation" in matrices:
        log.info("Validation matrix has %d rows", matrices["validation"].num_row())
    try:
        return xgb.train(
            library_parameters(settings, metrics),
            matrices["train"],
            num_boost_round=rounds,
            callbacks=_callbacks(watched if "validation" in matrices else None, stop_after),
            verbose_eval=False,
            evals=[(matrix, name) for name, matrix in matrices.items()],
            custom_metric=_custom(own) if own else None,
        )
    except xgb.core.XGBoostError as error:
        if any(known in str(error) for known in CUSTOMER_ERRORS):
            raise UserError(str(error)) from error
        raise RuntimeError(f"XGB train call failed with exception:\n {error}") from error


def library_parameters(settings: dict[str, Any], metrics: list[str] | None) -> dict[str, Any]:
    """What of the hyperparameters is the library's own."""
    found = {name: value for name, value in settings.items() if name not in NOT_THE_LIBRARYS}
    plain = [name for name in metrics or [] if name not in CUSTOM]
    if plain:
        found["eval_metric"] = plain
    elif metrics:
        found["disable_default_eval_metric"] = 1
    if found.get("updater"):
        found["updater"] = ",".join(found["updater"])
    return {"nthread": os.cpu_count()} | found


def _callbacks(watched: str | None, stop_after: int | None) -> list[Any]:
    if not watched or not stop_after:
        return [Monitor()]
    early = xgb.callback.EarlyStopping(
        rounds=stop_after,
        data_name="validation",
        metric_name=watched,
        maximize=watched in MAXIMISED,
        save_best=True,
    )
    return [Monitor(), early]


class Monitor(xgb.callback.TrainingCallback):  # type: ignore[misc]
    """One line per round, a tab written as #011, as the image's log shows it and its metric definitions expect."""

    def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
        """Print the round's scores; never stops the training."""
        parts = [
            f"#011{data}-{name}:{values[-1]:.5f}"
            for data, metrics in evals_log.items()
            for name, values in metrics.items()
        ]
        print(f"[{epoch}]{''.join(parts)}", flush=True)  # noqa: T201 - the log line is the contract
        return False


def metrics_of(asked: list[str] | None, tuned: str | None) -> list[str] | None:
    """The metrics to follow: those asked for, and the tuning job's objective."""
    wanted = tuned.partition(":")[2].split(",") if tuned else None
    if wanted is None or asked is None:
        return wanted or asked
    return sorted({*wanted, *asked})


def _labels(margins: Any) -> Any:
    return np.argmax(margins, axis=-1) if margins.ndim > 1 else (margins > 0).astype(int)


CUSTOM: dict[str, Callable[[Any, Any], float]] = {
    "accuracy": lambda y, p: scores.accuracy_score(y, _labels(p)),
    "balanced_accuracy": lambda y, p: scores.balanced_accuracy_score(y, _labels(p)),
    "f1": lambda y, p: scores.f1_score(y, _labels(p), average="macro"),
    "f1_binary": lambda y, p: scores.f1_score(y, _labels(p), average="binary"),
    "f1_macro": lambda y, p: scores.f1_score(y, _labels(p), average="macro"),
    "precision": lambda y, p: scores.precision_score(y, _labels(p), average="binary"),
    "precision_macro": lambda y, p: scores.precision_score(y, _labels(p), average="macro"),
    "precision_micro": lambda y, p: scores.precision_score(y, _labels(p), average="micro"),
    "recall": lambda y, p: scores.recall_score(y, _labels(p), average="binary"),
    "recall_macro": lambda y, p: scores.recall_score(y, _labels(p), average="macro"),
    "recall_micro": lambda y, p: scores.recall_score(y, _labels(p), average="micro"),
    "mse": scores.mean_squared_error,
    "r2": scores.r2_score,
}  # the image's own metrics, on raw margins, where the library has none


def _custom(names: list[str]) -> Callable[[Any, xgb.DMatrix], list[tuple[str, float]]]:
    return lambda margins, matrix: [(name, float(CUSTOM[name](matrix.get_label(), margins))) for name in names]


def _check_channels(channels: dict[str, Any]) -> None:
    if "train" not in channels:
        raise UserError("Missing required channel: train")
    for name in channels:
        if name not in ("train", "validation", "code"):
            raise UserError(f"Extraneous channel found: {name}")


def _delimiter(file: Path) -> str:
    with file.open(errors="ignore") as opened:
        line = opened.readline()
    try:
        return csv.Sniffer().sniff(line).delimiter
    except csv.Error as error:
        raise UserError(f"Could not determine delimiter on line {line[:50]}:\n{error}") from error


def _parquet(files: list[Path]) -> xgb.DMatrix:
    import pandas as pd

    frame = pd.concat([pd.read_parquet(file) for file in files], ignore_index=True).to_numpy()
    return xgb.DMatrix(frame[:, 1:], label=frame[:, 0])
