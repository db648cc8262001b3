"""What a caller gets of a function's answer. Pure.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html and
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html; what these leave
open is as the SAM CLI has it (samcli/local/apigw/local_apigw_service.py).
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from localcloud.gateway.documents import Kind
from localcloud.gateway.events import is_one_of

_TAKEN = {"statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded", "base64Encoded", "cookies"}
JSON = "application/json"


@dataclass(frozen=True)
class Answer:
    """An HTTP answer."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


class Malformed(ValueError):
    """The function's answer is not what a proxy integration takes; the text says why."""


def message(status: int, said: str) -> Answer:
    """What API Gateway itself says."""
    return Answer(status, (("Content-Type", JSON),), json.dumps({"message": said}).encode())


def no_route(kind: Kind) -> Answer:
    """Nothing is at this path."""
    return message(403, "Missing Authentication Token") if kind is Kind.REST else message(404, "Not Found")


def failed(kind: Kind) -> Answer:
    """The function failed, or its answer was malformed."""
    return message(502, "Internal server error") if kind is Kind.REST else message(500, "Internal Server Error")


def not_permitted(kind: Kind) -> Answer:
    """The function does not let the API invoke it."""
    return message(500, "Internal server error" if kind is Kind.REST else "Internal Server Error")


def timed_out(kind: Kind) -> Answer:
    """The function took longer than API Gateway waits."""
    return message(504, "Endpoint request timed out") if kind is Kind.REST else message(503, "Service Unavailable")


def of_function(payload: bytes, kind: Kind, version: str, accepted: str, binary: Iterable[str]) -> Answer:
    """The answer that a function's payload means. ``accepted`` is the caller's Accept header.

    Raises:
        Malformed: it means none.
    """
    try:
        found = json.loads(payload)
    except ValueError as error:
        raise Malformed("it is not JSON") from error
    if version == "2.0" and not (isinstance(found, dict) and "statusCode" in found):
        text = found if isinstance(found, str) else json.dumps(found)
        return Answer(200, (("Content-Type", JSON),), text.encode())
    if not isinstance(found, dict):
        raise Malformed(f"it is a {type(found).__name__}, no object with statusCode and body")
    if kind is Kind.HTTP and found.get("statusCode") is None:
        raise Malformed("it has no statusCode")
    unknown = sorted(set(found) - _TAKEN)
    if kind is Kind.REST and unknown:
        raise Malformed(f"{unknown[0]} is none of its keys")
    headers = _headers(found)
    return Answer(_status(found.get("statusCode") or 200), headers, _content(found, kind, accepted, tuple(binary)))


def _status(given: Any) -> int:
    try:
        status = int(given)
    except (TypeError, ValueError):
        status = 0
    if not 100 <= status <= 599:
        raise Malformed(f"statusCode {given} is no HTTP status")
    return status


def _headers(found: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    several, single = found.get("multiValueHeaders") or {}, found.get("headers") or {}
    if not isinstance(several, dict) or not isinstance(single, dict):
        raise Malformed("headers is no object")
    pairs = [(key, str(value)) for key, values in several.items() for value in values]
    pairs += [(key, _text(value)) for key, value in single.items() if key not in several]
    pairs += [("Set-Cookie", str(cookie)) for cookie in found.get("cookies") or []]
    if not any(key.lower() == "content-type" for key, _ in pairs):
        pairs.append(("Content-Type", JSON))
    if wrong := [key for key, value in pairs if {"\r", "\n"} & set(key + value)]:
        raise Malformed(f"the header {wrong[0]} has a line break")
    return tuple(pairs)


def _content(found: Mapping[str, Any], kind: Kind, accepted: str, binary: tuple[str, ...]) -> bytes:
    body = found.get("body")
    if body is None:
        return b""
    if isinstance(body, (dict, list)):
        raise Malformed("body is no text")
    first = accepted.partition(",")[0].partition(";")[0].strip().lower()
    if found.get("isBase64Encoded") and (kind is Kind.HTTP or is_one_of(first, binary)):
        try:
            return base64.b64decode(_text(body))
        except binascii.Error as error:
            raise Malformed("body is not base64") from error
    return _text(body).encode()


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
