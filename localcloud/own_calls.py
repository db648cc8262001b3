"""Calls of this process to itself: the application answers them in the thread that asks, without a connection.

All else is as over HTTP: the request is signed, passes the door and IAM, and is remembered. A job's files are most of
what a run asks for, and each cost two threads that wait for each other.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from http.client import HTTPMessage
from typing import Any
from urllib.parse import urlsplit

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from urllib3.response import HTTPResponse

from localcloud.front.listener import Handler, Headers, Listener
from localcloud.settings import LOOPBACK


class _OwnRequest(Handler):
    """A request as the listener would have read it; its answer is kept instead of sent."""

    def __init__(self, server: Listener, method: str, target: str, headers: HTTPMessage, body: bytes) -> None:
        self.server: Any = server
        self.command, self.path, self.headers, self.rfile = method, target, headers, io.BytesIO(body)
        self.request_version, self.client_address = self.protocol_version, (LOOPBACK, 0)
        self.connection: Any = None
        self.said: tuple[str, Headers, bytes] = ("", [], b"")

    def _say(self, status: str, headers: Headers, content: bytes) -> None:
        self.said = (status, headers, b"" if self.command == "HEAD" else content)


def answered_by(server: Listener) -> Callable[..., AWSResponse | None]:
    """A handler of botocore's ``before-send``: the answer to a request; None where it has to go over HTTP."""

    def answer(request: AWSPreparedRequest, **_: Any) -> AWSResponse | None:
        if not isinstance(request.body, bytes | str | None):
            return None  # read as it is sent, which is another request each time
        target = urlsplit(request.url)
        body = request.body.encode() if isinstance(request.body, str) else request.body or b""
        headers = HTTPMessage()
        headers["Host"] = target.netloc
        for name, value in request.headers.items():
            headers[name] = value.decode("latin-1") if isinstance(value, bytes) else value
        if "Content-Length" not in headers:
            headers["Content-Length"] = str(len(body))
        path = f"{target.path}?{target.query}" if target.query else target.path
        own = _OwnRequest(server, request.method, path, headers, body)
        own.run_wsgi()
        return _response(request, *own.said)

    return answer


def _response(request: AWSPreparedRequest, status: str, headers: Headers, content: bytes) -> AWSResponse:
    code = int(status.split()[0])
    raw = HTTPResponse(
        io.BytesIO(content),
        dict(headers),
        code,
        preload_content=False,
        decode_content=False,
        request_method=request.method,  # what HEAD says of its length is not there to be read
    )
    return AWSResponse(request.url, code, HTTPHeaders.from_pairs(headers), raw)
