"""Hashes of content, which make names idempotent. Pure."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import Any


def digest(*parts: str) -> str:
    """Sha256 (hex) of ``parts``; the separator cannot occur in S3 keys' UTF-8, so no two lists collide.

    A text that JSON brought may hold half of a surrogate pair, which has no UTF-8: it has a hash all the same.
    """
    return hashlib.sha256("\0".join(parts).encode(errors="surrogatepass")).hexdigest()


def canonical(document: Any) -> str:
    """Canonical JSON: equal text for equal content."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


class Hashed:
    """Chunks of bytes whose hash is known once all were read."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = chunks
        self._hash = hashlib.sha256()

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self._hash.update(chunk)
            yield chunk

    @property
    def sha256(self) -> str:
        """Of what was read so far, in hex."""
        return self._hash.hexdigest()
