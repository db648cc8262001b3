"""What S3 refuses of the address of a request: what names something else than the operation that would act. Pure.

S3 ignores parameters that it does not know. One that names a part of a bucket or an object says what is asked for: with
a method that the part does not have, an object would be read, overwritten or deleted that nobody meant.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html (InvalidArgument, MethodNotAllowed) and
https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPart.html (partNumber, from 1 to 10,000)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, parse_qsl

from botocore.loaders import Loader
from botocore.model import ServiceModel

from localcloud.front.malformed.texts import Fault

NUMBERS = ("max-keys", "max-parts", "max-uploads", "max-buckets", "part-number-marker", "partNumber")
MOST = 2**31 - 1
MOST_PARTS = 10_000
_INVALID = "InvalidArgument"


def find_fault(operation: str, environ: Mapping[str, Any]) -> Fault | None:
    """The first thing that S3 refuses of the address of a request for ``operation``."""
    query = str(environ.get("QUERY_STRING", ""))
    if not query:
        return None
    asked = {name: texts[0] for name, texts in parse_qs(query, keep_blank_values=True).items()}
    found = (*_of_parts(operation, asked), *_of_numbers(asked), *_of_values(operation, asked))
    return next(iter(found), None)


def _of_parts(operation: str, asked: Mapping[str, str]) -> Iterator[Fault]:
    named = sorted(set(asked) & _parts() - _own(operation))
    mine = sorted(set(asked) & _parts() & _own(operation))
    if named and mine:
        yield Fault(_INVALID, f"Conflicting query string parameters: {', '.join(sorted((*mine, *named)))}")
    elif named:
        said = f"The specified method is not allowed against this resource: {named[0]}"
        yield Fault("MethodNotAllowed", said, HTTPStatus.METHOD_NOT_ALLOWED)


def _of_numbers(asked: Mapping[str, str]) -> Iterator[Fault]:
    for name in NUMBERS:
        said = asked.get(name, "0")
        if not (said.isascii() and said.isdecimal() and len(said) < 11 and int(said) <= MOST):
            yield Fault(_INVALID, f"Provided {name} not an integer or within integer range")
        elif name == "partNumber" and name in asked and not 1 <= int(said) <= MOST_PARTS:
            yield Fault(_INVALID, f"Part number must be an integer between 1 and {MOST_PARTS}, inclusive")


def _of_values(operation: str, asked: Mapping[str, str]) -> Iterator[Fault]:
    if asked.get("versionId") == "":
        yield Fault(_INVALID, "Version id cannot be the empty string")
    if "list-type" in asked and operation == "ListObjects":
        yield Fault(_INVALID, "Invalid List Type specified in Request")
    if asked.get("version-id-marker") and not asked.get("key-marker"):
        yield Fault(_INVALID, "A version-id marker cannot be specified without a key marker.")
    if operation in ("PutObject", "CopyObject") and {"partNumber", "uploadId"} & set(asked):
        yield Fault(_INVALID, "A part has a partNumber and an uploadId.")


@cache
def _parts() -> frozenset[str]:
    """Every name that S3's operations have in their address without a value: the parts of a bucket or an object."""
    model = _model()
    return frozenset(name for one in model.operation_names for name, value in _fixed(one) if not value)


@cache
def _own(operation: str) -> frozenset[str]:
    """The names that an operation has in its address."""
    shape: Any = _model().operation_model(operation).input_shape
    members = shape.members.values() if shape is not None else ()
    optional = (one.serialization["name"] for one in members if one.serialization.get("location") == "querystring")
    return frozenset((*(name for name, _ in _fixed(operation)), *optional))


def _fixed(operation: str) -> list[tuple[str, str]]:
    address = str(_model().operation_model(operation).http.get("requestUri", "/"))
    return parse_qsl(address.partition("?")[2], keep_blank_values=True)


@cache
def _model() -> ServiceModel:
    return ServiceModel(Loader().load_service_model("s3", "service-2"))
