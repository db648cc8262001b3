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
from http import HTTPStatus
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer

from localcloud.containers.serving.exchange import InferenceRequest, InferenceResponse, Model
from localcloud.front.origins import Door, refusal

LISTENING = "Listening at: http://127.0.0.1:"
DEFAULT_MAX_CONTENT_LENGTH = 6 * 1024 * 1024  # bytes; MAX_CONTENT_LENGTH overrides it
LONGEST_LINE = 1 << 16
SERVER_ERROR = (
    "<!doctype html>\n<html lang=en>\n<title>500 Internal Server Error</title>\n<h1>Internal Server Error</h1>\n"
    "<p>The server encountered an internal error and was unable to complete your request. Either the server is "
    "overloaded or there is an error in the application.</p>\n"
)
log = logging.getLogger("model-server")


def container_root() -> Path:
    """The folder that is /opt/ml to this container."""
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
        self.door = Door(self.server_address[1])
        self.model = model
        self.parameters = parameters
        self.longest = int(os.environ.get("MAX_CONTENT_LENGTH", DEFAULT_MAX_CONTENT_LENGTH))
        self.turn: contextlib.AbstractContextManager[object] = (
            contextlib.nullcontext() if model.concurrent else threading.Lock()
        )

    def answer(self, request: InferenceRequest) -> InferenceResponse:
        """Ask the model; what it raises is logged and becomes a 500."""
        try:
            with self.turn:
                return self.model.invoke(request)
        except Exception:
            log.exception("Exception on /invocations [POST]")
            return InferenceResponse(SERVER_ERROR.encode(), status=HTTPStatus.INTERNAL_SERVER_ERROR)


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
            self.say(InferenceResponse(b"Request Entity Too Large", status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE))
            return False
        body = self.rfile.read(length)
        answer = self.answer(method, path, headers, body)
        self.say(answer)
        if answer.status >= HTTPStatus.BAD_REQUEST:
            log.info('"%s %s HTTP/1.1" %d', method, path, answer.status)
        return headers.get("connection", "").lower() != "close"

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> InferenceResponse:
        """/ping, /execution-parameters or /invocations, for programs of this machine."""
        if said := refusal(headers, self.server.door):
            return InferenceResponse(said.encode(), "text/plain", HTTPStatus.FORBIDDEN)
        if (method, path) == ("POST", "/invocations"):
            content_type = headers.get("contenttype") or headers.get("content-type") or ""
            return self.server.answer(InferenceRequest(body, content_type, headers.get("accept") or ""))
        if (method, path) == ("GET", "/ping"):
            return InferenceResponse(b"")
        if (method, path) == ("GET", "/execution-parameters") and self.server.parameters:
            found = {
                "MaxConcurrentTransforms": os.cpu_count(),
                "BatchStrategy": "MULTI_RECORD",
                "MaxPayloadInMB": self.server.longest // 1024**2,
            }
            return InferenceResponse(json.dumps(found).encode(), "application/json")
        return InferenceResponse(b"", status=HTTPStatus.NOT_FOUND)

    def read_headers(self) -> dict[str, str]:
        """Header lines up to the empty one, names in lower case."""
        found = {}
        while (line := self.rfile.readline(LONGEST_LINE)) not in (b"\r\n", b"\n", b""):
            name, _, value = line.decode("latin-1").partition(":")
            found[name.strip().lower()] = value.strip()
        return found

    def say(self, answer: InferenceResponse) -> None:
        """Status, headers and body in one write."""
        phrase = HTTPStatus(answer.status).phrase
        head = f"HTTP/1.1 {answer.status} {phrase}\r\nContent-Length: {len(answer.body)}\r\n"
        if answer.status != HTTPStatus.NO_CONTENT:
            head += f"Content-Type: {answer.content_type}\r\n"
        self.wfile.write(head.encode("latin-1") + b"\r\n" + answer.body)
