"""The server's end of forker.py: asks for workers and hears of their ends."""

from __future__ import annotations

import itertools
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import Any

from localcloud.background import spawn

log = logging.getLogger(__name__)
SCRIPT = Path(__file__).with_name("worker_process.py")
START_TIMEOUT_S = 30.0


class Prefork:
    """One pre-imported process, started on first need, and again if it dies."""

    def __init__(self, runtime: Path, log_file: Path) -> None:
        self._runtime = runtime
        self._log_file = log_file
        self._lock = threading.Lock()
        self._ids = itertools.count(1)
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._starting: dict[int, Future[int]] = {}
        self._watchers: dict[int, Callable[[int], None]] = {}
        self._pids: dict[int, int] = {}

    def start(self) -> None:
        """Start the process now, so that the first function need not wait for it."""
        with self._lock:
            self._connect()

    def fork(self, request: dict[str, Any], output: int, ended: Callable[[int], None]) -> int:
        """A new worker's pid. ``ended`` is called once with its exit status (negative: the signal)."""
        started: Future[int] = Future()
        with self._lock:
            control = self._connect()
            number = next(self._ids)
            self._starting[number] = started
            self._watchers[number] = ended
            line = json.dumps({**request, "worker": number, "runtime": str(self._runtime)}).encode() + b"\n"
            sent = socket.send_fds(control, [line], [output])
            if sent < len(line):
                control.sendall(line[sent:])
        return started.result(START_TIMEOUT_S)

    def stop(self) -> None:
        """End it and every worker."""
        with self._lock:
            process, control, self._process, self._control = self._process, self._control, None, None
            pids = list(self._pids)
        for pid in pids:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)
        if control is not None:
            with suppress(OSError):
                control.shutdown(socket.SHUT_RDWR)
            control.close()
        if process is not None:
            try:
                process.wait(2)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _connect(self) -> socket.socket:
        if self._control is None:
            ours, theirs = socket.socketpair()
            self._log_file.parent.mkdir(parents=True, exist_ok=True)
            python = getattr(sys, "_base_executable", sys.executable)  # the venv's launcher would add its packages
            with theirs, self._log_file.open("ab") as output:
                self._process = subprocess.Popen(
                    [python, "-I", "-S", str(SCRIPT), str(self._runtime), str(theirs.fileno())],
                    pass_fds=[theirs.fileno()],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    env={"PATH": os.defpath, "LANG": "en_US.UTF-8", "TZ": "UTC"},
                    start_new_session=True,
                )
            self._control = ours
            spawn(self._listen, ours)
        return self._control

    def _listen(self, control: socket.socket) -> None:
        with suppress(OSError), control.makefile("rb") as lines:
            for line in lines:
                self._hear(json.loads(line))
        self._lost(control)

    def _hear(self, message: dict[str, Any]) -> None:
        if "worker" in message:
            with self._lock:
                self._pids[message["pid"]] = message["worker"]
                started = self._starting.pop(message["worker"])
            started.set_result(message["pid"])
        else:
            with self._lock:
                ended = self._watchers.pop(self._pids.pop(message["exited"]))
            ended(message["status"])

    def _lost(self, control: socket.socket) -> None:
        with self._lock:
            unexpected = self._control is control
            if unexpected:
                self._control = None
            starting, watchers = list(self._starting.values()), list(self._watchers.values())
            self._starting.clear()
            self._watchers.clear()
            self._pids.clear()
        if unexpected:
            log.error("the process that Lambda workers are forked from has ended; see %s", self._log_file)
        for future in starting:
            future.set_exception(RuntimeError(f"no Lambda worker could be started; see {self._log_file}"))
        for ended in watchers:
            ended(-signal.SIGKILL)
