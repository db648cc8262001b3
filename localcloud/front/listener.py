"""HTTP/1.1 in front of the application: a connection stays open, so that a call costs no connection and no thread.

werkzeug's own handler closes each, because what an application left of a body would be taken for the next request.
Here a body is read before the application is asked. Imports moto, which has to be configured first.
"""

from __future__ import annotations

import io
import logging
import socket
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from http import HTTPStatus
from itertools import chain
from typing import Any

from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import ThreadedWSGIServer

from localcloud.front.malformed import framing

log = logging.getLogger(__name__)
Application = Callable[..., Iterable[bytes]]
Headers = list[tuple[str, str]]
OF_THE_CONNECTION = ("connection", "transfer-encoding", "content-length")
LONGEST_LENGTH = 12  # digits: beyond any body that a service takes
TLS_HANDSHAKE = b"\x16"  # how TLS begins, and no method of HTTP (RFC 8446, 5.1: the type of a handshake's record)
LINE_BREAKS, LAST_LATIN = set("\r\n\0"), 0xFF
WITHOUT_BODY = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)


class TlsHellos:
    """How many callers spoke TLS to this server, which speaks HTTP alone: who waits for one of them can say so."""

    def __init__(self) -> None:
        self._lock, self._heard = threading.Lock(), 0

    def add(self) -> None:
        """One more did."""
        with self._lock:
            self._heard += 1

    @property
    def heard(self) -> int:
        """How many so far."""
        return self._heard


TLS_HELLOS = TlsHellos()


class Unreadable(Exception):
    """A body that has no end; the text says why."""


class Handler(MotoRequestHandler):  # type: ignore[misc]
    """One connection, in a thread of its own."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # with keep-alive, Nagle and delayed ACK cost 40 ms a call

    def handle_one_request(self) -> None:
        """Hang up on who speaks TLS: what it says has no lines, and whoever reads one may wait for ever."""
        if self.rfile.peek(1)[:1] == TLS_HANDSHAKE:
            TLS_HELLOS.add()
            self.close_connection = True
            return
        super().handle_one_request()

    def run_wsgi(self) -> None:
        """Answer one request."""
        if not self.path.startswith("/"):  # a whole address, as to a proxy, whose host would count instead of Host
            self.send_error(HTTPStatus.BAD_REQUEST, "The request line has to name a path")
            return
        if (unclear := framing.problem(self.headers)) is not None:
            self.send_error(HTTPStatus.BAD_REQUEST, unclear)
            return
        environ = self.make_environ()
        try:
            body = self._body(environ)
        except Unreadable as problem:
            self.send_error(HTTPStatus.BAD_REQUEST, str(problem))
            return
        if body is None:  # the caller is gone: what it began to say is no request
            self.close_connection = True
            return
        if self.command not in ("GET", "HEAD"):  # of no other method does Range mean anything (RFC 9110, 14.2)
            environ.pop("HTTP_RANGE", None)
        # The length of a body in chunks, too: who reads by it would find none.
        environ |= {"wsgi.input": io.BytesIO(body), "wsgi.input_terminated": True, "CONTENT_LENGTH": str(len(body))}
        self._say(*_asked(self.server.app, environ))

    def _body(self, environ: dict[str, Any]) -> bytes | None:
        """All of the body; None when it ends too early.

        Raises:
            Unreadable: nobody can say where it ends.
        """
        if "wsgi.input_terminated" in environ:  # chunked
            try:
                chunks = framing.Chunks(self.rfile).read()
            except ConnectionError:
                return None
            except OSError as error:
                raise Unreadable(str(error)) from error
            return chunks
        length = environ.get("CONTENT_LENGTH", "0")
        if not (length.isascii() and length.isdigit() and len(length) <= LONGEST_LENGTH):
            raise Unreadable(f"Content-Length is no number of bytes: {length!a}")
        body = self.rfile.read(int(length))
        return body if len(body) == int(length) else None

    def _say(self, status: str, headers: Headers, content: bytes) -> None:
        """Status, headers and body in one write; of HEAD the body's length alone."""
        sent = [("Server", self.version_string()), ("Date", self.date_time_string())]
        sent += [header for header in headers if header[0].lower() not in OF_THE_CONNECTION]
        if self.command == "HEAD":
            sent += [header for header in headers if header[0].lower() == "content-length"]
            content = b""
        elif int(status.split()[0]) not in WITHOUT_BODY:
            sent.append(("Content-Length", str(len(content))))
        if self.close_connection:
            sent.append(("Connection", "close"))
        lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in sent)]
        self.wfile.write("\r\n".join([*lines, "", ""]).encode("latin-1") + content)

    def log_request(self, *_: Any) -> None:
        """Nothing: calls.py remembers the calls."""


def _asked(application: Application, environ: dict[str, Any]) -> tuple[str, Headers, bytes]:
    told: list[Any] = []

    def start(status: str, headers: Headers, _: Any = None) -> None:
        told[:] = [status, headers]

    try:
        answer = application(environ, start)
        content = b"".join(answer)
        if hasattr(answer, "close"):
            answer.close()
    except Exception:  # the last frame above the connection: it has to live on
        log.exception("%s %s failed", environ["REQUEST_METHOD"], environ["PATH_INFO"])
        return "500 Internal Server Error", [], b""
    if not all(map(_sayable, chain.from_iterable(told[1]))):
        log.error("%s %s: a header of the answer is none: %a", environ["REQUEST_METHOD"], environ["PATH_INFO"], told[1])
        return "500 Internal Server Error", [], b""
    return told[0], told[1], content


def _sayable(text: str) -> bool:
    """Whether a header may say so: on one line, in the characters that HTTP has."""
    return LINE_BREAKS.isdisjoint(text) and (text.isascii() or ord(max(text)) <= LAST_LATIN)


class Listener(ThreadedWSGIServer):
    """Accepts connections on a socket that listens already, and ends them when it is closed."""

    daemon_threads = True

    def __init__(self, listener: socket.socket, application: Application) -> None:
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        host, port = listener.getsockname()
        super().__init__(host, port, application, Handler, fd=listener.detach())

    def process_request(self, request: Any, client_address: Any) -> None:
        """Talk to a new caller."""
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """A caller is gone."""
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        """Accept nobody, and hang up on all."""
        super().server_close()
        with self._lock:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
