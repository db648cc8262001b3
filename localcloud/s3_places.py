"""Which bucket and which object an S3 request names: unquoted once, as UTF-8, as moto reads it. Pure.

A key may hold anything: slashes at its ends or one after the other, dots as of a folder above, percent signs. Source:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import unquote


class Place(NamedTuple):
    """A bucket and a key, both as they are called; "" for none."""

    bucket: str
    key: str


def place_of(environ: Mapping[str, Any]) -> Place:
    """The bucket and the object that a request is for, by the address as it was sent, or else by WSGI's reading of it.

    Source: https://peps.python.org/pep-3333/#unicode-issues (PATH_INFO holds bytes as Latin-1)
    """
    if sent := environ.get("RAW_URI"):
        return place_at(str(sent).partition("?")[0])
    return _split(str(environ["PATH_INFO"]).encode("latin-1", errors="replace").decode(errors="replace"))


def place_at(path: str) -> Place:
    """The bucket and the object of a path that is still quoted."""
    return _split(unquote(path))


def copied_from(header: str) -> tuple[Place, str]:
    """What ``x-amz-copy-source`` names, whose first slash may be missing, and its query, "" for none.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
    """
    path, _, query = header.partition("?")
    return place_at(path), query


def _split(path: str) -> Place:
    bucket, _, key = path.lstrip("/").partition("/")
    return Place(bucket, key)
