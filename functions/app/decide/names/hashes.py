"""Hashes of content, which make names idempotent. Pure."""

import hashlib
import json
from typing import Any


def digest(*parts: str) -> str:
    """Sha256 (hex) of ``parts``; the separator cannot occur in S3 keys' UTF-8, so no two lists collide.

    A text that JSON brought may hold half of a surrogate pair, which has no UTF-8: it has a hash all the same.
    """
    return hashlib.sha256("\0".join(parts).encode(errors="surrogatepass")).hexdigest()


def canonical(document: Any) -> str:
    """Canonical JSON: equal text for equal content."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
