"""The images' model server: GET /ping and /execution-parameters, POST /invocations, over HTTP/1.1 with keep-alive.

A user's module is called by one request at a time, as in a worker of the images' own server; a plain model, which only
reads, by several. The port is the system's choice; the line
``Listening at: http://127.0.0.1:<port>`` tells it.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Protocol

LISTENING = "Listening at: http://127.0.0.1:"
DEFAULT_MAX_CONTENT_LENGTH = 6 * 1024 * 1024  # bytes; MAX_CONTENT_LENGTH overrides it
LONGEST_LINE = 1 << 16
SERVER_ERROR = (
    "<!doctype html>\n<html lang=en>\n<title>500 Internal Server Error</title>\n<h1>Internal Server Error</h1>\n"
    "<p>The server encountered an internal error and was unable to complete your request. Either the server is "
    "overloaded or there is an error in the application.</p>\n"
)
log = logging.getLogger("model-server")


@dataclass(frozen=True)
class Answer:
    """What goes back to the caller."""

    body: bytes
    content_type: str = "text/html; charset=utf-8"
    status: int = HTTPStatus.OK


@dataclass(frozen=True)
class Asked:
    """What the caller sent; ``accept`` is empty when the caller does not care."""

    body: bytes
    content_type: str
    accept: str


class Model(Protocol):
    """A loaded model that answers."""

    concurrent: bool  # whether several may ask at once

    def invoke(self, asked: Asked) -> Answer:
        """Answer one request; an exception is a 500."""
        ...


def xgboost() -> None:
    """Serve as AWS's XGBoost image does: the user's module, or a plain xgboost-model where none is named."""
    from localcloud.containers.algorithms import xgboost_serving
    from localcloud.containers.serving import script

    if os.environ.get("SAGEMAKER_PROGRAM"):
        serve(lambda: script.Script(base(), script.XGBOOST))
    else:
        serve(lambda: xgboost_serving.Booster(base() / "model"), parameters=True)


def scikit_learn() -> None:
    """Serve as AWS's scikit-learn image does: the user's module."""
    from localcloud.containers.serving import script

    serve(lambda: script.Script(base(), script.SCIKIT_LEARN), parameters=True)


def knn() -> None:
    """Serve as SageMaker's k-NN does."""
    from localcloud.containers.algorithms import builtin_algorithms, knn

    serve(lambda: builtin_algorithms.Served(knn.Neighbours(base() / "model")), parameters=True)


def linear_learner() -> None:
    """Serve as SageMaker's linear learner does."""
    from localcloud.containers.algorithms import builtin_algorithms, linear_learner

    serve(lambda: builtin_algorithms.Served(linear_learner.loaded(base() / "model")), parameters=True)


def base() -> Path:
    """Where the container's folders are."""
    return Path(os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml"))


def serve(load: Callable[[], Model], *, parameters: bool = False) -> None:
    """Load the model, then listen for ever; a model that cannot be loaded ends the process with its traceback."""
    logging.basicConfig(
        stream=sys.stdout, level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", force=True
    )
    server = Server(load(), parameters=parameters)
    print(f"{LISTENING}{server.server_address[1]}", flush=True)  # noqa: T201 - the launcher reads it
    server.serve_forever(poll_interval=60)


class Server(ThreadingTCPServer):
    """A thread per connection; one prediction at a time unless the model takes several."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, model: Model, *, parameters: bool) -> None:
        super().__init__(("127.0.0.1", int(os.environ.get("SAGEMAKER_BIND_TO_PORT", "0"))), Handler)
        self.model = model
        self.parameters = parameters
        self.longest = int(os.environ.get("MAX_CONTENT_LENGTH", DEFAULT_MAX_CONTENT_LENGTH))
        self.turn: contextlib.AbstractContextManager[object] = (
            contextlib.nullcontext() if model.concurrent else threading.Lock()
        )

    def answer(self, asked: Asked) -> Answer:
        """Ask the model; what it raises is logged and becomes a 500."""
        try:
            with self.turn:
                return self.model.invoke(asked)
        except Exception:
            log.exception("Exception on /invocations [POST]")
            return Answer(SERVER_ERROR.encode(), status=HTTPStatus.INTERNAL_SERVER_ERROR)


class Handler(StreamRequestHandler):
    """HTTP/1.1 in, HTTP/1.1 out: just what a container's contract needs, since every millisecond is an answer's."""

    disable_nagle_algorithm = True
    rbufsize = 1 << 16
    server: Server

    def handle(self) -> None:
        """Answer the requests of one connection until the caller goes away."""
        with contextlib.suppress(ConnectionError):
            while self.handle_one():
                pass

    def handle_one(self) -> bool:
        """Answer one request; whether the connection stays."""
        words = self.rfile.readline(LONGEST_LINE).split()
        if len(words) != 3:
            return False
        method, path = words[0].decode("latin-1"), words[1].decode("latin-1")
        headers = self.read_headers()
        if headers.get("expect", "").lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        length = int(headers.get("content-length") or 0)
        if length > self.server.longest:
            self.say(Answer(b"Request Entity Too Large", status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE))
            return False
        body = self.rfile.read(length)
        answer = self.answer(method, path, headers, body)
        self.say(answer)
        if answer.status >= HTTPStatus.BAD_REQUEST:
            log.info('"%s %s HTTP/1.1" %d', method, path, answer.status)
        return headers.get("connection", "").lower() != "close"

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """/ping, /execution-parameters or /invocations."""
        if (method, path) == ("POST", "/invocations"):
            content_type = headers.get("contenttype") or headers.get("content-type") or ""
            return self.server.answer(Asked(body, content_type, headers.get("accept") or ""))
        if (method, path) == ("GET", "/ping"):
            return Answer(b"")
        if (method, path) == ("GET", "/execution-parameters") and self.server.parameters:
            found = {
                "MaxConcurrentTransforms": os.cpu_count(),
                "BatchStrategy": "MULTI_RECORD",
                "MaxPayloadInMB": self.server.longest // 1024**2,
            }
            return Answer(json.dumps(found).encode(), "application/json")
        return Answer(b"", status=HTTPStatus.NOT_FOUND)

    def read_headers(self) -> dict[str, str]:
        """Header lines up to the empty one, names in lower case."""
        found = {}
        while (line := self.rfile.readline(LONGEST_LINE)) not in (b"\r\n", b"\n", b""):
            name, _, value = line.decode("latin-1").partition(":")
            found[name.strip().lower()] = value.strip()
        return found

    def say(self, answer: Answer) -> None:
        """Status, headers and body in one write."""
        phrase = HTTPStatus(answer.status).phrase
        head = f"HTTP/1.1 {answer.status} {phrase}\r\nContent-Length: {len(answer.body)}\r\n"
        if answer.status != HTTPStatus.NO_CONTENT:
            head += f"Content-Type: {answer.content_type}\r\n"
        self.wfile.write(head.encode("latin-1") + b"\r\n" + answer.body)
