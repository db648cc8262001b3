"""What is wrong with a request's bytes, before anybody reads them: what is not UTF-8 would be read as something else.

moto replaces such bytes by U+FFFD, and would keep an object under a key that nobody sent. Pure.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote_to_bytes

from localcloud.front.refusals import QUERY_SERVICES, service_of

FORM = "application/x-www-form-urlencoded"
_BEYOND_ASCII = re.compile(rb"%[89a-fA-F]")
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


class Fault(NamedTuple):
    """What a caller did wrong, as AWS says it."""

    code: str
    message: str
    status: int = HTTPStatus.BAD_REQUEST


def find_fault(environ: Mapping[str, Any]) -> Fault | None:
    """The first thing that is no text where text has to be: in the address, a form or a JSON document."""
    address = str(environ.get("RAW_URI") or environ["PATH_INFO"])
    if not (address.isascii() and _is_text(address.encode())):
        return of_address(environ)
    if speaks_query(environ):
        return None if _is_text(body_of(environ)) else OF_FORM
    if "HTTP_X_AMZ_TARGET" in environ and (problem := problem_of_json(body_of(environ))):
        return not_serialized(problem)
    return None


def body_of(environ: Mapping[str, Any]) -> bytes:
    """The body, whether or not somebody has read it."""
    stream = environ["wsgi.input"]
    return stream.getvalue() if isinstance(stream, io.BytesIO) else b""


def is_form(environ: Mapping[str, Any]) -> bool:
    """Whether the body says that it is a form."""
    return str(environ.get("CONTENT_TYPE", "")).startswith(FORM)


def speaks_query(environ: Mapping[str, Any]) -> bool:
    """Whether a request is in AWS's query protocol: a form, or its fields in the address.

    Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/Query-Requests.html
    """
    if "HTTP_X_AMZ_TARGET" in environ:
        return False
    if is_form(environ) and environ.get("PATH_INFO", "") in ("", "/"):  # where no object and no function is
        return True
    in_address = "Action=" in str(environ.get("QUERY_STRING", ""))
    return (in_address or is_form(environ)) and service_of(environ) in QUERY_SERVICES


def fields_of(environ: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The fields of a request in the query protocol, those of the address first."""
    asked = parse_qsl(str(environ.get("QUERY_STRING", "")), keep_blank_values=True)
    form = parse_qsl(body_of(environ).decode(errors="replace"), keep_blank_values=True) if is_form(environ) else []
    return [*asked, *form]


def problem_of_json(body: bytes) -> str | None:
    """Why ``body`` is no text of a JSON document; whether it is a document is not asked."""
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        return f"it is not UTF-8: {error}"
    if _SURROGATE.search(text):
        try:
            json.dumps(json.loads(text), ensure_ascii=False).encode()
        except UnicodeEncodeError:
            return "half of a surrogate pair is no character"
        except (ValueError, RecursionError):  # no JSON at all, which whoever reads it finds
            return None
    return None


def read_json(body: bytes) -> Any:
    """What a JSON document says, by the rules of JSON: a reader that takes more would act on what was never checked.

    Raises:
        ValueError: it is no JSON document, with why; NaN and Infinity are no numbers of JSON's.
    """
    if problem := problem_of_json(body):
        raise ValueError(problem)
    try:
        return json.loads(body.decode(), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"it is no JSON document: {error}") from error


def _no_number(said: str) -> Any:
    raise ValueError(f"{said} is no number of JSON's")


def not_serialized(problem: str) -> Fault:
    """A body that cannot be read.

    Source: https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html, malformed-request-body of its tests
    """
    return Fault("SerializationException", f"the request's body cannot be read: {problem}")


def of_address(environ: Mapping[str, Any]) -> Fault:
    """An address that is not UTF-8, percent-encoded.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
    """
    if service_of(environ) == "s3":
        return Fault("InvalidURI", "Couldn't parse the specified URI.")
    return Fault("InvalidQueryParameter", "The address is not UTF-8, percent-encoded.")


# Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html
OF_FORM = Fault("InvalidQueryParameter", "The form is not UTF-8, percent-encoded.")


def _is_text(quoted: bytes) -> bool:
    """Whether what is, or may be, percent-encoded is UTF-8 when it is decoded."""
    if quoted.isascii() and not _BEYOND_ASCII.search(quoted):
        return True
    try:
        unquote_to_bytes(quoted).decode()
    except UnicodeDecodeError:
        return False
    return True
