"""Open an upload, which may be compressed with gzip, as the CSV that it holds.

Knows nothing of tables. The check at the door unpacks by the same rule, of which it sees the first 2,000,000 rows.
"""

import gzip
import io
import zlib
from pathlib import Path

MARK = b"\x1f\x8b"  # Source: https://www.rfc-editor.org/rfc/rfc1952#section-2.3.1
UNBOUNDED = 256 * 1024**2  # bytes that any file may unpack to
MOST_TIMES = 100  # its own size that a larger one may unpack to
UNREADABLE = (EOFError, gzip.BadGzipFile, zlib.error)  # what reading raises of a file that is cut off or damaged


class _Unpacked(io.RawIOBase):
    """The unpacked bytes of a file, as many as a table may have."""

    def __init__(self, path: Path) -> None:
        self._file = gzip.open(path)  # noqa: SIM115  closed with this
        self._most = max(UNBOUNDED, MOST_TIMES * path.stat().st_size)
        self._size = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]  # any writable buffer will do
        count = self._file.readinto(buffer)
        self._size += count
        if self._size > self._most:
            raise gzip.BadGzipFile(f"unpacks to more than {MOST_TIMES} times its size; upload the CSV itself")
        return count

    def close(self) -> None:
        self._file.close()
        super().close()


def open_bytes(path: Path) -> io.BufferedReader:
    """Open the bytes of a CSV.

    Raises:
        OSError: there is no such file; ``UNREADABLE`` comes as it is read.
    """
    with path.open("rb") as file:
        packed = file.read(len(MARK)) == MARK
    return io.BufferedReader(_Unpacked(path), 262_144) if packed else path.open("rb")  # type: ignore[arg-type]


def open_text(path: Path) -> io.TextIOWrapper:
    """Open a CSV as text, with or without a byte order mark, for ``csv.reader``."""
    return io.TextIOWrapper(open_bytes(path), encoding="utf-8-sig", newline="")
