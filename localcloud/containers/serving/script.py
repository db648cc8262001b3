"""Script mode: the module that SAGEMAKER_PROGRAM names answers.

By model_fn, and either transform_fn or input_fn, predict_fn and output_fn.

Source: https://github.com/aws/sagemaker-containers, _transformer.py and _worker.py, which both images serve with
(text is what Flask's ``get_data(as_text=True)`` makes of a body: what is not UTF-8 becomes U+FFFD)
"""

from __future__ import annotations

import importlib
import json
import logging
import os
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

from sagemaker_inference import decoder, encoder, errors

from localcloud import archives
from localcloud.containers import requirements
from localcloud.containers.serving import server
from localcloud.containers.serving.exchange import InferenceRequest, InferenceResponse

TEXT = ("application/json", "text/csv")
log = logging.getLogger("model-server")


class UserModuleError(Exception):
    """The user's module does not keep the image's contract."""


@dataclass(frozen=True)
class Framework:
    """What an image does where the module defines nothing."""

    model_fn: Callable[[str], Any] | None
    input_fn: Callable[[Any, str], Any]
    predict_fn: Callable[[Any, Any], Any]
    output_fn: Callable[[Any, str], Any]


class Script:
    """The user's module, imported, and its model."""

    concurrent = False

    def __init__(self, root: Path, framework: Framework) -> None:
        program = os.environ.get("SAGEMAKER_PROGRAM", "inference.py")
        folder = _code_folder(os.environ.get("SAGEMAKER_SUBMIT_DIRECTORY"), root)
        requirements.install(folder)
        sys.path.insert(0, str(folder))
        module = importlib.import_module(program.removesuffix(".py").replace("/", "."))
        self.transform_fn = getattr(module, "transform_fn", None)
        parts = {name: getattr(module, name, None) for name in ("input_fn", "predict_fn", "output_fn")}
        if self.transform_fn and any(parts.values()):
            raise UserModuleError("Cannot use transform_fn implementation with input_fn, predict_fn, and/or output_fn")
        self.input_fn = parts["input_fn"] or framework.input_fn
        self.predict_fn = parts["predict_fn"] or framework.predict_fn
        self.output_fn = parts["output_fn"] or framework.output_fn
        model_fn = getattr(module, "model_fn", None) or framework.model_fn
        if model_fn is None:
            raise UserModuleError(f"Please provide a model_fn implementation in {program}.")
        self.model = model_fn(str(root / "model"))
        self.default_accept = os.environ.get("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", "application/json")

    def invoke(self, request: InferenceRequest) -> InferenceResponse:
        """415 for a content type that nobody decodes, 406 for an accept that nobody encodes."""
        content_type = request.content_type or "application/json"
        accept = request.accept if request.accept not in ("", "*/*") else self.default_accept
        content = request.body.decode(errors="replace") if content_type in TEXT else request.body
        if self.transform_fn is not None:
            return as_answer(self.transform_fn(self.model, content, content_type, accept), accept)
        try:
            data = self.input_fn(content, content_type)
        except errors.UnsupportedFormatError as error:
            return _unsupported(error, HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
        prediction = self.predict_fn(data, self.model)
        try:
            return as_answer(self.output_fn(prediction, accept), accept)
        except errors.UnsupportedFormatError as error:
            return _unsupported(error, HTTPStatus.NOT_ACCEPTABLE)


def as_answer(result: Any, accept: str) -> InferenceResponse:
    """A body, a pair of body and content type, or a response object (Flask's), as an answer."""
    if hasattr(result, "get_data") and hasattr(result, "status_code"):
        return InferenceResponse(result.get_data(), result.content_type or accept, result.status_code)
    body, content_type = result if isinstance(result, tuple) else (result, accept)
    if not isinstance(body, bytes):
        body = (body if isinstance(body, str) else json.dumps(body)).encode()
    return InferenceResponse(bytes(body), content_type)


def _code_folder(named: str | None, root: Path) -> Path:
    """Where the module is: a folder, a local archive or one on S3; by default beside the model."""
    if not named:
        return root / "model" / "code"
    if named.startswith("s3://"):
        return unpack(_download(named), root / "code")
    path = Path(named)
    if named.startswith("/opt/ml/") and root != Path("/opt/ml"):
        path = root / named.removeprefix("/opt/ml/")
    return unpack(path.read_bytes(), root / "code") if path.is_file() else path


def unpack(archive: bytes, folder: Path) -> Path:
    """Open a tar.gz into ``folder``, refusing what would leave it."""
    folder.mkdir(parents=True, exist_ok=True)
    archives.extract(archive, folder)
    return folder


def _download(uri: str) -> bytes:
    import boto3

    parts = urlparse(uri)
    body: bytes = boto3.client("s3").get_object(Bucket=parts.netloc, Key=parts.path.lstrip("/"))["Body"].read()
    return body


def _unsupported(error: Exception, status: int) -> InferenceResponse:
    text = {"error": "UnsupportedFormatError", "error-message": str(error), "stack-trace": traceback.format_exc()}
    return InferenceResponse(json.dumps(text).encode(), "application/json", status)


def encode_prediction(prediction: Any, accept: str) -> Any:
    """Encode as the images do where the module has no output_fn: the body, and its content type."""
    return encoder.encode(prediction, accept), accept


SCIKIT_LEARN = Framework(
    None,
    lambda content, content_type: decoder.decode(content, content_type).astype("float32"),
    lambda data, model: model.predict(data),
    encode_prediction,
)


def serve_scikit_learn() -> None:
    """Serve as AWS's scikit-learn image does: the user's module."""
    server.serve(lambda: Script(server.container_root(), SCIKIT_LEARN), parameters=True)
