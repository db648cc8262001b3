"""A tar archive laid out in a folder."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

ALWAYS_FITS = 1 << 30  # bytes
MOST_TIMES = 100  # that what is larger may grow: weights and tables grow some ten times, zeros a thousand
OWNERS = 0o700  # of a mode: nobody else reads what a state folder holds, whatever an archive says


def extract(archive: bytes, folder: Path) -> None:
    """Open a tar, packed or not, into ``folder``.

    Raises:
        tarfile.TarError: it is none, a member would leave the folder, or it would fill the disk.
    """
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        most, size = max(ALWAYS_FITS, MOST_TIMES * len(archive)), 0
        for member in tar:  # one after the other: what a bomb holds is not unpacked in order to be counted
            size += member.size
            if size > most:
                raise tarfile.TarError(f"it unpacks to more than {most:,} bytes, {MOST_TIMES} times its size")
        tar.extractall(folder, filter=_of_the_owner)  # noqa: S202 - which begins as the data filter does


def _of_the_owner(member: tarfile.TarInfo, path: str) -> tarfile.TarInfo | None:
    safe = tarfile.data_filter(member, path)
    return safe if safe is None or safe.mode is None else safe.replace(mode=safe.mode & OWNERS, deep=False)
