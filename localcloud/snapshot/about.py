"""What a saved state says of itself, before anything of moto is loaded."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

FORMAT = 3
FOLDER = Path("snapshot")
LOCATION = FOLDER / "state"


class Unreadable(RuntimeError):
    """The state was written by another version; the text says what to do."""


def header(state_dir: Path) -> Mapping[str, Any] | None:
    """What a folder's saved state says of itself; None where there is none.

    Raises:
        Unreadable: it is from other versions than these.
    """
    path, first = next(_first_lines(state_dir), (None, b""))
    if path is None:
        return None
    said: Mapping[str, Any] = json.loads(first)
    made_by, now = {name: said.get(name) for name in versions()}, versions()
    if made_by != now:
        raise Unreadable(f"{path} was written by {_words(made_by)}, and this is {_words(now)}: remove it to begin anew")
    return said


def _first_lines(state_dir: Path) -> Iterator[tuple[Path, bytes]]:
    """Of the state, and of the changes since: a server that was killed early has left only those."""
    for path in [state_dir / LOCATION, *sorted((state_dir / FOLDER).glob("journal.*"))]:
        if path.is_file():
            with path.open("rb") as file:
                first = file.readline()
            if first.endswith(b"\n"):
                yield path, first


def versions() -> dict[str, Any]:
    """What has to be the same for a saved state to be read."""
    return {"format": FORMAT, "moto": metadata.version("moto"), "python": ".".join(platform.python_version_tuple()[:2])}


def _words(versions: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in versions.items())
