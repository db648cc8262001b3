"""Holds workers to their function's memory: a process over it is killed, as Lambda does."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from localcloud.background import spawn

SAMPLE_S = 0.05
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
MB = 1 << 20


class Process(Protocol):
    """A worker, as this module sees it."""

    pid: int
    function: Any

    def kill(self, reason: str) -> None:
        """End it now."""


class _Guard:
    """One thread for all busy workers; it sleeps while none is."""

    def __init__(self) -> None:
        self._busy: set[Process] = set()
        self._changed = threading.Condition()
        self._running = False

    def add(self, worker: Process) -> None:
        with self._changed:
            self._busy.add(worker)
            if not self._running:
                self._running = True
                spawn(self._watch)
            self._changed.notify()

    def remove(self, worker: Process) -> None:
        with self._changed:
            self._busy.discard(worker)

    def _watch(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._busy))
                self._changed.wait_for(lambda: not self._busy, timeout=SAMPLE_S)
                busy = list(self._busy)
            for worker in busy:
                if (_resident_bytes(worker.pid) or 0) > worker.function.memory_mb * MB:
                    worker.kill("memory")


_GUARD = _Guard()


@contextmanager
def watched(worker: Process) -> Iterator[None]:
    """Kill the worker with the reason "memory" if it grows too large in here (seen every 50 ms; Linux only)."""
    _GUARD.add(worker)
    try:
        yield
    finally:
        _GUARD.remove(worker)


def peak_mb(pid: int) -> int | None:
    """The most memory the process has had, where the system tells."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return None
    peak = next((line for line in status.splitlines() if line.startswith("VmHWM:")), None)
    return int(peak.split()[1]) // 1024 if peak else None


def _resident_bytes(pid: int) -> int | None:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * PAGE_BYTES
    except OSError:
        return None
