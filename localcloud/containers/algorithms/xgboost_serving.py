"""A plain xgboost-model behind /invocations, as AWS's XGBoost image answers in algorithm mode.

Source: https://github.com/aws/sagemaker-xgboost-container, algorithm_mode/serve.py, serve_utils.py and encoder.py
"""

from __future__ import annotations

import csv
import json
import os
import pickle
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any

import numpy as np
import xgboost as xgb
from sagemaker_inference import errors
from scipy.sparse import csr_matrix

from localcloud.containers.serving import script, server
from localcloud.containers.serving.exchange import InferenceRequest, InferenceResponse

ACCEPTS = ("application/json", "application/jsonlines", "application/x-recordio-protobuf", "text/csv")
LIBSVM = ("libsvm", "text/libsvm", "text/x-libsvm")
CSV = ("csv", "text/csv")


class UnknownContentType(ValueError):
    """The image takes no such content type."""


class Booster:
    """The models in a folder (several are an ensemble, averaged or voted), and how they answer."""

    concurrent = True

    def __init__(self, folder: Path) -> None:
        files = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
        if not files:
            raise FileNotFoundError(f"no model file in {folder}")
        if os.environ.get("SAGEMAKER_INFERENCE_ENSEMBLE", "true") != "true":
            files = files[:1]
        self.boosters = [_load(file) for file in files]
        config = json.loads(self.boosters[0].save_config())["learner"]
        self.objective: str = config["objective"]["name"]
        self.classes = int(config["learner_model_param"].get("num_class") or 0)

    def invoke(self, request: InferenceRequest) -> InferenceResponse:
        """204 nothing sent, 415 not readable, 400 not predictable, 406 an answer that nobody writes."""
        if not request.body:
            return InferenceResponse(b"", status=HTTPStatus.NO_CONTENT)
        try:
            data = matrix(request.body, request.content_type)
        except ValueError as error:
            return _text(str(error), HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
        try:
            predicted = self.predict(data)
        except (xgb.core.XGBoostError, ValueError) as error:
            return _text(f"Unable to evaluate payload provided: {error}", HTTPStatus.BAD_REQUEST)
        accept = request.accept.partition(";")[0].strip().lower()
        if accept in ("", "*/*"):
            accept = os.environ.get("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", "text/csv")
        if accept not in ACCEPTS or accept == "application/x-recordio-protobuf":
            return _text(
                f"Accept type {accept} is not supported. Please use supported accept types: {list(ACCEPTS)}.",
                HTTPStatus.NOT_ACCEPTABLE,
            )
        return self._answer(predicted, accept)

    def predict(self, data: xgb.DMatrix) -> Any:
        """(rows,) or (rows, classes) float32; a model that stopped early predicts with its best iteration."""
        found = [_predict(booster, data) for booster in self.boosters]
        if len(found) == 1:
            return found[0]
        if self.objective in ("multi:softmax", "binary:hinge"):
            stacked = np.stack(found)
            return np.array([np.bincount(column.astype(int)).argmax() for column in stacked.T], dtype=float)
        return np.mean(found, axis=0)

    def _answer(self, predicted: Any, accept: str) -> InferenceResponse:
        wanted = os.environ.get("SAGEMAKER_INFERENCE_OUTPUT")
        batch = bool(os.environ.get("SAGEMAKER_BATCH"))
        if wanted:
            keys = wanted.replace(" ", "").lower().split(",")
            rows = [{key: self._selected(key, row) for key in keys} for row in predicted]
            return InferenceResponse(_encode_selected(rows, accept, batch=batch).encode(), accept)
        values = predicted.tolist()
        if batch:
            return InferenceResponse(("\n".join(map(str, values)) + "\n").encode(), accept)
        if accept == "text/csv":
            lines = [",".join(map(str, row)) for row in values] if predicted.ndim > 1 else [",".join(map(str, values))]
            return InferenceResponse("\n".join(lines).encode(), accept)
        scored = [{"score": value} for value in values]
        if accept == "application/jsonlines":
            return InferenceResponse("".join(json.dumps(row) + "\n" for row in scored).encode(), accept)
        return InferenceResponse(json.dumps({"predictions": scored}).encode(), accept)

    def _selected(self, key: str, raw: Any) -> Any:
        many = np.ndim(raw) > 0
        positive: Any = raw.tolist() if many else float(raw)
        both = positive if many else [1.0 - positive, positive]
        label = {"binary:logistic": float(np.max(raw)) > 0.5, "binary:logitraw": float(np.max(raw)) > 0}
        found = {
            "predicted_label": int(np.argmax(raw)) if many else int(label.get(self.objective, positive)),
            "labels": list(range(self.classes)) if self.classes else [0, 1],
            "probability": max(positive) if many else positive,
            "probabilities": both,
            "raw_score": max(positive) if many else positive,
            "raw_scores": both,
            "predicted_score": positive,
        }
        allowed = {"predicted_score"} if self.objective.startswith("reg:") else set(found) - {"predicted_score"}
        return found[key] if key in allowed else float("nan")


def matrix(body: bytes, content_type: str) -> xgb.DMatrix:
    """A request's body as the library's matrix; an empty CSV field is missing.

    Raises:
        ValueError: it is not what it says, or says what the image does not take.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind in CSV:
        return _read("csv", _csv_matrix, body)
    if kind in LIBSVM or not kind:
        return _read("libsvm", _libsvm_matrix, body)
    raise UnknownContentType(f"Content-type {content_type} is not supported.")


def _read(name: str, reader: Callable[[str], xgb.DMatrix], body: bytes) -> xgb.DMatrix:
    try:
        return reader(body.strip().decode())
    except (ValueError, IndexError, OverflowError, MemoryError, csv.Error, xgb.core.XGBoostError) as error:
        said = f"Loading {name} data failed with Exception, please ensure data is in {name} format"
        raise ValueError(f"{said}:\n {type(error)}\n {error}") from error


def _csv_matrix(text: str) -> xgb.DMatrix:
    lines = text.split("\n")
    sniffed = csv.Sniffer().sniff(lines[0][:512]).delimiter
    delimiter = "," if sniffed.isalnum() else sniffed
    rows = [[cell if cell.strip() else "nan" for cell in line.split(delimiter)] for line in lines]
    return xgb.DMatrix(np.array(rows).astype(float))


def _libsvm_matrix(text: str) -> xgb.DMatrix:
    """Sparse, as the image has it: an index may be any number, and what is not named is missing."""
    tokens = [(row, token) for row, line in enumerate(text.split("\n")) for token in line.split() if ":" in token]
    rows = np.array([row for row, _ in tokens])
    columns = np.array([int(token.split(":")[0]) for _, token in tokens], dtype=np.int64)
    values = np.array([float(token.split(":")[1]) for _, token in tokens])
    first = 1 if tokens and columns.min() >= 1 else 0
    return xgb.DMatrix(csr_matrix((values, (rows, columns - first))))


def _load(file: Path) -> xgb.Booster:
    """A booster, pickled or in XGBoost's own format: the image tries both."""
    body = file.read_bytes()
    if body[:1] == pickle.PROTO:
        booster = pickle.loads(body)  # noqa: S301 - the customer's own model, as in the image
    else:
        booster = xgb.Booster()
        booster.load_model(file)
    booster.set_param("nthread", 1)
    return booster


def _predict(booster: xgb.Booster, data: xgb.DMatrix) -> Any:
    return booster.predict(data, validate_features=False)


def _encode_selected(rows: list[dict[str, Any]], accept: str, *, batch: bool) -> str:
    if accept == "application/json":
        return json.dumps({"predictions": rows})
    if accept == "application/jsonlines":
        return "".join(json.dumps(row) + "\n" for row in rows)
    shown = [",".join(f'"{v}"' if isinstance(v, list) else str(v) for v in row.values()) for row in rows]
    return "\n".join(shown) + ("\n" if batch else "")


def _text(message: str, status: int) -> InferenceResponse:
    return InferenceResponse(message.encode(), status=status)


def _decode_matrix(content: Any, content_type: str) -> Any:
    try:
        return matrix(content.encode() if isinstance(content, str) else content, content_type)
    except UnknownContentType as error:
        raise errors.UnsupportedFormatError(content_type) from error


FRAMEWORK = script.Framework(
    None, _decode_matrix, lambda data, model: model.predict(data, validate_features=False), script.encode_prediction
)


def serve() -> None:
    """Serve as AWS's XGBoost image does: the user's module, or a plain xgboost-model where none is named."""
    root = server.container_root()
    if os.environ.get("SAGEMAKER_PROGRAM"):
        server.serve(lambda: script.Script(root, FRAMEWORK))
    else:
        server.serve(lambda: Booster(root / "model"), parameters=True)
