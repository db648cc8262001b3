"""Start and stop the local cloud: one process, found again through its state folder."""

import contextlib
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from cli.errors import UserError
from cli.stack.target import HOME, running

START_DEADLINE_S = 60
STOP_DEADLINE_S = 20
DEFAULT_PORT = 4566
LOOPBACK = "127.0.0.1"


def free_port() -> int:
    """A port of loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def start(
    port: int,
    state: Path,
    host: str = LOOPBACK,
    *,
    enforce_iam: bool = False,
    keep: bool = False,
    more: Sequence[str] = (),
) -> tuple[subprocess.Popen[str], str]:
    """Start the local cloud and return its process and URL once it answers.

    With ``keep`` its state is saved in ``state``, and what was saved there goes on; ``more`` are words of its own
    command line.
    Its output goes to ``<state>/server.log``; the process lives until it is stopped, whoever started it.

    Raises:
        UserError: with the server's own words when it does not come up within ``START_DEADLINE_S``.
    """
    state.mkdir(parents=True, exist_ok=True)
    log = state / "server.log"
    where = ["--port", str(port), "--host", host, "--state", str(state.resolve())]
    flags = [*(["--enforce-iam"] if enforce_iam else []), *(["--keep"] if keep else [])]
    with log.open("a") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "localcloud", *where, *flags, *more],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=True,
        )
    try:
        words = _first_line(process, START_DEADLINE_S)
    except BaseException:  # Ctrl-C reaches this process alone
        _end(process.pid)
        raise
    if not words.startswith("ready "):
        _end(process.pid)
        last = log.read_text().strip().splitlines()[-1:] or ["it printed nothing"]
        raise UserError(f"the local cloud did not start: {last[0]} (log: {log})")
    return process, words.split()[1]


def _first_line(process: "subprocess.Popen[str]", deadline_s: float) -> str:
    """The first line that ``process`` prints, or "" when it ends or the deadline passes before that."""
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], deadline_s)
    return process.stdout.readline().strip() if ready else ""


def stop(state: Path) -> bool:
    """End the local cloud that lives in ``state``; False when there was none."""
    about = running(state)
    if about is None:
        return False
    _end(int(about["pid"]))
    return True


def _end(pid: int) -> None:
    """SIGTERM, and SIGKILL to its whole process group when it has not gone by the deadline."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_DEADLINE_S
    while time.monotonic() < deadline:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def remember(state: Path) -> None:
    """Let later commands in this folder find the local cloud in ``state``."""
    HOME.mkdir(exist_ok=True)
    (HOME / "up").write_text(str(state.resolve()))


def forget() -> None:
    """Undo ``remember``."""
    (HOME / "up").unlink(missing_ok=True)


def fresh_folder(path: Path) -> Path:
    """``path``, empty."""
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    return path
