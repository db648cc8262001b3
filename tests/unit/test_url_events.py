"""What a function behind a URL is given, and what its answer means."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from localcloud.lambdas.urls.url_events import BadAnswer, UrlRequest, answer, event

AT = datetime(2026, 3, 12, 19, 3, 58, 390000, UTC)
HOST = "abc.lambda-url.us-east-1.on.aws"


def given(**changes: Any) -> dict[str, Any]:
    request = UrlRequest(HOST, "GET", "/a%20b", "x=1&y=&x=2", {"host": HOST, "user-agent": "curl/8"}, b"")
    return event(request._replace(**changes), "123456789012", AT)


def test_a_request_becomes_payload_format_2() -> None:
    found = given()

    assert found["requestContext"].pop("requestId")
    assert found == {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/a%20b",
        "rawQueryString": "x=1&y=&x=2",
        "queryStringParameters": {"x": "1,2", "y": ""},
        "headers": {"host": HOST, "user-agent": "curl/8", "x-forwarded-proto": "https", "x-forwarded-port": "443"},
        "requestContext": {
            "accountId": "anonymous",
            "apiId": "abc",
            "domainName": HOST,
            "domainPrefix": "abc",
            "http": {"method": "GET", "path": "/a%20b", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1",
                     "userAgent": "curl/8"},
            "routeKey": "$default",
            "stage": "$default",
            "time": "12/Mar/2026:19:03:58 +0000",
            "timeEpoch": 1773342238390,
        },
        "isBase64Encoded": False,
    }  # fmt: skip


def test_cookies_stand_apart() -> None:
    found = given(headers={"cookie": "a=1; b=2"})

    assert found["cookies"] == ["a=1", "b=2"]
    assert "cookie" not in found["headers"]


@pytest.mark.parametrize(
    ("kind", "plain"),
    [("text/plain; charset=utf-8", True), ("application/json", True), ("application/problem+json", True),
     ("application/x-www-form-urlencoded", False), ("multipart/form-data; boundary=x", False), ("", False)],
)  # fmt: skip
def test_a_body_that_is_no_text_comes_in_base64(kind: str, plain: bool) -> None:
    found = given(headers={"content-type": kind}, body=b"a=1")

    assert found["isBase64Encoded"] is not plain
    assert found["body"] == ("a=1" if plain else base64.b64encode(b"a=1").decode())


def test_who_signed_a_request_stands_in_it() -> None:
    context = given(iam={"userArn": "arn:aws:iam::123456789012:user/ada"})["requestContext"]

    assert context["accountId"] == "123456789012"
    assert context["authorizer"] == {"iam": {"userArn": "arn:aws:iam::123456789012:user/ada"}}


@pytest.mark.parametrize(
    ("said", "status", "headers", "body"),
    [
        ({"statusCode": 303, "headers": {"location": "/b"}, "cookies": ["a=1"], "body": "x"}, 303,
         [("location", "/b"), ("Set-Cookie", "a=1"), ("Content-Type", "application/json")], b"x"),
        ({"statusCode": 200, "headers": {"content-type": "text/html"}, "body": "aGk=", "isBase64Encoded": True}, 200,
         [("content-type", "text/html")], b"hi"),
        ({"statusCode": 204}, 204, [("Content-Type", "application/json")], b""),
        ({"message": "hi"}, 200, [("Content-Type", "application/json")], b'{"message": "hi"}'),
        ("hi", 200, [("Content-Type", "application/json")], b"hi"),
    ],
)  # fmt: skip
def test_an_answer_is_what_the_function_says(said: Any, status: int, headers: list[Any], body: bytes) -> None:
    assert answer(json.dumps(said).encode()) == (status, headers, body)


@pytest.mark.parametrize(
    "said",
    [{"statusCode": "many"}, {"statusCode": 99}, {"statusCode": 200, "headers": ["a"]},
     {"statusCode": 200, "headers": {"a": "b\r\nc: d"}}, {"statusCode": 200, "body": {"a": 1}},
     {"statusCode": 200, "body": "?", "isBase64Encoded": True}, {"statusCode": 200, "cookies": ["a\nb"]}],
)  # fmt: skip
def test_what_no_url_can_say_is_refused(said: Any) -> None:
    with pytest.raises(BadAnswer):
        answer(json.dumps(said).encode())
