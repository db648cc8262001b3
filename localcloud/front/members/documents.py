"""A request's body as the document that its protocol makes of it: JSON, a form, or CBOR. Pure.

It is read once: who asks again gets what was read, as long as the body is the same.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from botocore.parsers import ResponseParserError, RpcV2CBORParser

from localcloud.front.malformed.texts import body_of, is_form

READ = "localcloud.document"


def document_of(environ: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the body says; of a form its fields, flat. Empty where it cannot be read: whoever acts on it says so."""
    body = body_of(environ)
    known = environ.get(READ)
    if known is None or known[0] is not body:
        known = body, _read(environ, body)
        if isinstance(environ, dict):
            environ[READ] = known
    found: Mapping[str, Any] = known[1]
    return found


def _read(environ: Mapping[str, Any], body: bytes) -> Mapping[str, Any]:
    if is_form(environ):
        return dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
    if "HTTP_SMITHY_PROTOCOL" in environ:
        return of_cbor(body)
    if not body.lstrip().startswith(b"{"):
        return {}
    try:
        found = json.loads(body, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _no_number(said: str) -> Any:
    raise ValueError(f"{said} is no number of JSON's")


def of_cbor(body: bytes) -> Mapping[str, Any]:
    """CloudWatch's way. Source: https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html"""
    parser = RpcV2CBORParser()
    try:
        found = parser.parse_data_item(parser.get_peekable_stream_from_bytes(body)) if body else {}
    except (ResponseParserError, ValueError, IndexError):
        return {}
    return found if isinstance(found, dict) else {}
