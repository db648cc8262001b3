"""The images' model server: GET /ping and /execution-parameters, POST /invocations, over HTTP/1.1 with keep-alive.

One call at a time, as in a worker of the images' own server. The port is the system's choice; the line
``Listening at: http://127.0.0.1:<port>`` tells it.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Protocol

LISTENING = "Listening at: http://127.0.0.1:"
DEFAULT_MAX_CONTENT_LENGTH = 6 * 1024 * 1024  # bytes; MAX_CONTENT_LENGTH overrides it
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

    def invoke(self, asked: Asked) -> Answer:
        """Answer one request; an exception is a 500."""
        ...


def xgboost() -> None:
    """Serve as AWS's XGBoost image does: the user's module, or a plain xgboost-model where none is named."""
    from localcloud.containers import serving_algorithm, serving_script

    if os.environ.get("SAGEMAKER_PROGRAM"):
        serve(lambda: serving_script.Script(base(), serving_script.XGBOOST))
    else:
        serve(lambda: serving_algorithm.Booster(base() / "model"), parameters=True)


def scikit_learn() -> None:
    """Serve as AWS's scikit-learn image does: the user's module."""
    from localcloud.containers import serving_script

    serve(lambda: serving_script.Script(base(), serving_script.SCIKIT_LEARN), parameters=True)


def base() -> Path:
    """Where the container's folders are."""
    return Path(os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml"))


def serve(load: Callable[[], Model], *, parameters: bool = False) -> None:
    """Load the model, then listen for ever; a model that cannot be loaded ends the process with its traceback."""
    logging.basicConfig(
        stream=sys.stdout, level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", force=True
    )
    server = Server(load(), parameters=parameters)
    print(f"{LISTENING}{server.server_port}", flush=True)  # noqa: T201 - the launcher reads it
    server.serve_forever(poll_interval=60)


class Server(ThreadingHTTPServer):
    """A thread per connection, one prediction at a time."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, model: Model, *, parameters: bool) -> None:
        super().__init__(("127.0.0.1", int(os.environ.get("SAGEMAKER_BIND_TO_PORT", "0"))), Handler)
        self.model = model
        self.parameters = parameters
        self.longest = int(os.environ.get("MAX_CONTENT_LENGTH", DEFAULT_MAX_CONTENT_LENGTH))
        self.turn = threading.Lock()

    def answer(self, asked: Asked) -> Answer:
        """Ask the model; what it raises is logged and becomes a 500."""
        try:
            with self.turn:
                return self.model.invoke(asked)
        except Exception:
            log.exception("Exception on /invocations [POST]")
            return Answer(SERVER_ERROR.encode(), status=HTTPStatus.INTERNAL_SERVER_ERROR)


class Handler(BaseHTTPRequestHandler):
    """HTTP in, HTTP out."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    rbufsize = 1 << 16
    server: Server

    def do_GET(self) -> None:
        """/ping and /execution-parameters."""
        if self.path == "/ping":
            self.say(Answer(b""))
        elif self.path == "/execution-parameters" and self.server.parameters:
            found = {
                "MaxConcurrentTransforms": os.cpu_count(),
                "BatchStrategy": "MULTI_RECORD",
                "MaxPayloadInMB": self.server.longest // 1024**2,
            }
            self.say(Answer(json.dumps(found).encode(), "application/json"))
        else:
            self.say(Answer(b"", status=HTTPStatus.NOT_FOUND))

    def do_POST(self) -> None:
        """/invocations."""
        length = int(self.headers.get("Content-Length") or 0)
        if length > self.server.longest:
            self.close_connection = True
            self.say(Answer(b"Request Entity Too Large", status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE))
            return
        body = self.rfile.read(length)
        if self.path != "/invocations":
            self.say(Answer(b"", status=HTTPStatus.NOT_FOUND))
            return
        content_type = self.headers.get("ContentType") or self.headers.get("Content-Type") or ""
        answer = self.server.answer(Asked(body, content_type, self.headers.get("Accept") or ""))
        self.say(answer)
        if answer.status >= HTTPStatus.BAD_REQUEST:
            log.info('"POST /invocations HTTP/1.1" %d', answer.status)

    def say(self, answer: Answer) -> None:
        """Status, headers and body in one write."""
        phrase = HTTPStatus(answer.status).phrase
        head = f"HTTP/1.1 {answer.status} {phrase}\r\nContent-Length: {len(answer.body)}\r\n"
        if answer.status != HTTPStatus.NO_CONTENT:
            head += f"Content-Type: {answer.content_type}\r\n"
        self.wfile.write(head.encode("latin-1") + b"\r\n" + answer.body)

    def log_message(self, format: str, *args: object) -> None:
        """Requests that succeed are not logged line by line."""
