"""Whether what a client says of a body's bytes is so: moto keeps an object whatever its digest. Pure.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html (BadDigest, IncompleteBody, InvalidDigest,
MalformedTrailerError, XAmzContentSHA256Mismatch) and
https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

from localcloud.front.malformed import chunks
from localcloud.front.malformed.checksums import SIZES, calculated
from localcloud.front.malformed.texts import Fault, body_of
from localcloud.front.refusals import service_of

MD5 = "HTTP_CONTENT_MD5"
SHA256 = "HTTP_X_AMZ_CONTENT_SHA256"
CHECKSUM = "x-amz-checksum-"
CUT_OFF = Fault("IncompleteBody", "The request body terminated unexpectedly")
_HASH = re.compile(r"[0-9a-fA-F]{64}")
_MD5_SIZE = 16
_WITH_BODY = ("PUT", "POST")
_NO_TRAILER = Fault(
    "MalformedTrailerError",
    "The request contained trailing data that was not well-formed or did not conform to our published schema.",
)


def find_fault(environ: Mapping[str, Any]) -> Fault | None:
    """What is wrong with the digests of a body that S3 gets, in its headers or after its chunks."""
    if environ["REQUEST_METHOD"] not in _WITH_BODY or service_of(environ) != "s3":
        return None
    found = _of_chunks(environ) if chunks.is_chunked(environ) else _of_whole(environ, body_of(environ))
    return next(filter(None, found), None)


def _of_whole(environ: Mapping[str, Any], body: bytes) -> Iterator[Fault | None]:
    yield _of_hash(environ, body)
    yield _of_md5(environ, body)
    yield from _of_checksums(environ, {}, body)


def _of_chunks(environ: Mapping[str, Any]) -> Iterator[Fault | None]:
    found = chunks.read(body_of(environ))
    if found is None:
        yield CUT_OFF
        return
    length = environ.get("HTTP_X_AMZ_DECODED_CONTENT_LENGTH")
    if length is not None and str(length) != str(len(found.body)):
        yield CUT_OFF
    promised = [name.strip().lower() for name in str(environ.get("HTTP_X_AMZ_TRAILER", "")).split(",")]
    if any(name and name not in found.trailer for name in promised):
        yield _NO_TRAILER
    yield from _of_checksums(environ, found.trailer, found.body)


def _of_hash(environ: Mapping[str, Any], body: bytes) -> Fault | None:
    said = environ.get(SHA256)
    if said is None or not _HASH.fullmatch(said) or said.lower() == hashlib.sha256(body).hexdigest():
        return None
    return Fault(
        "XAmzContentSHA256Mismatch", "The provided 'x-amz-content-sha256' header does not match what was computed."
    )


def _of_md5(environ: Mapping[str, Any], body: bytes) -> Fault | None:
    if MD5 not in environ:
        return None
    digest = _decoded(environ[MD5])
    if len(digest) != _MD5_SIZE:
        return Fault("InvalidDigest", "The Content-MD5 you specified was invalid.")
    if digest != hashlib.md5(body, usedforsecurity=False).digest():
        return Fault("BadDigest", "The Content-MD5 you specified did not match what we received.")
    return None


def _of_checksums(environ: Mapping[str, Any], trailer: Mapping[str, str], body: bytes) -> Iterator[Fault | None]:
    if environ["REQUEST_METHOD"] != "PUT":  # which says it of its body; a completed upload, of the object
        return
    for name in SIZES:
        sent_as = CHECKSUM + name.lower()
        said = environ.get(f"HTTP_{sent_as.upper().replace('-', '_')}", trailer.get(sent_as))
        if said is not None:
            yield _of_checksum(name, str(said), body)


def _of_checksum(name: str, said: str, body: bytes) -> Fault | None:
    digest = _decoded(said)
    if len(digest) != SIZES[name]:
        return Fault("InvalidRequest", f"Value for x-amz-checksum-{name.lower()} header is invalid.")
    if calculated(name, body) not in (None, digest):
        return Fault("BadDigest", f"The {name} you specified did not match the calculated checksum.")
    return None


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return b""
