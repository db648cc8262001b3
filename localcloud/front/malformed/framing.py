"""Where a request ends: said once and in one way, or it is refused, as the rest of it would be taken for another. Pure.

Source: https://www.rfc-editor.org/rfc/rfc9112#section-6.3 (lengths, codings) and
https://www.rfc-editor.org/rfc/rfc9112#section-5.1 (no space before a colon)
"""

from __future__ import annotations

import re
from email import errors
from email.message import Message

# Other defects are of a mail's body, which a request's is none.
NO_HEADER = (
    errors.MissingHeaderBodySeparatorDefect, errors.FirstHeaderLineIsContinuationDefect, errors.InvalidHeaderDefect,
)  # fmt: skip
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, 5.6.2: a token


def problem(headers: Message) -> str | None:
    """Why nobody can say for sure where the request ends, in one sentence; None where it is plain."""
    if any(isinstance(one, NO_HEADER) for one in headers.defects) or not all(map(_NAME.fullmatch, headers.keys())):
        return "A header has no name, or one that ends in a space"
    lengths, codings = headers.get_all("Content-Length", []), headers.get_all("Transfer-Encoding", [])
    if codings and [one.strip().lower() for one in codings] != ["chunked"]:
        return "Transfer-Encoding is chunked, or is not there"
    if codings and lengths:
        return "Content-Length and Transfer-Encoding exclude each other"
    if len(lengths) > 1:
        return "Content-Length stands more than once"
    return None
