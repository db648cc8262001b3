"""Where a request ends: said once and in one way, or it is refused, as the rest of it would be taken for another. Pure.

Source: https://www.rfc-editor.org/rfc/rfc9112#section-6.3 (lengths, codings) and
https://www.rfc-editor.org/rfc/rfc9112#section-5.1 (no space before a colon)
"""

from __future__ import annotations

import re
from email import errors
from email.message import Message

from werkzeug.serving import DechunkedInput

# Other defects are of a mail's body, which a request's is none.
NO_HEADER = (
    errors.MissingHeaderBodySeparatorDefect, errors.FirstHeaderLineIsContinuationDefect, errors.InvalidHeaderDefect,
)  # fmt: skip
LONGEST_CHUNK_LINE = 100  # bytes
_LENGTH = re.compile(r"([0-9A-Fa-f]{1,12})\r?\n")
_BREAKS = re.compile(r"[\r\n\0]")  # RFC 9112, 5.2 (a value on several lines) and RFC 9110, 5.5
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, 5.6.2: a token


class Chunks(DechunkedInput):
    """A body in chunks, whose lengths are digits of base 16 and nothing else: of other texts readers think otherwise.

    Source: https://www.rfc-editor.org/rfc/rfc9112#section-7.1
    """

    def read_chunk_len(self) -> int:
        """The length of the next chunk, in bytes.

        Raises:
            OSError: it is none.
        """
        line = self._rfile.readline(LONGEST_CHUNK_LINE).decode("latin-1")
        if not (found := _LENGTH.fullmatch(line)):
            raise OSError("Invalid chunk header")
        return int(found[1], 16)


def problem(headers: Message) -> str | None:
    """Why nobody can say for sure where the request ends, in one sentence; None where it is plain."""
    if any(isinstance(one, NO_HEADER) for one in headers.defects) or not all(map(_NAME.fullmatch, headers.keys())):
        return "A header has no name, or one that ends in a space"
    if any(_BREAKS.search(str(value)) for value in headers.values()):
        return "A header's value goes on in another line, or holds a control character that ends one"
    lengths, codings = headers.get_all("Content-Length", []), headers.get_all("Transfer-Encoding", [])
    if codings and [one.strip().lower() for one in codings] != ["chunked"]:
        return "Transfer-Encoding is chunked, or is not there"
    if codings and lengths:
        return "Content-Length and Transfer-Encoding exclude each other"
    if len(lengths) > 1:
        return "Content-Length stands more than once"
    return None
