"""Lambda's Runtime API: what a function's process asks for its next event and tells its answer.

Every worker gets a port of its own, so that requests need not name the worker.
Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

from __future__ import annotations

import json
import logging
import selectors
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from typing import Any, Protocol

from localcloud.background import spawn
from localcloud.front.origins import Door, of_message, refusal

log = logging.getLogger(__name__)
PREFIX = "/2018-06-01/runtime"


@dataclass(frozen=True)
class NextEvent:
    """What the worker shall handle now."""

    body: bytes
    headers: dict[str, str]


class Listener(Protocol):
    """A worker, as its port sees it."""

    def next_event(self) -> NextEvent | None:
        """Wait for an event; None when the worker shall end."""

    def answered(self, request_id: str, body: bytes, error_type: str | None) -> None:
        """The handler returned (no error type) or raised."""

    def init_failed(self, body: bytes) -> None:
        """The handler's module could not be imported."""


class RuntimeApi:
    """Accepts the connections of all workers."""

    def __init__(self) -> None:
        self._ready = selectors.DefaultSelector()
        self._wake, self._woken = socket.socketpair()
        self._ready.register(self._woken, selectors.EVENT_READ, None)
        self._lock = threading.Lock()
        self._changes: list[tuple[socket.socket, Listener | None]] = []
        spawn(self._serve)

    def open(self, listener: Listener) -> socket.socket:
        """A listening socket on loopback for this worker; give it to ``close`` at its end."""
        server = socket.create_server(("127.0.0.1", 0))
        self._change(server, listener)
        return server

    def close(self, server: socket.socket) -> None:
        """Accept nothing more on that port."""
        self._change(server, None)

    def _change(self, server: socket.socket, listener: Listener | None) -> None:
        with self._lock:
            self._changes.append((server, listener))
        self._wake.send(b".")

    def _serve(self) -> None:
        while True:
            for key, _ in self._ready.select():
                if key.data is None:
                    self._apply_changes()
                else:
                    self._accept(key.fileobj, key.data)

    def _apply_changes(self) -> None:
        self._woken.recv(4096)
        with self._lock:
            changes, self._changes = self._changes, []
        for server, listener in changes:
            if listener is not None:
                self._ready.register(server, selectors.EVENT_READ, listener)
            else:
                with suppress(KeyError):
                    self._ready.unregister(server)
                server.close()

    def _accept(self, server: Any, listener: Listener) -> None:
        with suppress(OSError):
            connection, address = server.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            spawn(_converse, connection, address, listener)


def _converse(connection: socket.socket, address: Any, listener: Listener) -> None:
    with connection, suppress(ConnectionError, BrokenPipeError):

        class Bound(Conversation):
            worker = listener

        Bound(connection, address, None)  # type: ignore[arg-type] # it handles all its requests when it is made


class Conversation(BaseHTTPRequestHandler):
    """One connection of a worker."""

    worker: Listener
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet per answer

    def parse_request(self) -> bool:
        """Whether a program of this machine asks, and no page in a browser."""
        if not super().parse_request():
            return False
        said = refusal(of_message(self.headers), Door(self.connection.getsockname()[1]))
        if said is not None:
            self.close_connection = True  # what it sends is not read
            self._answer(403, json.dumps({"errorMessage": said, "errorType": "AccessDenied"}).encode())
        return said is None

    def do_GET(self) -> None:
        """``/invocation/next``."""
        if not self.path.startswith(f"{PREFIX}/invocation/next"):
            self._answer(404, b"{}")
            return
        event = self.worker.next_event()
        if event is None:
            self.close_connection = True
            return
        self._answer(200, event.body, event.headers)

    def do_POST(self) -> None:
        """``/init/error``, ``/invocation/<id>/response`` and ``/invocation/<id>/error``."""
        body = self._body()
        parts = self.path.removeprefix(PREFIX).strip("/").split("/")
        if parts == ["init", "error"]:
            self.worker.init_failed(body)
        elif parts[0] == "invocation" and parts[-1] == "response":
            self.worker.answered(parts[1], body, None)
        elif parts[0] == "invocation" and parts[-1] == "error":
            self.worker.answered(parts[1], body, self.headers.get("Lambda-Runtime-Function-Error-Type") or "Unhandled")
        else:
            self._answer(404, b"{}")
            return
        self._answer(202, b'{"status":"OK"}\n')

    def _body(self) -> bytes:
        if "chunked" not in (self.headers.get("Transfer-Encoding") or "").lower():
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass  # trailers
        return b"".join(parts)

    def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response_only(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()
