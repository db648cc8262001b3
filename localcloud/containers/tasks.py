"""What is to run, and what can be asked of it while it runs: the same of our forks and of an engine's containers."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class Container:
    """An image that a container engine runs. Paths are the container's own, all of them under /opt/ml.

    Without an ``entrypoint`` the image's own is taken, and without ``arguments`` then its own command.
    """

    image: str
    entrypoint: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    read_only: tuple[str, ...] = ()
    writable: tuple[str, ...] = ()
    isolated: bool = False  # reaches nothing, the local cloud neither
    port: int | None = None  # where it serves; it has a network of its own then


@dataclass(frozen=True)
class Task:
    """What to run: a command line, a function of ours as ``module:function``, or an image, over a job's folder."""

    opt_ml: Path
    env: Mapping[str, str]
    command: tuple[str, ...] = ()
    call: str | None = None
    container: Container | None = None


class Running(Protocol):
    """A started task."""

    def chunks(self) -> Iterator[list[str]]:
        """The output's complete lines, as many as are there each time, until every writer has closed it."""
        ...

    def wait(self, timeout_s: float | None = None) -> int | None:
        """The exit code (negative: the signal that ended it); None when it still runs after ``timeout_s``."""
        ...

    def signal(self, number: int) -> None:
        """Signal all that it is made of; one that has ended is fine."""
        ...


def lines_of(output: int) -> Iterator[list[str]]:
    """What is written to a pipe, line by line, until its writers have closed it; then it is closed here, too."""
    rest = b""
    try:
        while part := os.read(output, 1 << 16):
            *lines, rest = (rest + part).split(b"\n")
            if lines:
                yield [line.decode("utf-8", "backslashreplace") for line in lines]
        if rest:
            yield [rest.decode("utf-8", "backslashreplace")]
    finally:
        os.close(output)
