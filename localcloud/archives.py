"""A tar archive laid out in a folder."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

OWNERS = 0o700  # of a mode: nobody else reads what a state folder holds, whatever an archive says


def extract(archive: bytes, folder: Path) -> None:
    """Open a tar, packed or not, into ``folder``.

    Raises:
        tarfile.TarError: it is none, or a member would leave the folder.
    """
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(folder, filter=_of_the_owner)  # noqa: S202 - which begins as the data filter does


def _of_the_owner(member: tarfile.TarInfo, path: str) -> tarfile.TarInfo | None:
    safe = tarfile.data_filter(member, path)
    return safe if safe is None or safe.mode is None else safe.replace(mode=safe.mode & OWNERS, deep=False)
