"""Objects that this process reads for itself, of its own memory: a job's files are most of what a run asks S3 for.

Who reads is held to its role and remembered as over HTTP. What is refused, absent, or more than an object as it was put
(another key than S3's own, an archive's class, a condition, a range) is asked for in whole words.
Imports moto, which has to be configured first.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import UTC
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote, urlencode, urlsplit

from botocore.response import StreamingBody
from moto.s3.models import FakeKey, s3_backends

from localcloud.front import calls
from localcloud.iam import gate
from localcloud.settings import ACCOUNT_ID

S3S_OWN_KEY = (None, "AES256")
AT_HAND = ("STANDARD", "STANDARD_IA", "ONEZONE_IA", "REDUCED_REDUNDANCY")
# What a client sends of itself, and what asks for no other bytes.
PLAIN_HEADERS = {"user-agent", "x-amz-checksum-mode", "expect", "amz-sdk-invocation-id", "amz-sdk-request"}
Said = dict[str, Any]


def read(asked: Mapping[str, Any], signed: Mapping[str, str]) -> Said | None:
    """What GetObject says of an object: its bytes, length, tag, date and version. None: it has to be asked for.

    ``asked`` is botocore's request; ``signed`` has the headers that name who asks.
    """
    query = asked.get("query_string") or {}
    if not set(query) <= {"versionId"} or {name.lower() for name in asked["headers"]} - PLAIN_HEADERS:
        return None
    path = urlsplit(asked["url"]).path
    bucket, _, key = unquote(path).removeprefix("/").partition("/")
    found = _object(bucket, key, query.get("versionId"))
    return _said(found) if found is not None and _permitted(path, query, signed) else None


def _object(bucket: str, key: str, version: str | None) -> FakeKey | None:
    backend = s3_backends[ACCOUNT_ID]["aws"]
    if not key or bucket not in backend.buckets:
        return None
    found = backend.get_object(bucket, key, version_id=version)
    plain = isinstance(found, FakeKey) and found.encryption in S3S_OWN_KEY and found.storage_class in AT_HAND
    return found if plain else None


def _permitted(path: str, query: Mapping[str, str], signed: Mapping[str, str]) -> bool:
    """Whether the caller may read it; the call is remembered where it does."""
    told: list[str] = []
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": unquote(path, "latin-1"),
        "REQUEST_URI": path,
        "QUERY_STRING": urlencode(query),
        "wsgi.input": io.BytesIO(),
        "CONTENT_LENGTH": "0",
        **{f"HTTP_{name.upper().replace('-', '_')}": value for name, value in signed.items()},
    }

    def start(status: str, *_: Any) -> None:
        told.append(status)

    def answer(start: Any) -> list[bytes]:
        start(f"{HTTPStatus.OK.value} OK", [])
        return []

    list(gate.guarded(environ, start, answer))
    if not told[-1].startswith(str(HTTPStatus.OK.value)):
        return False
    calls.record(environ, told[-1])
    calls.acted(environ)
    return True


def _said(found: FakeKey) -> Said:
    content: bytes = found.value
    modified = found.last_modified.replace(microsecond=0)
    said = {
        "Body": StreamingBody(io.BytesIO(content), len(content)),
        "ContentLength": len(content),
        "ETag": found.etag,
        "LastModified": modified if modified.tzinfo else modified.replace(tzinfo=UTC),
        "ResponseMetadata": {"HTTPStatusCode": HTTPStatus.OK.value, "HTTPHeaders": {}, "RetryAttempts": 0},
    }
    return said | ({"VersionId": found.version_id} if found.version_id != "null" else {})
