"""What a worker prints: into CloudWatch Logs, into a file, and the tail of each invocation to its caller."""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Sequence
from contextlib import suppress

from localcloud.background import spawn
from localcloud.watch import logs

_shipping: queue.SimpleQueue[tuple[str, str, list[str]]] = queue.SimpleQueue()
_shipper = threading.Lock()
_shipper_runs = False


def _ship() -> None:
    while True:
        group, stream, lines = _shipping.get()
        logs.write(group, stream, lines)


def _start_shipper() -> None:
    global _shipper_runs
    with _shipper:
        if not _shipper_runs:
            _shipper_runs = True
            spawn(_ship)


class Output:
    """One worker's output. ``writer`` is the descriptor that the process inherits."""

    def __init__(self, group: str, stream: str) -> None:
        self._group = group
        self._stream = stream
        self._reader, self.writer = os.pipe()
        os.set_blocking(self._reader, False)
        self._lock = threading.Lock()
        self._unfinished = b""
        self._tail: list[str] | None = None
        _start_shipper()

    def begin(self) -> None:
        """The process has its end; read until it ends."""
        os.close(self.writer)
        spawn(self._read_on)

    def start(self, request_id: str, version: str) -> Sequence[str]:
        """Begin an invocation. The answer grows as its lines come in, until ``finish``."""
        self._drain()
        with self._lock:
            tail: list[str] = []
            self._tail = tail
        self.say(f"START RequestId: {request_id} Version: {version}")
        return tail

    def finish(self, request_id: str, report: str) -> None:
        """End an invocation: all that the process has written until now belongs to it."""
        self._drain(whole=True)
        self.say(f"END RequestId: {request_id}", report)
        with self._lock:
            self._tail = None

    def say(self, *lines: str) -> None:
        """Add lines of the platform's own, after all that the process has written until now."""
        self._drain(whole=True)
        with self._lock:
            self._add(list(lines))

    def close(self) -> None:
        """The process has ended."""
        self._drain(whole=True)

    def _read_on(self) -> None:
        import select

        while True:
            select.select([self._reader], [], [])
            if not self._drain():
                break
        with self._lock:
            os.close(self._reader)
            self._reader = -1

    def _drain(self, *, whole: bool = False) -> bool:
        """Take what is there; ``whole``: an unfinished last line counts as one. False at the end."""
        with self._lock:
            more = self._read_available()
            *lines, self._unfinished = self._unfinished.split(b"\n")
            if (whole or not more) and self._unfinished:
                lines.append(self._unfinished)
                self._unfinished = b""
            # The runtime joins the lines of one error by carriage returns, so that they stay one event.
            self._add([line.decode(errors="replace").replace("\r", "\n") for line in lines])
            return more

    def _read_available(self) -> bool:
        if self._reader < 0:
            return False
        with suppress(BlockingIOError):
            while data := os.read(self._reader, 1 << 16):
                self._unfinished += data
            return False
        return True

    def _add(self, lines: list[str]) -> None:
        if lines:
            if self._tail is not None:
                self._tail += lines
            _shipping.put((self._group, self._stream, lines))
