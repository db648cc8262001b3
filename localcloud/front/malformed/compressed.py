"""A body that came compressed, as SDKs send large metrics: unpacked once, so that all look at the same. Pure.

Source: https://smithy.io/2.0/spec/behavior-traits.html#requestcompression-trait
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Mapping
from typing import Any

from localcloud.front.malformed.texts import body_of
from localcloud.front.refusals import service_of

GZIP = 16 + zlib.MAX_WBITS
LARGEST_BYTES = 64 << 20  # of what comes out: more than any service takes
CODING = "HTTP_CONTENT_ENCODING"


def unpacked(environ: dict[str, Any]) -> dict[str, Any]:
    """The request with its body as it was before it was packed. S3 keeps what it gets, and containers get what is sent.

    Raises:
        ValueError: it is no gzip, or too much, with why.
    """
    if str(environ.get(CODING, "")).lower() != "gzip" or not _is_document(environ):
        return environ
    body = _gunzip(body_of(environ))
    plain = {name: value for name, value in environ.items() if name != CODING}
    return {**plain, "wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}


def _is_document(environ: Mapping[str, Any]) -> bool:
    by_name = environ["PATH_INFO"] == "/" and environ["REQUEST_METHOD"] == "POST"
    return ("HTTP_SMITHY_PROTOCOL" in environ or by_name) and service_of(environ) != "s3"


def _gunzip(body: bytes) -> bytes:
    reader = zlib.decompressobj(GZIP)
    try:
        found = reader.decompress(body, LARGEST_BYTES)
    except zlib.error as error:
        raise ValueError(f"it is no gzip: {error}") from error
    if not reader.eof:
        raise ValueError("its gzip ends too early, or unpacks to too much")
    return found
