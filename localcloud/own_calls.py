"""Calls of this process to itself: the application answers them in the thread that asks, without a connection.

All else is as over HTTP: the request passes the door and IAM, and is remembered. A job's files are most of what a run
asks for, and each cost two threads that wait for each other. Who reads an object does not calculate a signature, which
nobody here would calculate again: the request names the key that it would be signed with.
"""

from __future__ import annotations

import hashlib
import io
import time
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from http import HTTPStatus
from http.client import HTTPMessage
from typing import Any
from urllib.parse import urlsplit

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.endpoint import convert_to_response_dict
from botocore.model import OperationModel
from botocore.parsers import ResponseParser, create_parser
from urllib3.response import HTTPResponse

from localcloud.front.listener import Handler, Headers, Listener
from localcloud.settings import LOOPBACK, REGION

AtHand = Callable[[Mapping[str, Any], Mapping[str, str]], dict[str, Any] | None]
NOTHING_SHA256 = hashlib.sha256(b"").hexdigest()
NAMED = "AWS4-HMAC-SHA256 Credential={key}/{day}/{region}/s3/aws4_request, SignedHeaders=host, Signature=" + "0" * 64


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
        body = request.body.encode() if isinstance(request.body, str) else request.body or b""
        return _asked(server, request.method, request.url, request.headers.items(), body)

    return answer


def read_from(server: Listener, at_hand: AtHand) -> Callable[..., tuple[AWSResponse, Any]]:
    """A handler of botocore's ``before-call``, of an operation without a body: the answer, and what it says.

    ``at_hand`` says it from botocore's request and the headers that name who asks, where nobody has to be asked.

    Source: https://github.com/boto/botocore/blob/develop/botocore/client.py (_make_api_call sends nothing where a
    handler answers)
    """

    def read(model: OperationModel, params: Mapping[str, Any], access_key: str, **_: Any) -> tuple[AWSResponse, Any]:
        now = time.gmtime()
        named = {
            "X-Amz-Date": time.strftime("%Y%m%dT%H%M%SZ", now),
            "X-Amz-Content-SHA256": NOTHING_SHA256,
            "Authorization": NAMED.format(key=access_key, day=time.strftime("%Y%m%d", now), region=REGION),
        }
        if (known := at_hand(params, named)) is not None:
            return AWSResponse(params["url"], HTTPStatus.OK, HTTPHeaders(), None), known
        headers = [*params["headers"].items(), *named.items()]
        response = _asked(server, params["method"], params["url"], headers, b"")
        shape: Any = model.output_shape
        said = _parser(model.service_model.protocol).parse(convert_to_response_dict(response, model), shape)
        said["ResponseMetadata"]["RetryAttempts"] = 0
        return response, said

    return read


@cache
def _parser(protocol: str) -> ResponseParser:
    return create_parser(protocol)


def _asked(
    server: Listener, method: str, url: str, headers: Iterable[tuple[str, str | bytes]], body: bytes
) -> AWSResponse:
    """The answer to a request, which is read as from a connection."""
    target, sent = urlsplit(url), HTTPMessage()
    sent["Host"] = target.netloc
    for name, value in headers:
        sent[name] = value.decode("latin-1") if isinstance(value, bytes) else value
    if "Content-Length" not in sent:
        sent["Content-Length"] = str(len(body))
    path = f"{target.path}?{target.query}" if target.query else target.path
    own = _OwnRequest(server, method, path, sent, body)
    own.run_wsgi()
    return _response(method, url, *own.said)


def _response(method: str, url: str, status: str, headers: Headers, content: bytes) -> AWSResponse:
    code = int(status.split()[0])
    raw = HTTPResponse(
        io.BytesIO(content),
        dict(headers),
        code,
        preload_content=False,
        decode_content=False,
        request_method=method,  # what HEAD says of its length is not there to be read
    )
    return AWSResponse(url, code, HTTPHeaders.from_pairs(headers), raw)
