"""Whether what a client says of a body's bytes is so: moto keeps an object whatever its digest. Pure.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html (BadDigest, InvalidDigest) and
https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
"""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Callable, Mapping
from typing import Any

from localcloud.front.malformed.texts import Fault, body_of
from localcloud.front.refusals import service_of

MD5 = "HTTP_CONTENT_MD5"
CHECKSUM = "HTTP_X_AMZ_CHECKSUM_"
_OF: Mapping[str, Callable[[bytes], bytes]] = {
    "CRC32": lambda body: zlib.crc32(body).to_bytes(4, "big"),
    "SHA1": lambda body: hashlib.sha1(body, usedforsecurity=False).digest(),
    "SHA256": lambda body: hashlib.sha256(body).digest(),
}
_SIZES = {"CRC32": 4, "SHA1": 20, "SHA256": 32}
_MD5_SIZE = 16


def find_fault(environ: Mapping[str, Any]) -> Fault | None:
    """What is wrong with the digests of a body that S3 gets; one in chunks has them in its own trailer, unread."""
    said = [name for name in _OF if CHECKSUM + name in environ] if environ["REQUEST_METHOD"] == "PUT" else []
    if not (said or MD5 in environ) or service_of(environ) != "s3" or _is_streamed(environ):
        return None
    body = body_of(environ)
    return _of_md5(environ, body) or next(filter(None, (_of_checksum(environ, name, body) for name in said)), None)


def _is_streamed(environ: Mapping[str, Any]) -> bool:
    return str(environ.get("HTTP_X_AMZ_CONTENT_SHA256", "")).startswith("STREAMING-")


def _of_md5(environ: Mapping[str, Any], body: bytes) -> Fault | None:
    if MD5 not in environ:
        return None
    digest = _decoded(environ[MD5])
    if len(digest) != _MD5_SIZE:
        return Fault("InvalidDigest", "The Content-MD5 you specified was invalid.")
    if digest != hashlib.md5(body, usedforsecurity=False).digest():
        return Fault("BadDigest", "The Content-MD5 you specified did not match what we received.")
    return None


def _of_checksum(environ: Mapping[str, Any], name: str, body: bytes) -> Fault | None:
    digest = _decoded(environ[CHECKSUM + name])
    if len(digest) != _SIZES[name]:
        return Fault("InvalidRequest", f"Value for x-amz-checksum-{name.lower()} header is invalid.")
    if digest != _OF[name](body):
        return Fault("BadDigest", f"The {name} you specified did not match the calculated checksum.")
    return None


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return b""
