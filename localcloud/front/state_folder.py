"""The folder of a local cloud's state: one that was made for it, which a mark says, and nobody else's to read.

What is saved there is code to whoever reads it, so that it has to be the reader's own; and only what was made here is
ever emptied. Knows nothing of what lies in it but the mark and the lock.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import time
from pathlib import Path
from typing import Any, TextIO

MARK = ".made-by-retrain"
SAID = "Retrain made this folder, and empties or removes it when it is asked to begin anew.\n"
LOCK = "server.lock"
PRIVATE_FOLDER, PRIVATE_FILE = 0o700, 0o600
LOCK_WITHIN_S = 0.5  # whoever only looks whether it is used holds the lock for a moment
OTHERS = 0o077  # the bits of a mode that speak of anybody but the owner


class NotOurs(RuntimeError):
    """The folder holds what no local cloud put there, or is somebody else's; the text says what to do."""


def is_ours(folder: Path) -> bool:
    """Whether it was made here, or may be: it is not there, or has nothing in it."""
    return (folder / MARK).is_file() or not folder.exists() or not any(folder.iterdir())


def make(folder: Path) -> None:
    """Make it, with a mark in it, if it is not there or has nothing in it; whatever else is there stays as it is."""
    if (folder / MARK).is_file() or not is_ours(folder):
        return
    folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    (folder / MARK).touch(PRIVATE_FILE)
    (folder / MARK).write_text(SAID, encoding="utf-8")


def take(folder: Path) -> None:
    """``make`` it for a local cloud, and let nobody else read it. One that an older version made goes on unmarked.

    Raises:
        NotOurs: it holds something else, or belongs to another user.
    """
    if not is_ours(folder) and not (folder / LOCK).is_file():
        raise NotOurs(f"{folder} holds what no local cloud put there: name a new folder, or an empty one")
    if folder.exists() and folder.stat().st_uid != os.getuid():
        raise NotOurs(f"{folder} belongs to another user, whose state would run as code of yours: name another folder")
    make(folder)
    if folder.stat().st_mode & OTHERS:
        folder.chmod(PRIVATE_FOLDER)


def empty(folder: Path) -> None:
    """``make`` it, and remove what is in it; its mark and lock stay.

    Raises:
        NotOurs: it bears no mark, or a local cloud lives in it.
        OSError: something in it cannot be removed.
    """
    if not is_ours(folder):
        raise NotOurs(f"{folder} was not made here, so it is not emptied: remove it yourself, or name another folder")
    take(folder)
    held = lock(folder)
    if held is None:
        raise NotOurs(f"{folder} is not emptied: a local cloud lives in it")
    with held:
        for path in folder.iterdir():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            elif path.name not in (MARK, LOCK):
                path.unlink()


def lock(folder: Path) -> TextIO | None:
    """An open file whose lock says that this process uses the folder, until it is closed or the process ends.

    None when another process uses it.
    """
    (folder / LOCK).touch(PRIVATE_FILE)
    file = (folder / LOCK).open("a", encoding="utf-8")
    ends = time.monotonic() + LOCK_WITHIN_S
    while not _locks(file, fcntl.LOCK_EX):
        if time.monotonic() > ends:
            file.close()
            return None
        time.sleep(0.02)
    return file


def is_used(folder: Path) -> bool:
    """Whether a local cloud lives in it now."""
    try:
        with (folder / LOCK).open(encoding="utf-8") as file:
            return not _locks(file, fcntl.LOCK_SH)
    except (FileNotFoundError, NotADirectoryError):
        return False


def _locks(file: TextIO, kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def describe(path: Path, description: dict[str, Any]) -> None:
    """Write what a server says of itself, whole or not at all: others read it while this server lives."""
    unfinished = path.with_suffix(".new")
    unfinished.write_text(json.dumps(description) + "\n", encoding="utf-8")
    unfinished.rename(path)
