"""What a function is given of a request, in API Gateway's two formats. Pure.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html and
https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatch
from typing import Any
from urllib.parse import parse_qsl

from localcloud.gateway.documents import Kind
from localcloud.gateway.matching import Match

_TEXT = (
    *("text/*", "application/json", "application/*+json", "application/xml", "application/*+xml"),
    "application/javascript",
)


@dataclass(frozen=True)
class Asked:
    """One HTTP request for an API, as it came; ``path`` is the one below the stage, ``full_path`` has the stage."""

    method: str
    path: str
    full_path: str
    query: str  # without the question mark
    headers: tuple[tuple[str, str], ...]
    body: bytes
    host: str
    source_ip: str
    protocol: str = "HTTP/1.1"
    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def header(self, name: str) -> str:
        """A header's value; "" where it was not sent."""
        return next((value for key, value in self.headers if key.lower() == name), "")


@dataclass(frozen=True)
class Called:
    """The API that was asked, and under which stage."""

    id: str
    kind: Kind
    account: str
    stage: str
    variables: dict[str, str]
    binary: tuple[str, ...]  # media types that a REST API hands on as bytes


def event(asked: Asked, called: Called, match: Match, request_id: str) -> dict[str, Any]:
    """The event of one request."""
    if match.route.format == "2.0":
        return _second(asked, called, match, request_id)
    first = _first(asked, called, match, request_id)
    return {"version": "1.0", **first} if called.kind is Kind.HTTP else first


def _first(asked: Asked, called: Called, match: Match, request_id: str) -> dict[str, Any]:
    query = parse_qsl(asked.query, keep_blank_values=True)
    text, encoded = _body(asked, called)
    return {
        "resource": match.route.path,
        "path": asked.path if called.kind is Kind.REST else asked.full_path,
        "httpMethod": asked.method,
        "headers": dict(asked.headers) or None,
        "multiValueHeaders": _lists(asked.headers) or None,
        "queryStringParameters": dict(query) or None,
        "multiValueQueryStringParameters": _lists(query) or None,
        "pathParameters": match.parameters or None,
        "stageVariables": called.variables or None,
        "requestContext": _first_context(asked, called, match, request_id),
        "body": text,
        "isBase64Encoded": encoded,
    }


def _first_context(asked: Asked, called: Called, match: Match, request_id: str) -> dict[str, Any]:
    nobody = dict.fromkeys(
        [
            *("accessKey", "accountId", "caller", "cognitoAuthenticationProvider", "cognitoAuthenticationType"),
            *("cognitoIdentityId", "cognitoIdentityPoolId", "principalOrgId", "user", "userArn"),
        ]
    )
    return {
        "accountId": called.account,
        "apiId": called.id,
        "domainName": asked.host,
        "domainPrefix": called.id,
        "extendedRequestId": request_id,
        "httpMethod": asked.method,
        "identity": {**nobody, "sourceIp": asked.source_ip, "userAgent": asked.header("user-agent")},
        "path": asked.full_path,
        "protocol": asked.protocol,
        "requestId": request_id,
        "requestTime": _moment(asked.at),
        "requestTimeEpoch": _epoch(asked.at),
        "resourceId": match.route.key,
        "resourcePath": match.route.path,
        "stage": called.stage,
    }


def _second(asked: Asked, called: Called, match: Match, request_id: str) -> dict[str, Any]:
    query = parse_qsl(asked.query, keep_blank_values=True)
    headers = [(key.lower(), value) for key, value in asked.headers]
    cookies = [cookie.strip() for key, value in headers if key == "cookie" for cookie in value.split(";")]
    text, encoded = _body(asked, called)
    there = {
        "cookies": cookies,
        "queryStringParameters": _joined(query),
        "pathParameters": match.parameters,
        "stageVariables": called.variables,
        "body": text,
    }
    return {
        "version": "2.0",
        "routeKey": match.route.key,
        "rawPath": asked.full_path,
        "rawQueryString": asked.query,
        "headers": _joined([one for one in headers if one[0] != "cookie"]),
        "requestContext": _second_context(asked, called, match, request_id),
        "isBase64Encoded": encoded,
        **{key: value for key, value in there.items() if value},
    }


def _second_context(asked: Asked, called: Called, match: Match, request_id: str) -> dict[str, Any]:
    return {
        "accountId": called.account,
        "apiId": called.id,
        "domainName": asked.host,
        "domainPrefix": called.id,
        "http": {
            "method": asked.method,
            "path": asked.full_path,
            "protocol": asked.protocol,
            "sourceIp": asked.source_ip,
            "userAgent": asked.header("user-agent"),
        },
        "requestId": request_id,
        "routeKey": match.route.key,
        "stage": called.stage,
        "time": _moment(asked.at),
        "timeEpoch": _epoch(asked.at),
    }


def _body(asked: Asked, called: Called) -> tuple[str | None, bool]:
    """The body as text, and whether that text is base64: of media types that a REST API names, or that are no text."""
    if not asked.body:
        return None, False
    sent = asked.header("content-type").partition(";")[0].strip().lower()
    rest = called.kind is Kind.REST
    if is_one_of(sent, called.binary) if rest else not is_one_of(sent, _TEXT):
        return base64.b64encode(asked.body).decode(), True
    return asked.body.decode(errors="replace"), False


def is_one_of(media_type: str, patterns: Iterable[str]) -> bool:
    """Whether a media type is one of those that ``patterns`` (``image/*``, ``*/*``) mean."""
    return any(fnmatch(media_type or "application/octet-stream", pattern.lower()) for pattern in patterns)


def _lists(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return found


def _joined(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    return {key: ",".join(values) for key, values in _lists(pairs).items()}


def _moment(at: datetime) -> str:
    return at.strftime("%d/%b/%Y:%H:%M:%S +0000")


def _epoch(at: datetime) -> int:
    return int(at.timestamp() * 1000)
