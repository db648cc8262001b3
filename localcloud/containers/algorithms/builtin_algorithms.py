"""What AWS's own closed algorithms share: how they are configured, read their data, log, and are asked.

scikit-learn stands in for their inside, and the log says so.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/cdf-training.html and
https://docs.aws.amazon.com/sagemaker/latest/dg/cdf-inference.html
"""

from __future__ import annotations

import csv
import io
import json
import logging
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from email.message import Message
from http import HTTPStatus
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd

from localcloud.containers.algorithms.xgboost_hyperparameters import Hyperparameter, Interval, UserError
from localcloud.containers.serving.server import Answer, Asked

CUSTOMER_EXIT = 2
MODEL_NAME = "model_algo-1"
ANSWERS = ("application/json", "application/jsonlines", "text/csv")
log = logging.getLogger("algorithm")


@dataclass(frozen=True)
class OrWord:
    """A range that also takes a word."""

    allowed: Any
    words: tuple[str, ...] = ("auto",)

    def __contains__(self, value: Any) -> bool:
        return value in self.words or (not isinstance(value, str) and value in self.allowed)

    def __str__(self) -> str:
        return f"{self.allowed} or {' or '.join(self.words)}"


def whole(low: float = 1) -> Hyperparameter:
    """An integer from ``low`` on."""
    return Hyperparameter(int, Interval(low))


def real(low: float | None = 0, high: float | None = None, ends: str = "[]") -> Hyperparameter:
    """A number in a range."""
    return Hyperparameter(float, Interval(low, high, ends))


def word(*allowed: str) -> Hyperparameter:
    """One of a few words."""
    return Hyperparameter(str, allowed)


def or_auto(rule: Hyperparameter) -> Hyperparameter:
    """The same, or ``auto``."""
    return Hyperparameter(lambda text: text if text == "auto" else rule.parse(text), OrWord(rule.allowed))


def read(table: Mapping[str, Hyperparameter], required: Sequence[str], given: Mapping[str, str]) -> dict[str, Any]:
    """Hyperparameters as values; names that begin with an underscore are the service's own.

    Raises:
        UserError: an unknown or missing name, or a value out of its range.
    """
    problems = [f"'{name}' is a required property" for name in required if name not in given]
    values: dict[str, Any] = {}
    for name, text in given.items():
        if name.startswith("_"):
            continue
        if name not in table:
            problems.append(f"Additional properties are not allowed ('{name}' was unexpected)")
            continue
        try:
            values[name] = table[name].parse(str(text).strip('"'))
        except ValueError:
            problems.append(f"'{text}' is not valid for {name}: expected {_shown(table[name])}")
            continue
        if values[name] not in table[name].allowed:
            problems.append(f"'{text}' is not valid for {name}: expected {_shown(table[name])}")
    if problems:
        raise UserError(
            "Unable to initialize the algorithm. Failed to validate hyperparameters. (caused by ValidationError)\n\n"
            f"Caused by: {'; '.join(problems)}"
        )
    return values


def _shown(rule: Hyperparameter) -> str:
    return ", ".join(map(str, rule.allowed)) if isinstance(rule.allowed, tuple) else str(rule.allowed)


class Channels:
    """A training job's channels of CSV, label first."""

    def __init__(self, root: Path, allowed: Sequence[str]) -> None:
        self.folder = root / "input" / "data"
        self.declared = json.loads((root / "input" / "config" / "inputdataconfig.json").read_text())
        extra = [name for name in self.declared if name not in allowed]
        if "train" not in self.declared or extra:
            cause = (
                f"Additional properties are not allowed ('{extra[0]}' was unexpected; the channels are "
                f"{', '.join(allowed)})"
                if extra
                else "'train' is a required property"
            )
            raise UserError(
                "Unable to initialize the algorithm. Failed to validate input data configuration. "
                f"(caused by ValidationError)\n\nCaused by: {cause}"
            )

    def __contains__(self, name: str) -> bool:
        return name in self.declared

    def load(self, name: str, feature_dim: int | None) -> tuple[Any, Any]:
        """A channel's features, (rows, feature_dim) float64, and its labels, (rows,) float64.

        Raises:
            UserError: no rows, no numbers, or not as many columns as ``feature_dim`` says (None: any number).
        """
        _check_training_type(name, self.declared[name].get("ContentType"))
        files = sorted(path for path in (self.folder / name).rglob("*") if path.is_file() and path.stat().st_size)
        if not files:
            raise UserError(f"No data in the {name} channel: there must be at least one file that is not empty")
        rows = np.concatenate([_numbers(file, f"{name}/{file.name}") for file in files])
        if not np.isfinite(rows).all():
            raise UserError(f"The {name} channel has empty or infinite values: every field must be a number")
        if feature_dim is not None and rows.shape[1] != feature_dim + 1:
            raise UserError(
                f"The feature dimension of the {name} channel is {rows.shape[1] - 1} (label first), but the "
                f"hyperparameter feature_dim is {feature_dim}"
            )
        return rows[:, 1:], rows[:, 0]


def _check_training_type(channel: str, declared: str | None) -> None:
    message = Message()
    message["content-type"] = declared or "application/x-recordio-protobuf"
    if message.get_content_type() != "text/csv" or str(message.get_param("label_size", "1")) != "1":
        raise UserError(
            f"The {channel} channel's content type is {message['content-type']}: outside AWS only "
            f"text/csv;label_size=1 runs (the label in the first column, no header)"
        )


