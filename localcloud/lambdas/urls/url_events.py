"""What a function behind a URL is given of a request, and what its answer means: payload format 2.0. Pure.

Source: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
"""

from __future__ import annotations

import base64
import json
import re
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

TEXT = re.compile(r"text/|application/(?:[a-z0-9.+-]+\+)?(?:json|xml|javascript)\b", re.IGNORECASE)


class UrlRequest(NamedTuple):
    """One request to a function's URL."""

    host: str  # as the caller has it, here with a port
    method: str
    path: str  # as it was sent, quoted
    query: str
    headers: Mapping[str, str]  # names in lower case; several of one name joined by commas
    body: bytes
    source_ip: str = "127.0.0.1"
    iam: Mapping[str, Any] | None = None  # who signed it, where the URL asks that


class UrlAnswer(NamedTuple):
    """What the caller gets."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


class BadAnswer(ValueError):
    """The function's answer is none that a URL can give."""


def event(request: UrlRequest, account: str, at: datetime | None = None) -> dict[str, Any]:
    """The function's event. A body that is no text comes in base64, a form too."""
    now, url_id = at or datetime.now(UTC), request.host.partition(".")[0]
    domain, _, port = request.host.partition(":")
    cookies = [part.strip() for part in request.headers.get("cookie", "").split(";") if part.strip()]
    headers = {name: value for name, value in request.headers.items() if name != "cookie"}
    http = {"method": request.method, "path": request.path, "protocol": "HTTP/1.1", "sourceIp": request.source_ip}
    found: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": request.path,
        "rawQueryString": request.query,
        "headers": {**headers, "x-forwarded-proto": "http" if port else "https", "x-forwarded-port": port or "443"},
        "requestContext": {
            "accountId": account if request.iam else "anonymous",
            "apiId": url_id,
            "domainName": domain,
            "domainPrefix": url_id,
            "http": {**http, "userAgent": request.headers.get("user-agent", "")},
            "requestId": str(uuid.uuid4()),
            "routeKey": "$default",
            "stage": "$default",
            "time": now.strftime("%d/%b/%Y:%H:%M:%S +0000"),
            "timeEpoch": int(now.timestamp() * 1000),
            **({"authorizer": {"iam": dict(request.iam)}} if request.iam else {}),
        },
    }
    return found | ({"cookies": cookies} if cookies else {}) | _query(request.query) | _body(request)


def _query(query: str) -> dict[str, Any]:
    """Parameters by name; several of one name joined by commas."""
    several: dict[str, list[str]] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        several.setdefault(name, []).append(value)
    return {"queryStringParameters": {name: ",".join(found) for name, found in several.items()}} if several else {}


def _body(request: UrlRequest) -> dict[str, Any]:
    if not request.body:
        return {"isBase64Encoded": False}
    if TEXT.match(request.headers.get("content-type", "")):
        return {"body": request.body.decode(errors="replace"), "isBase64Encoded": False}
    return {"body": base64.b64encode(request.body).decode(), "isBase64Encoded": True}


def answer(payload: bytes) -> UrlAnswer:
    """What a function's answer means: one without ``statusCode`` is a JSON document for the caller, status 200.

    Raises:
        BadAnswer: status, headers, cookies or body are none.
    """
    document = json.loads(payload)
    if not isinstance(document, dict) or "statusCode" not in document:
        body = document.encode() if isinstance(document, str) else payload
        return UrlAnswer(200, [("Content-Type", "application/json")], body)
    try:
        headers = [(str(name), str(value)) for name, value in dict(document.get("headers") or {}).items()]
        cookies = [("Set-Cookie", str(cookie)) for cookie in document.get("cookies") or []]
        given = document.get("body") or ""
        content = base64.b64decode(given, validate=True) if document.get("isBase64Encoded") else given.encode()
        status = int(document["statusCode"])
    except (AttributeError, TypeError, ValueError) as error:
        raise BadAnswer(str(error)) from error
    if not 100 <= status <= 599 or any("\n" in part or "\r" in part for pair in headers + cookies for part in pair):
        raise BadAnswer(f"status {status}, headers {headers + cookies}")
    typed = any(name.lower() == "content-type" for name, _ in headers)
    return UrlAnswer(status, [*headers, *cookies, *([] if typed else [("Content-Type", "application/json")])], content)
