"""Start and stop the local cloud: one process, found again through its state folder."""

import contextlib
import http.client
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from cli.errors import UserError
from cli.stack.target import HOME, LOOPBACK, remembered_state, running

START_DEADLINE_S = 60
STOP_DEADLINE_S = 20
ANSWER_DEADLINE_S = 10


def start(
    port: int,
    state: Path,
    host: str = LOOPBACK,
    *,
    enforce_iam: bool = False,
    keep: bool = False,
    more: Sequence[str] = (),
) -> tuple[subprocess.Popen[str], str]:
    """Start the local cloud and return its process and URL once it answers; port 0 takes a free one.

    With ``keep`` its state is saved in ``state``, and what was saved there goes on; ``more`` are words of its own
    command line.
    Its output goes to ``<state>/server.log``; the process lives until it is stopped, whoever started it.

    Raises:
        UserError: with the server's own words when it does not come up within ``START_DEADLINE_S``; or ``state``
            holds what no local cloud put there.
    """
    from localcloud.front import state_folder

    with _state_folder():
        state_folder.take(state)
    log = state / "server.log"
    log.touch(state_folder.PRIVATE_FILE)
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
        _end(process)
        raise
    if not words.startswith("ready "):
        _end(process)
        last = log.read_text().strip().splitlines()[-1:] or ["it printed nothing"]
        raise UserError(f"the local cloud did not start: {last[0]} (log: {log})")
    return process, words.split()[1]


def _end(process: "subprocess.Popen[str]") -> None:
    """End a process that did not come up, and what it was read through."""
    end(process.pid)
    process.wait()
    assert process.stdout is not None
    process.stdout.close()


def _first_line(process: "subprocess.Popen[str]", deadline_s: float) -> str:
    """The first line that ``process`` prints, or "" when it ends or the deadline passes before that."""
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], deadline_s)
    return process.stdout.readline().strip() if ready else ""


def stop(state: Path) -> bool:
    """End the local cloud that lives in ``state``; False when there was none.

    Raises:
        UserError: something lives there that does not answer as the local cloud that its files speak of.
    """
    about = running(state)
    if about is None:
        return False
    if not _answers(about):
        raise UserError(
            f"{state} is in use, but not by what answers at {about['url']}: process {about['pid']} may be any, and is "
            f"left alone; see what holds {state / 'server.lock'}, and end that"
        )
    end(int(about["pid"]))
    return True


def _answers(about: dict[str, Any]) -> bool:
    """Whether the process that ``about`` names is the one that answers at its address."""
    try:
        health = json.loads(_page(about["url"], "/_localcloud/health"))
    except (OSError, http.client.HTTPException, ValueError):
        return False
    return isinstance(health, dict) and all(health.get(key) == about.get(key) for key in ("pid", "start"))


def _page(url: str, path: str) -> bytes:
    """A page of a local cloud, past whatever proxy the environment names."""
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=ANSWER_DEADLINE_S)
    try:
        connection.request("GET", path)
        return connection.getresponse().read()
    finally:
        connection.close()


def end(pid: int) -> None:
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


def bring_down(state: Path | None) -> bool:
    """End the local cloud of ``state`` (None: the last one); False when there was none."""
    last = remembered_state()
    stopped = stop(state or last)
    if state is None or state.resolve() == last.resolve():
        forget()
    return stopped


def fresh_folder(path: Path) -> Path:
    """``path``, empty.

    Raises:
        UserError: it was not made here, or a local cloud lives in it.
    """
    from localcloud.front import state_folder

    with _state_folder():
        state_folder.empty(path)
    return path


@contextlib.contextmanager
def _state_folder() -> Iterator[None]:
    from localcloud.front import state_folder

    try:
        yield
    except state_folder.NotOurs as error:
        raise UserError(str(error)) from error
