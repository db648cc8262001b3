"""Files that are compressed with gzip, as the CSV that they hold: unpacked as they stream by, in bounded room. Pure.

What a file is compressed with its first bytes say, not its name: ``.csv`` objects are put with gzip inside, too.
"""

import gzip
import io
import zlib
from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from app.decide.uploads.file_checks import Problem

MARK = b"\x1f\x8b"  # Source: https://www.rfc-editor.org/rfc/rfc1952#section-2.3.1
CHUNK = 262_144  # bytes
UNBOUNDED = 256 * 1024**2  # bytes that any file may unpack to
MOST_TIMES = 100  # its own size that a larger one may unpack to; deflate itself ends at 1,032, tables are at 3 to 30
LEAST_SHARE = 16  # bytes for each that they hold: a member for each short row, as some writers of logs make, has ten
MOST_EMPTY = LEAST_SHARE * CHUNK + 1_048_576  # bytes that may hold nothing so far


class Unpacked:
    """The bytes of an upload, unpacked where they are compressed."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._packed: _Packed | None = None
        self.size_bytes = 0  # unpacked so far

    def __iter__(self) -> Iterator[bytes]:
        """Yield the bytes.

        Raises:
            Problem: it is damaged, cut off, or unpacks to more than a table does, or to next to nothing.
        """
        first = b""
        while len(first) < len(MARK) and (chunk := next(self._chunks, b"")):
            first += chunk
        whole = chain([first], self._chunks)
        self._packed = _Packed(whole, lambda: self.size_bytes) if first.startswith(MARK) else None
        for piece in self._unpacked(self._packed) if self._packed else whole:
            self.size_bytes += len(piece)
            yield piece

    def unpacked_size(self, size_bytes: int) -> int:
        """How many bytes an upload of ``size_bytes`` unpacks to, by what was read of it; 0 where it is no gzip."""
        read = self._packed.size_bytes if self._packed else 0
        return round(self.size_bytes * size_bytes / read) if read else 0

    def _unpacked(self, packed: "_Packed") -> Iterator[bytes]:
        try:
            buffered = io.BufferedReader(packed)  # type: ignore[type-var]  # gzip reads a name byte by byte
            with gzip.GzipFile(fileobj=buffered) as file:
                while piece := file.read(CHUNK):
                    if self.size_bytes > max(UNBOUNDED, MOST_TIMES * packed.size_bytes):
                        problem = f"is compressed with gzip, and unpacks to more than {MOST_TIMES} times its size"
                        raise Problem(problem, "upload the CSV itself")
                    yield piece
        except EOFError as error:
            raise Problem("is compressed with gzip, and cut off before its end", "upload all of it") from error
        except (gzip.BadGzipFile, zlib.error) as error:
            raise Problem(f"is compressed with gzip, and damaged ({error})", "compress and upload it again") from error


class _Packed(io.RawIOBase):
    """Chunks of bytes as a file that is read once; ``size_bytes`` were read so far, of which came ``unpacked()``."""

    def __init__(self, chunks: Iterator[bytes], unpacked: Callable[[], int]) -> None:
        self._chunks = chunks
        self._unpacked = unpacked
        self._rest = b""
        self.size_bytes = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]  # any writable buffer will do
        if self.size_bytes > MOST_EMPTY + LEAST_SHARE * self._unpacked():  # empty members, or a name without an end
            raise Problem("is compressed with gzip, and holds next to nothing", "upload the CSV itself")
        while not self._rest:
            self._rest = next(self._chunks, b"")
            if not self._rest:
                return 0
        size = min(len(buffer), len(self._rest))
        buffer[:size], self._rest = self._rest[:size], self._rest[size:]
        self.size_bytes += size
        return size
