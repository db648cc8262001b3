"""A request's body as the document that its protocol makes of it: JSON, a form, or CBOR. Pure.

It is read once: who asks again gets what was read, as long as the body is the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from struct import error as StructError  # noqa: N812 - struct has no other name for it
from typing import Any, NamedTuple

from botocore.parsers import ResponseParserError, RpcV2CBORParser

from localcloud.front.malformed.texts import Fault, body_of, fields_of, not_serialized, read_json, speaks_query

READ = "localcloud.document"
_NO_CBOR = (ResponseParserError, ValueError, LookupError, TypeError, OverflowError, RecursionError, StructError)


class Read(NamedTuple):
    """What a body says, and why it says nothing."""

    document: Mapping[str, Any]
    problem: str | None = None


def document_of(environ: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the body says; of a form its fields, flat. Empty where it cannot be read, which nobody acts on then."""
    return _once(environ).document


def problem_of(environ: Mapping[str, Any]) -> str | None:
    """Why a body that says something cannot be read; None where it can, or says nothing."""
    return _once(environ).problem


def find_fault(environ: Mapping[str, Any]) -> Fault | None:
    """What is wrong with a body of a protocol that names its operation: whichever it is, it takes one, or fields.

    Source: https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html (a POST to ``/``)
    """
    if speaks_query(environ):
        return _of_fields(environ)
    named = "HTTP_X_AMZ_TARGET" in environ and environ["PATH_INFO"] == "/"
    if not named and "HTTP_SMITHY_PROTOCOL" not in environ:
        return None
    problem = problem_of(environ)
    return not_serialized(problem) if problem else None


def _of_fields(environ: Mapping[str, Any]) -> Fault | None:
    """A name that stands there twice is read by one as its first value, and by another as its last."""
    names = [name for name, _ in fields_of(environ)]
    twice = next((name for name in names if names.count(name) > 1), None) if len(set(names)) < len(names) else None
    said = f"The parameter {twice!a} stands in the request more than once."
    return Fault("InvalidQueryParameter", said) if twice is not None else None


def _once(environ: Mapping[str, Any]) -> Read:
    body = body_of(environ)
    known = environ.get(READ)
    if known is None or known[0] is not body:
        known = body, _read(environ, body)
        if isinstance(environ, dict):
            environ[READ] = known
    found: Read = known[1]
    return found


def _read(environ: Mapping[str, Any], body: bytes) -> Read:
    if speaks_query(environ):
        return Read(dict(fields_of(environ)))
    if not body.strip():
        return Read({})
    try:
        found = _of_cbor(body) if "HTTP_SMITHY_PROTOCOL" in environ else read_json(body)
    except ValueError as error:
        return Read({}, str(error))
    return Read(found) if isinstance(found, dict) else Read({}, "it is no object")


def of_cbor(body: bytes) -> Mapping[str, Any]:
    """CloudWatch's way. Empty where it cannot be read."""
    try:
        found = _of_cbor(body) if body else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _of_cbor(body: bytes) -> Any:
    """What the CBOR says.

    Source: https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html

    Raises:
        ValueError: it is no CBOR, with why.
    """
    parser = RpcV2CBORParser()
    try:
        return parser.parse_data_item(parser.get_peekable_stream_from_bytes(body))
    except (
        ResponseParserError,
        ValueError,
        LookupError,
        TypeError,
        OverflowError,
        RecursionError,
        StructError,
    ) as error:
        raise ValueError(f"it is no CBOR: {error}") from error
