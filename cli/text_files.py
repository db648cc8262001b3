"""Files of text that somebody names: read as UTF-8, with or without a byte order mark, and unpacked where gzip packed
them.
"""

import gzip
import io
import shutil
import zlib
from pathlib import Path
from typing import IO, cast

PACKED = b"\x1f\x8b"  # Source: https://www.rfc-editor.org/rfc/rfc1952#section-2.3.1
DAMAGED = (EOFError, gzip.BadGzipFile, zlib.error)  # what reading raises of a file that is cut off or damaged


def open_text(path: Path, newline: str | None = "") -> io.TextIOWrapper:
    """Open a file; its lines end as they are written, or, with ``newline=None``, all alike.

    Raises:
        OSError: there is none, or it cannot be read; ``DAMAGED`` come as it is read.
    """
    return io.TextIOWrapper(open_bytes(path), encoding="utf-8-sig", newline=newline)


def open_bytes(path: Path) -> IO[bytes]:
    """Open a file's bytes, unpacked.

    Raises:
        OSError: there is none, or it cannot be read; ``DAMAGED`` come as it is read.
    """
    return cast(IO[bytes], gzip.open(path)) if _is_packed(path) else path.open("rb")


def _is_packed(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(PACKED)) == PACKED


def unpack(path: Path) -> None:
    """Replace a file that is packed by what it holds."""
    if not _is_packed(path):
        return
    beside = path.with_name(f".{path.name}.part")
    with open_bytes(path) as packed, beside.open("wb") as plain:
        shutil.copyfileobj(packed, plain)
    beside.replace(path)
