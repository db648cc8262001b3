"""How the local cloud talks HTTP: what stays of a connection from one call to the next, and nothing of a body."""

from __future__ import annotations

import http.client
import os
import socket
import threading
from collections.abc import Iterable, Iterator
from typing import Any

import psutil
import pytest
from cloud import CloudServer

from localcloud.front.listener import Listener

LARGE_BYTES = 8 << 20


def echo(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
    """Answers the body, /header in a header; of /unread it reads nothing, /empty has no body, and /broken raises."""
    path = environ["PATH_INFO"]
    if path == "/broken":
        raise RuntimeError("no")
    if path == "/empty":
        start("204 NO CONTENT", [])
        return []
    if path == "/header":
        start("200 OK", [("X-Said", environ["wsgi.input"].read().decode())])
        return []
    start("200 OK", [("Content-Type", "text/plain"), ("Connection", "close")])
    return [b"unread"] if path == "/unread" else [environ["wsgi.input"].read(), b"!"]


@pytest.fixture
def listener() -> Iterator[Listener]:
    server = Listener(socket.create_server(("127.0.0.1", 0)), echo)
    serving = threading.Thread(target=server.serve_forever, args=(0.01,))
    serving.start()
    yield server
    server.shutdown()
    serving.join()


@pytest.fixture
def caller(listener: Listener) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection("127.0.0.1", listener.port, timeout=60)
    yield connection
    connection.close()


def said(caller: http.client.HTTPConnection, method: str, path: str, **given: Any) -> tuple[int, bytes]:
    caller.request(method, path, **given)
    answer = caller.getresponse()
    return answer.status, answer.read()


def raw(listener: Listener, request: bytes) -> bytes:
    """All that the server says until it hangs up."""
    with socket.create_connection(("127.0.0.1", listener.port), timeout=60) as connection:
        connection.sendall(request)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def test_calls_share_a_connection_whatever_became_of_the_one_before(caller: http.client.HTTPConnection) -> None:
    caller.connect()
    used = caller.sock
    answers = [
        said(caller, "POST", "/", body=b"one"),
        said(caller, "POST", "/unread", body=b"GET / HTTP/1.1\r\n\r\n"),
        said(caller, "HEAD", "/"),
        said(caller, "GET", "/empty"),
        said(caller, "PUT", "/", body=iter([b"in ", b"chunks"]), encode_chunked=True),
        said(caller, "POST", "/broken", body=b"x"),
        said(caller, "GET", "/"),
    ]

    expected = [(200, b"one!"), (200, b"unread"), (200, b""), (204, b""), (200, b"in chunks!"), (500, b""), (200, b"!")]
    assert answers == expected
    assert caller.sock is used


def test_who_waits_for_a_word_before_sending_the_body_gets_it_once(listener: Listener) -> None:
    head = b"PUT / HTTP/1.1\r\nContent-Length: 2\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"

    answer = raw(listener, head + b"ok")

    assert answer.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")
    assert answer.endswith(b"\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok!")


def test_a_length_that_is_no_number_is_refused_and_hung_up_on(listener: Listener) -> None:
    answer = raw(listener, b"PUT / HTTP/1.1\r\nContent-Length: two\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("framing", [
    b"Content-Length: 3\r\nContent-Length: 5", b"Content-Length: 5\r\nTransfer-Encoding: chunked",
    b"Content-Length : 5",
    b"Transfer-Encoding: gzip, chunked", b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
    b"Content-Length: 0\r\nContent-Length 5", b"Transfer-Encoding: xchunked", b"Transfer-Encoding : chunked",
    b"Content-Length: 0\r\n: 5", b"Content-Length: 0\r\nX: a\0b", b"Content-Length: 0\r\nHost: a\r\n b",
])  # fmt: skip
def test_a_request_that_says_in_two_ways_where_it_ends_is_refused_with_all_behind_it(
    listener: Listener, framing: bytes
) -> None:
    answer = raw(listener, b"PUT / HTTP/1.1\r\n" + framing + b"\r\n\r\nGET /behind HTTP/1.1\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.count(b"HTTP/1.1 ") == 1


@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=x", "multipart/form-data", "message/rfc822"])
def test_what_a_body_is_called_says_nothing_about_its_end(caller: http.client.HTTPConnection, kind: str) -> None:
    sent = {"Content-Type": kind, "Content-Transfer-Encoding": "x"}

    assert said(caller, "POST", "/", body=b"--x", headers=sent) == (200, b"--x!")


@pytest.mark.parametrize("said_by_the_app", ["a\r\nX-More: b", "\u2603", "a\0"])
def test_a_header_that_is_none_is_the_servers_fault_and_the_connection_lives_on(
    caller: http.client.HTTPConnection, said_by_the_app: str
) -> None:
    first = said(caller, "PUT", "/header", body=said_by_the_app.encode())

    assert first == (500, b"")
    assert said(caller, "PUT", "/", body=b"a") == (200, b"a!")


def test_a_closed_server_hangs_up_on_all(listener: Listener, caller: http.client.HTTPConnection) -> None:
    said(caller, "GET", "/")

    listener.shutdown()
    listener.server_close()

    assert caller.sock is not None
    assert caller.sock.recv(1) == b""


def test_nothing_stays_of_a_large_body_that_was_answered(cloud_server: CloudServer) -> None:
    s3 = cloud_server.client("s3")
    s3.create_bucket(Bucket="large-bodies")
    body, process = os.urandom(LARGE_BYTES), psutil.Process(cloud_server.process.pid)
    s3.put_object(Bucket="large-bodies", Key="same", Body=body)
    before = process.memory_info().rss

    for _ in range(8):
        s3.put_object(Bucket="large-bodies", Key="same", Body=body)

    assert process.memory_info().rss - before < 4 * LARGE_BYTES


def test_a_body_that_is_cut_off_is_no_request(listener: Listener) -> None:
    with socket.create_connection(("127.0.0.1", listener.port), timeout=60) as connection:
        connection.sendall(b"PUT /all HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf a")
        connection.shutdown(socket.SHUT_WR)

        assert connection.recv(65536) == b""