def _numbers(source: Path | io.StringIO, name: str) -> Any:
    try:
        return pd.read_csv(source, header=None, dtype=np.float64).to_numpy()
    except (ValueError, pd.errors.ParserError) as error:
        raise UserError(f"{name} is not CSV of numbers without a header: {error}") from error


def run(name: str, train: Callable[[Path, Mapping[str, str]], None]) -> None:
    """Train one job; a mistake of the customer's ends it with exit code 2 and the reason as its failure."""
    logging.basicConfig(
        stream=sys.stdout, level=logging.INFO, format="[%(asctime)s %(levelname)s] %(message)s", force=True
    )
    root = Path(os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml"))
    log.info("SageMaker's %s is closed and runs on AWS only: this is a stand-in on scikit-learn", name)
    given = json.loads((root / "input" / "config" / "hyperparameters.json").read_text())
    try:
        train(root, given)
    except UserError as error:
        log.error("Customer Error: %s", error)
        (root / "output").mkdir(exist_ok=True)
        (root / "output" / "failure").write_text(f"Customer Error: {error}")
        raise SystemExit(CUSTOMER_EXIT) from error


def say_metric(what: str, value: float, *, score: bool = False) -> None:
    """``#quality_metric: host=algo-1, test mse <loss>=0.25``, as the algorithms write it."""
    host = os.environ.get("SM_CURRENT_HOST", "algo-1")
    log.info("#quality_metric: host=%s, %s <%s>=%r", host, what, "score" if score else "loss", float(value))


def save(root: Path, settings: Mapping[str, Any], **arrays: Any) -> None:
    """Settings and arrays as one file, without a pickle."""
    (root / "model").mkdir(exist_ok=True)
    with (root / "model" / MODEL_NAME).open("wb") as file:
        np.savez(file, settings=np.array(json.dumps(settings)), **arrays)


def load(folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """What ``save`` wrote: settings, and arrays by name."""
    with np.load(folder / MODEL_NAME) as stored:
        arrays = {name: stored[name] for name in stored.files}
    return json.loads(str(arrays.pop("settings"))), arrays


class Predictor(Protocol):
    """A loaded algorithm."""

    @property
    def feature_dim(self) -> int:
        """The number of features that it takes."""
        ...

    def predict(self, features: Any, *, verbose: bool) -> list[dict[str, Any]]:
        """One answer per row of ``features``, (rows, feature_dim) float64."""
        ...


class Served:
    """An algorithm behind /invocations."""

    concurrent = True

    def __init__(self, predictor: Predictor) -> None:
        self.predictor = predictor

    def invoke(self, asked: Asked) -> Answer:
        """400 for a body that is not what it says, 415 and 406 for types that nobody reads or writes."""
        accept = Message()
        accept["content-type"] = asked.accept if asked.accept not in ("", "*/*") else "application/json"
        wanted = accept.get_content_type()
        if wanted not in ANSWERS:
            return _text(
                f"Accept type {asked.accept} is not supported: use {', '.join(ANSWERS)}", HTTPStatus.NOT_ACCEPTABLE
            )
        kind = Message()
        kind["content-type"] = asked.content_type or "application/x-recordio-protobuf"
        if kind.get_content_type() not in READERS:
            return _text(
                f"Content-type {asked.content_type} is not supported: use {', '.join(READERS)}",
                HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            )
        try:
            features = READERS[kind.get_content_type()](
                asked.body.decode(), int(str(kind.get_param("label_size", "0")))
            )
        except (UserError, ValueError, KeyError, TypeError) as error:
            return _text(f"unable to decode the payload: {type(error).__name__}: {error}", HTTPStatus.BAD_REQUEST)
        if features.ndim != 2 or features.shape[1] != self.predictor.feature_dim:
            found = features.shape[1] if features.ndim == 2 else "ragged"
            text = f"the model has {self.predictor.feature_dim} features, the request has {found}"
            return _text(text, HTTPStatus.BAD_REQUEST)
        rows = self.predictor.predict(features, verbose=str(accept.get_param("verbose", "")).lower() == "true")
        return Answer(encode(rows, wanted).encode(), wanted)


def encode(rows: list[dict[str, Any]], accept: str) -> str:
    """Predictions as JSON, as a line of JSON each, or as a line of their values each."""
    if accept == "application/json":
        return json.dumps({"predictions": rows})
    if accept == "application/jsonlines":
        return "".join(json.dumps(row) + "\n" for row in rows)
    lines = [",".join(json.dumps(value) for value in _flat(row)) for row in rows]
    return "\n".join(lines) + "\n"


def _flat(row: Mapping[str, Any]) -> list[Any]:
    return [part for value in row.values() for part in (value if isinstance(value, list) else [value])]


def _from_csv(text: str, labels: int) -> Any:
    rows = [row for row in csv.reader(io.StringIO(text)) if row]
    return np.array([[float(cell) for cell in row[labels:]] for row in rows])


def _from_json(text: str, _: int) -> Any:
    return np.array([_features(entry) for entry in json.loads(text)["instances"]], dtype=float)


def _from_lines(text: str, _: int) -> Any:
    return np.array([_features(json.loads(line)) for line in text.splitlines() if line.strip()], dtype=float)


def _features(entry: Mapping[str, Any]) -> Any:
    found = entry["data"]["features"] if "data" in entry else entry["features"]
    return found["values"] if isinstance(found, Mapping) else found


def _text(message: str, status: int) -> Answer:
    return Answer(message.encode(), "text/plain; charset=utf-8", status)


READERS: Mapping[str, Callable[[str, int], Any]] = {
    "text/csv": _from_csv,
    "application/json": _from_json,
    "application/jsonlines": _from_lines,
}
