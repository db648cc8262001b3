"""Open an upload, which may be compressed with gzip, as the CSV that it holds.

Knows nothing of tables. The check at the door unpacks by the same rule, of which it sees the first 2,000,000 rows.
"""

import gzip
import io
import zlib
from collections.abc import Callable
from pathlib import Path

MARK = b"\x1f\x8b"  # Source: https://www.rfc-editor.org/rfc/rfc1952#section-2.3.1
UNBOUNDED = 256 * 1024**2  # bytes that any file may unpack to
MOST_TIMES = 100  # its own size that a larger one may unpack to
LEAST_SHARE = 16  # bytes for each that they hold
MOST_EMPTY = LEAST_SHARE * 262_144 + 1_048_576  # bytes that may hold nothing so far
UNREADABLE = (EOFError, gzip.BadGzipFile, zlib.error)  # what reading raises of a file that is cut off or damaged


class _Unpacked(io.RawIOBase):
    """The unpacked bytes of a file, as many as a table may have."""

    def __init__(self, path: Path) -> None:
        self._packed = _Packed(path, lambda: self._size)
        self._file = gzip.GzipFile(fileobj=self._packed)
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
        self._packed.close()
        super().close()


class _Packed(io.BufferedReader):
    """A file of which not too much may be read that holds nothing: empty members, or a name without an end."""

    def __init__(self, path: Path, unpacked: Callable[[], int]) -> None:
        super().__init__(io.FileIO(path))
        self._unpacked = unpacked
        self._count = 0

    def read(self, size: int | None = -1) -> bytes:
        if self._count > MOST_EMPTY + LEAST_SHARE * self._unpacked():
            raise gzip.BadGzipFile("holds next to nothing; upload the CSV itself")
        read = super().read(size)
        self._count += len(read)
        return read


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
