"""What a caller of an API gets of a function's answer."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from localcloud.gateway import answers
from localcloud.gateway.answers import Malformed
from localcloud.gateway.documents import Kind

REST, HTTP = (Kind.REST, "1.0"), (Kind.HTTP, "2.0")


def answered(found: Any, kind: tuple[Kind, str] = REST, accept: str = "*/*", binary: tuple[str, ...] = ()) -> Any:
    return answers.of_function(json.dumps(found).encode(), *kind, accept, binary)


def test_status_headers_and_body_are_handed_on() -> None:
    found = answered({"statusCode": "418", "headers": {"X-A": "1", "Content-Type": "text/plain"}, "body": "ü"})

    assert (found.status, found.body) == (418, "ü".encode())
    assert dict(found.headers) == {"X-A": "1", "Content-Type": "text/plain"}


def test_a_header_with_several_values_is_sent_several_times() -> None:
    found = answered({"statusCode": 200, "headers": {"X-A": "0"}, "multiValueHeaders": {"X-A": ["1", "2"]}})

    assert [value for name, value in found.headers if name == "X-A"] == ["1", "2"]


def test_cookies_of_the_second_format_are_set() -> None:
    found = answered({"statusCode": 200, "cookies": ["a=1", "b=2"]}, HTTP)

    assert [value for name, value in found.headers if name == "Set-Cookie"] == ["a=1", "b=2"]


@pytest.mark.parametrize(("accept", "binary", "body"), [
    ("image/png", ("image/*",), b"\x00\xff"), ("text/html", ("image/*",), base64.b64encode(b"\x00\xff")),
    ("image/png", (), base64.b64encode(b"\x00\xff")), ("text/html", ("*/*",), b"\x00\xff"),
])  # fmt: skip
def test_a_rest_api_sends_bytes_where_the_caller_accepts_a_binary_type(
    accept: str, binary: tuple[str, ...], body: bytes
) -> None:
    sent = {"statusCode": 200, "isBase64Encoded": True, "body": base64.b64encode(b"\x00\xff").decode()}

    assert answered(sent, REST, accept, binary).body == body


def test_an_http_api_always_decodes_base64() -> None:
    sent = {"statusCode": 200, "isBase64Encoded": True, "body": base64.b64encode(b"\x00\xff").decode()}

    assert answered(sent, HTTP).body == b"\x00\xff"


@pytest.mark.parametrize(
    ("found", "body"), [("text", b"text"), ({"a": 1}, b'{"a": 1}'), ([1], b"[1]"), (None, b"null")]
)
def test_the_second_format_makes_a_response_of_anything(found: Any, body: bytes) -> None:
    answer = answered(found, HTTP)

    assert (answer.status, dict(answer.headers), answer.body) == (200, {"Content-Type": "application/json"}, body)


@pytest.mark.parametrize(("found", "why"), [
    ("text", "str"), (None, "NoneType"), ([1], "list"), ({"statusCode": 200, "Body": "x"}, "Body"),
    ({"statusCode": "x"}, "statusCode"), ({"statusCode": 99}, "statusCode"), ({"statusCode": 200, "body": {}}, "body"),
    ({"statusCode": 200, "headers": "x"}, "headers"),
    ({"statusCode": 200, "headers": {"X": "a\r\nSet-Cookie: b"}}, "line break"),
])  # fmt: skip
def test_what_a_rest_api_does_not_take_is_malformed(found: Any, why: str) -> None:
    with pytest.raises(Malformed, match=why):
        answered(found)


def test_an_http_api_demands_a_status_of_the_first_format() -> None:
    with pytest.raises(Malformed, match="statusCode"):
        answered({"body": "x"}, (Kind.HTTP, "1.0"))
