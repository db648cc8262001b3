"""What a server takes for itself before it begins: a port, and a folder for its state."""

from __future__ import annotations

import errno
import json
import socket
from pathlib import Path
from typing import TextIO

from localcloud.front import state_folder
from localcloud.settings import LOOPBACK
from localcloud.snapshot.about import Unreadable, header

LOOPBACK_NAME = "localhost"
EVERYWHERE = "0.0.0.0"  # noqa: S104 - only when asked


class CannotStart(RuntimeError):
    """The port or the state folder is in use; the text says by whom."""


def listen(port: int, host: str) -> list[socket.socket]:
    """Sockets on ``port``: of every address, or of loopback first and then of ``host``.

    Raises:
        CannotStart: somebody listens there, or ``host`` is no address of this machine.
    """
    first = _bound(host if host == EVERYWHERE else LOOPBACK, port)
    if host.lower() in (EVERYWHERE, LOOPBACK, LOOPBACK_NAME):
        return [first]
    try:
        return [first, _bound(host, first.getsockname()[1])]
    except CannotStart:
        first.close()
        raise


def _bound(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), backlog=256)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise CannotStart(f"port {port} is taken: stop what uses it, or choose another port") from error
        raise CannotStart(f"{host} is no address to listen on: {error.strerror or error}") from error


def take_folder(state_dir: Path) -> TextIO:
    """An open file whose lock says that this process uses the folder; the system frees it when the process ends.

    Raises:
        CannotStart: a live server uses it, or it is no folder for a local cloud.
    """
    try:
        state_folder.take(state_dir)
    except state_folder.NotOurs as error:
        raise CannotStart(str(error)) from error
    lock = state_folder.lock(state_dir)
    if lock is None:
        raise CannotStart(f"{state_dir} is in use by {_user_of(state_dir)}")
    (state_dir / "server.json").unlink(missing_ok=True)  # of one that was killed
    return lock


def _user_of(state_dir: Path) -> str:
    try:
        running = json.loads((state_dir / "server.json").read_text(encoding="utf-8"))
        return f"the server at {running['url']} (process {running['pid']})"
    except (OSError, ValueError, KeyError):
        return "another server"


def port_of_state(state_dir: Path, port: int) -> int:
    """The port that is asked for; 0 where a state was saved is the port of that state, whose addresses name it.

    Raises:
        CannotStart: what was saved is for another port, or not of these versions.
    """
    try:
        saved = header(state_dir)
    except Unreadable as error:
        raise CannotStart(str(error)) from error
    if saved is None or port in (0, saved["port"]):
        return port if saved is None else int(saved["port"])
    raise CannotStart(
        f"the state in {state_dir} was saved at port {saved['port']}, which its queues' addresses name: "
        f"start it at that port, or begin anew in another folder"
    )
