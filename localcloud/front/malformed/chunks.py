"""A body in S3's own chunks, with what its trailer says: what is cut off is told from what is whole. Pure.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html and
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

_CHUNK = re.compile(rb"([0-9a-fA-F]{1,8})(;[^\r\n]*)?\r\n")
_LINE = re.compile(rb"([A-Za-z0-9-]+):([^\r\n]*)\r?\n")


class Unchunked(NamedTuple):
    """What came in chunks, and the lines after the last one by their names in lower case."""

    body: bytes
    trailer: Mapping[str, str]


def is_chunked(environ: Mapping[str, Any]) -> bool:
    """Whether a body says that it comes in S3's chunks."""
    return str(environ.get("HTTP_X_AMZ_CONTENT_SHA256", "")).startswith("STREAMING-")


def read(body: bytes) -> Unchunked | None:
    """What the chunks hold; None where they end too early, or are none."""
    parts: list[bytes] = []
    at = 0
    while chunk := _CHUNK.match(body, at):
        size, start = int(chunk[1], 16), chunk.end()
        if not size:
            return Unchunked(b"".join(parts), _trailer(body, start))
        if body[start + size : start + size + 2] != b"\r\n":
            return None
        parts.append(body[start : start + size])
        at = start + size + 2
    return None


def _trailer(body: bytes, at: int) -> Mapping[str, str]:
    found: dict[str, str] = {}
    while line := _LINE.match(body, at):
        found[line[1].decode().lower()] = line[2].decode("latin-1").strip()
        at = line.end()
    return found
