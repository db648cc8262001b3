"""A tar archive laid out in a folder."""

from __future__ import annotations

import gzip
import io
import tarfile
import zlib
from pathlib import Path
from typing import IO

ALWAYS_FITS = 1 << 30  # bytes
MOST_TIMES = 100  # that what is larger may grow: weights and tables grow some ten times, zeros a thousand
OWNERS = 0o700  # of a mode: nobody else reads what a state folder holds, whatever an archive says
MOST_MEMBERS = 20_000  # an environment of Python with its packages has fewer
LONGEST_NAME = 4096  # bytes, Linux's PATH_MAX
LONGEST_HEADER = 1 << 16  # bytes of one member's headers, long names and attributes among them
MOST_HEADERS = 1 << 26  # bytes of all of them: tarfile keeps them
_GZIP = b"\x1f\x8b"


class _Counted(io.RawIOBase):
    """Bytes of which whoever reads them has so many ``left``: tarfile reads a header whole, as long as it says to be,
    before anybody can judge it. What is passed over costs nothing.
    """

    def __init__(self, content: IO[bytes]) -> None:
        self._content, self.left = content, LONGEST_HEADER

    def read(self, size: int = -1) -> bytes:
        """So many bytes, or fewer at the end.

        Raises:
            tarfile.TarError: there are not so many left to be read.
        """
        if not 0 <= size <= self.left:
            raise tarfile.ReadError(f"headers of a member are longer than {LONGEST_HEADER:,} bytes, or it than it says")
        found = self._content.read(size)
        self.left -= len(found)
        return found

    def seek(self, offset: int, whence: int = 0) -> int:
        """Pass over what lies between."""
        return self._content.seek(offset, whence)

    def tell(self) -> int:
        """How far it is from the beginning."""
        return self._content.tell()


def extract(archive: bytes, folder: Path) -> None:
    """Open a tar, packed by gzip or not, into ``folder``.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ContainerDefinition.html (ModelDataUrl is "a
    single gzip compressed tar archive")

    Raises:
        tarfile.TarError: it is none, it is damaged, a member would leave the folder, or it would fill disk or memory.
        OSError: the folder does not take what is in it.
    """
    packed = io.BytesIO(archive)
    content = _Counted(gzip.GzipFile(fileobj=packed) if archive.startswith(_GZIP) else packed)  # type: ignore[arg-type]
    try:
        with tarfile.open(fileobj=content, mode="r:") as tar:
            content.left = _counted(tar, content, max(ALWAYS_FITS, MOST_TIMES * len(archive)))
            tar.extractall(folder, filter=_of_the_owner)  # noqa: S202 - which begins as the data filter does
    except (zlib.error, EOFError, gzip.BadGzipFile, ValueError, OverflowError, RecursionError) as error:
        raise tarfile.ReadError(f"it is damaged: {error}") from error


def _counted(tar: tarfile.TarFile, content: _Counted, most: int) -> int:
    """How many bytes a tar unpacks to. One member after the other: what a bomb holds is not unpacked to be counted.

    Raises:
        tarfile.TarError: it is too much.
    """
    size = headers = 0
    for count, member in enumerate(tar, 1):
        headers += LONGEST_HEADER - content.left
        content.left = LONGEST_HEADER
        size += member.size
        if member.size < 0 or max(len(member.name.encode(errors="replace")), len(member.linkname)) > LONGEST_NAME:
            raise tarfile.ReadError(f"a name is longer than {LONGEST_NAME:,} bytes, or a size is none")
        if size > most:
            raise tarfile.ReadError(f"it unpacks to more than {most:,} bytes, {MOST_TIMES} times its size")
        if count > MOST_MEMBERS or headers > MOST_HEADERS:
            raise tarfile.ReadError(f"it holds more than {MOST_MEMBERS:,} members or {MOST_HEADERS:,} bytes of headers")
    return size


def _of_the_owner(member: tarfile.TarInfo, path: str) -> tarfile.TarInfo | None:
    safe = tarfile.data_filter(member, path)
    return safe if safe is None or safe.mode is None else safe.replace(mode=safe.mode & OWNERS, deep=False)
