"""Starts what jobs and endpoints run, hears its output, ends it: in forks of a warm process, images in an engine."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from localcloud.containers import sandbox
from localcloud.containers.engine import Engine
from localcloud.containers.tasks import Running, Task, lines_of
from localcloud.containers.warm import kill_group

INHERITED = ("TMPDIR", "TZ", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")

# Spinning threads starve the other processes of a small machine; a short spin is cheaper than going to sleep.
# Source: https://gcc.gnu.org/onlinedocs/libgomp/GOMP_005fSPINCOUNT.html
QUIET_THREADS = {"OMP_WAIT_POLICY": "passive", "GOMP_SPINCOUNT": "300"}


class Forked:
    """A task in a fork of the warm process. Lines of its output come as they are written; the end comes once."""

    def __init__(self, output: int, report: int) -> None:
        self._output = output
        self._report = open(report, "rb", buffering=0)  # noqa: SIM115
        started = json.loads(self._report.readline() or b"{}")
        self.pid: int | None = started.get("pid")
        self.view = sandbox.View(started.get("view", sandbox.View.NONE))
        self._code: int | None = None
        self._ending = threading.Lock()

    def chunks(self) -> Iterator[list[str]]:
        """The output's complete lines, as many as are there each time, until every writer has closed it."""
        return lines_of(self._output)

    def wait(self, timeout_s: float | None = None) -> int | None:
        """The exit code (negative: the signal that ended it); None when it still runs after ``timeout_s``."""
        if self._code is None and self._reported(timeout_s):
            with self._ending:
                if self._code is None:
                    line = self._report.readline()
                    self._code = int(json.loads(line)["exit"]) if line else -signal.SIGKILL
                    self._report.close()
        return self._code

    def _reported(self, timeout_s: float | None) -> bool:
        try:
            return bool(select.select([self._report], [], [], timeout_s)[0])
        except ValueError:  # another thread has read the end and closed it
            return True

    def signal(self, number: int) -> None:
        """Signal its whole process group; a child that is so new that it leads none yet, by itself."""
        if self.pid is not None:
            kill_group(self.pid, number, or_alone=self._code is None)


class Launcher:
    """Keeps one warm process and starts tasks in it; a warm process that died is replaced at the next start.

    A task that names an image is started by the container engine, whose containers are known by ``state``.
    """

    def __init__(self, view: sandbox.View | None = None, state: Path | None = None) -> None:
        self.engine = Engine(state or Path(tempfile.gettempdir()))
        self._view = view  # None: the strongest that this machine grants
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    @property
    def process_id(self) -> int | None:
        """The warm process's; None before the first start."""
        return self._process.pid if self._process is not None else None

    def warm_up(self) -> None:
        """Start the warm process; it imports while the caller goes on."""
        with self._lock:
            self._connect()

    def start(self, task: Task) -> Running:
        """Start ``task`` with nothing of this process's environment but PATH and the like."""
        return self.engine.start(task, task.container) if task.container is not None else self._fork(task)

    def _fork(self, task: Task) -> Forked:
        home = task.opt_ml.with_name("home")  # beside what a job sees as /opt/ml, and gone with it
        home.mkdir(parents=True, exist_ok=True)
        request = {
            "env": _bare_environment() | {"PYTHONUNBUFFERED": "1", "HOME": str(home)} | dict(task.env),
            "cwd": str(task.opt_ml),
            "opt_ml": str(task.opt_ml),
            "command": list(task.command),
            "call": task.call,
        }
        output, theirs = os.pipe()
        report, their_report = os.pipe()
        body = json.dumps(request).encode()
        try:
            with self._lock:
                try:
                    _ask(self._connect(), body, [theirs, their_report])
                except BrokenPipeError:  # it has just died
                    self._drop()
                    _ask(self._connect(), body, [theirs, their_report])
        finally:
            os.close(theirs)
            os.close(their_report)
        return Forked(output, report)

    def close(self) -> None:
        """End the warm process, and with it every task, and every container."""
        self.engine.close()
        with self._lock:
            self._drop()

    def _drop(self) -> None:
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            end(self._process)
        self._process = self._control = None

    def _connect(self) -> socket.socket:
        if self._control is not None and self._process is not None and self._process.poll() is None:
            return self._control
        self._drop()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        root = Path(__file__).parents[2]
        self._process = subprocess.Popen(
            [sys.executable, "-s", "-m", "localcloud.containers.warm", str(theirs.fileno()), self._view or ""],
            pass_fds=[theirs.fileno()],
            env=_bare_environment() | {"PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1", **QUIET_THREADS},
            stdin=subprocess.DEVNULL,
            cwd=root,
        )
        theirs.close()
        self._control = ours
        return ours


def _bare_environment() -> dict[str, str]:
    """What every process of a container starts with: this Python first on the PATH, nothing of the user's own."""
    folders = [str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]
    found = {name: os.environ[name] for name in INHERITED if name in os.environ}
    found |= {"PATH": os.pathsep.join(folders), "HOME": tempfile.gettempdir()}
    return found | {"LANG": "C.UTF-8", "PYTHONNOUSERSITE": "1"}


def _ask(control: socket.socket, body: bytes, descriptors: list[int]) -> None:
    socket.send_fds(control, [struct.pack("!I", len(body))], descriptors)
    control.sendall(body)


def end(process: subprocess.Popen[bytes], grace_s: float = 3) -> None:
    """SIGTERM, then SIGKILL."""
    process.terminate()
    deadline = time.monotonic() + grace_s
    try:
        process.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
