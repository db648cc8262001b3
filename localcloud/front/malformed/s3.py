"""What S3 refuses about a request that failed: its XML, its numbers, and a few headers. Pure.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs
from xml.parsers import expat

from botocore.session import get_session

from localcloud.front.malformed import digests
from localcloud.front.malformed.texts import Fault, body_of
from localcloud.s3_places import place_of

NO_XML = Fault(
    "MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema"
)
NO_POLICY = Fault("MalformedPolicy", "Policies must be valid JSON and the first byte must be '{'")
MAY_BE_ABSENT = ("CreateBucketConfiguration",)
LAST_LATIN = 0xFF
_GRANT = re.compile(r'\s*(id|uri|emailAddress)\s*=\s*"[^"]+"\s*', re.IGNORECASE)
_RANGE = re.compile(r"bytes=(\d+-\d*|-\d+)(,\s*(\d+-\d*|-\d+))*", re.ASCII)


def find_fault(environ: Mapping[str, Any], shape: Any) -> Fault | None:
    """The first thing that S3 refuses about a request; ``shape`` is the input of its operation, None: it has none."""
    asked = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
    found = (*_of_query(asked), *_of_headers(environ), _of_body(environ, shape))
    return next(filter(None, found), None)


def find_unread_fault(environ: Mapping[str, Any]) -> Fault | None:
    """What is wrong with what moto does not read: a policy, digests, and headers that the answer is to have."""
    return _of_policy(environ) or _of_overrides(environ) or digests.find_fault(environ)


def _of_overrides(environ: Mapping[str, Any]) -> Fault | None:
    """Source: https://github.com/guardian/grid/pull/1716 (S3's answer)"""
    if "response-" not in environ.get("QUERY_STRING", ""):
        return None
    asked = parse_qs(environ["QUERY_STRING"], keep_blank_values=True)
    said = "".join(text for name, texts in asked.items() if name.startswith("response-") for text in texts)
    wrong = any(ord(character) > LAST_LATIN or not character.isprintable() for character in said)
    return Fault("InvalidArgument", "Header value cannot be represented using ISO-8859-1.") if wrong else None


def _of_policy(environ: Mapping[str, Any]) -> Fault | None:
    if environ["REQUEST_METHOD"] != "PUT" or environ.get("QUERY_STRING") != "policy":
        return None
    try:
        return None if isinstance(json.loads(body_of(environ)), dict) else NO_POLICY
    except (ValueError, RecursionError):
        return NO_POLICY


def _of_query(asked: Mapping[str, list[str]]) -> Iterator[Fault]:
    if "continuation-token" in asked:
        yield Fault("InvalidArgument", "The continuation token provided is incorrect")


def _of_headers(environ: Mapping[str, Any]) -> Iterator[Fault]:
    acl = environ.get("HTTP_X_AMZ_ACL")
    if acl is not None and acl not in _canned():
        yield Fault("InvalidArgument", f"x-amz-acl is none of {', '.join(sorted(_canned()))}")
    source = environ.get("HTTP_X_AMZ_COPY_SOURCE")
    if source is not None and not re.match(r"/?[^/]+/.", source):
        yield Fault("InvalidArgument", "Copy Source must mention the source bucket and key: sourcebucket/sourcekey")
    for name, said in environ.items():
        if name.startswith("HTTP_X_AMZ_GRANT_") and not all(map(_GRANT.fullmatch, said.split(","))):
            yield Fault("InvalidArgument", "Argument format not recognized")
    if not _RANGE.fullmatch(environ.get("HTTP_RANGE", "bytes=0-")):
        yield Fault("InvalidArgument", "Range is no range of bytes")


def _of_body(environ: Mapping[str, Any], shape: Any) -> Fault | None:
    if shape is None:
        return _of_post(environ) if environ["REQUEST_METHOD"] == "POST" else None
    payload = shape.serialization.get("payload")
    if payload and shape.members[payload].type_name != "structure":
        return None
    if not body_of(environ):
        root = _root(shape)
        return None if root in (None, *MAY_BE_ABSENT) else Fault("MissingRequestBodyError", "Request Body is empty")
    return fault_of_document(environ, shape)


def fault_of_document(environ: Mapping[str, Any], shape: Any) -> Fault | None:
    """What is wrong with a body that is to be the document of an operation with this input."""
    root = _root(shape)
    return None if root is None or _root_of(body_of(environ)) == root else NO_XML


def _root(shape: Any) -> str | None:
    """The name of the outermost element of an operation's document; None: it has none."""
    payload = shape.serialization.get("payload")
    if payload is None:
        named = shape.serialization.get("name")
    else:
        named = shape.members[payload].serialization.get("name", payload)
    return None if named is None else str(named)


def _of_post(environ: Mapping[str, Any]) -> Fault:
    if place_of(environ).key:
        said = "The specified method is not allowed against this resource."
        return Fault("MethodNotAllowed", said, HTTPStatus.METHOD_NOT_ALLOWED)
    if str(environ.get("CONTENT_TYPE", "")).startswith("multipart/form-data"):
        return Fault("MalformedPOSTRequest", "The body of your POST request is not well-formed multipart/form-data.")
    said = "Bucket POST must be of the enclosure-type multipart/form-data"
    return Fault("PreconditionFailed", said, HTTPStatus.PRECONDITION_FAILED)


def _root_of(body: bytes) -> str:
    """The name of a document's outermost element; "" when it is no XML, or has a type of its own, and so entities."""
    names: list[str] = []
    declared: list[str] = []
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = lambda name, _: names.append(name)
    parser.StartDoctypeDeclHandler = lambda name, *_: declared.append(name)
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, LookupError, ValueError):
        return ""
    return "" if declared else names[0].rpartition(" ")[2]


@cache
def _canned() -> frozenset[str]:
    shape: Any = get_session().get_service_model("s3").shape_for("ObjectCannedACL")
    return frozenset(shape.enum) | {"log-delivery-write"}
