"""How a built-in algorithm answers /invocations: the content types that it reads and writes.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/cdf-inference.html
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping
from email.message import Message
from http import HTTPStatus
from typing import Any, Protocol

import numpy as np

from localcloud.containers.algorithms.hyperparameters import UserError
from localcloud.containers.serving.exchange import InferenceRequest, InferenceResponse

ANSWERS = ("application/json", "application/jsonlines", "text/csv")


class Predictor(Protocol):
    """A loaded model of one algorithm."""

    @property
    def feature_dim(self) -> int:
        """The number of features that it takes."""
        ...

    def predict(self, features: Any, *, verbose: bool) -> list[dict[str, Any]]:
        """One answer per row of ``features``, (rows, feature_dim) float64."""
        ...


class AlgorithmModel:
    """A predictor behind /invocations."""

    concurrent = True

    def __init__(self, predictor: Predictor) -> None:
        self.predictor = predictor

    def invoke(self, request: InferenceRequest) -> InferenceResponse:
        """400 for a body that is not what it says, 415 and 406 for types that nobody reads or writes."""
        accept = Message()
        accept["content-type"] = request.accept if request.accept not in ("", "*/*") else "application/json"
        wanted = accept.get_content_type()
        if wanted not in ANSWERS:
            return _text(
                f"Accept type {request.accept} is not supported: use {', '.join(ANSWERS)}", HTTPStatus.NOT_ACCEPTABLE
            )
        kind = Message()
        kind["content-type"] = request.content_type or "application/x-recordio-protobuf"
        if kind.get_content_type() not in READERS:
            return _text(
                f"Content-type {request.content_type} is not supported: use {', '.join(READERS)}",
                HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            )
        try:
            features = READERS[kind.get_content_type()](
                request.body.decode(), int(str(kind.get_param("label_size", "0")))
            )
        except (UserError, ValueError, KeyError, TypeError) as error:
            return _text(f"unable to decode the payload: {type(error).__name__}: {error}", HTTPStatus.BAD_REQUEST)
        if features.ndim != 2 or features.shape[1] != self.predictor.feature_dim:
            found = features.shape[1] if features.ndim == 2 else "ragged"
            text = f"the model has {self.predictor.feature_dim} features, the request has {found}"
            return _text(text, HTTPStatus.BAD_REQUEST)
        rows = self.predictor.predict(features, verbose=str(accept.get_param("verbose", "")).lower() == "true")
        return InferenceResponse(encode(rows, wanted).encode(), wanted)


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


def _text(message: str, status: int) -> InferenceResponse:
    return InferenceResponse(message.encode(), "text/plain; charset=utf-8", status)


READERS: Mapping[str, Callable[[str, int], Any]] = {
    "text/csv": _from_csv,
    "application/json": _from_json,
    "application/jsonlines": _from_lines,
}
