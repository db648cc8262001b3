"""The workers of one version of a function: found warm, or started; as many as may run at once."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable

from localcloud.background import later
from localcloud.lambdas.worker import INIT_TIMEOUT_S, Function, Invocation, Outcome, Worker

MACHINE_LIMIT = max(8, 4 * (os.cpu_count() or 1))  # processes of one function at once; a call beyond it waits
IDLE_S = 20.0  # an idle worker ends after this: it holds 15 to 35 MB, and its successor is forked in 40 ms


class Throttled(Exception):
    """The function's reserved concurrency is in use."""


class Pool:
    """All workers of one version of a function, as it is configured now."""

    def __init__(self, function: Function, reserved: int | None, start: Callable[[Function, Pool], Worker]) -> None:
        self.function = function
        self._reserved = reserved
        self._start = start
        self._changed = threading.Condition()
        self._idle: list[tuple[float, Worker]] = []
        self._looks = False  # at idle workers, when the oldest has been idle for long
        self._count = 0  # alive or starting
        self._warming = 0  # of these, started ahead of any call, which holds nothing of the concurrency
        self._closed = False

    def invoke(self, invocation: Invocation, *, wait: bool) -> Outcome:
        """Run one event. ``wait``: for a free worker, where the reserved concurrency would throttle.

        Raises:
            Throttled: the reserved concurrency is in use, and ``wait`` is false.
        """
        worker = self._take(wait=wait)
        try:
            return worker.run(invocation)
        finally:
            self._give_back(worker)

    def warm(self) -> None:
        """Start one worker and load the handler, if there is none yet."""
        with self._changed:
            if self._closed or self._count or self._reserved == 0:
                return
            self._count += 1
            self._warming += 1
        try:
            worker = self._started()
            worker.wait_until_ready(INIT_TIMEOUT_S)
        except BaseException:
            with self._changed:
                self._warming -= 1
            raise
        with self._changed:
            self._warming -= 1
            self._give_back(worker)

    def close(self) -> None:
        """End the idle workers now and the busy ones when they are done."""
        with self._changed:
            self._closed = True
            idle, self._idle = self._idle, []
            self._count -= len(idle)
            self._changed.notify_all()
        for _, worker in idle:
            worker.stop()

    def forget(self, worker: Worker) -> None:
        """The worker's process has ended."""
        with self._changed:
            kept = [entry for entry in self._idle if entry[1] is not worker]
            self._count -= len(self._idle) - len(kept)
            self._idle = kept
            self._changed.notify_all()

    def _take(self, *, wait: bool) -> Worker:
        with self._changed:
            while True:
                while self._idle:
                    worker = self._idle.pop()[1]
                    if worker.alive:
                        return worker
                    self._count -= 1
                if self._reserved is not None and self._count - self._warming >= self._reserved and not wait:
                    raise Throttled
                if self._count < min(MACHINE_LIMIT, MACHINE_LIMIT if self._reserved is None else self._reserved):
                    self._count += 1
                    break
                self._changed.wait()
        return self._started()

    def _started(self) -> Worker:
        try:
            return self._start(self.function, self)
        except BaseException:
            with self._changed:
                self._count -= 1
                self._changed.notify()
            raise

    def _give_back(self, worker: Worker) -> None:
        with self._changed:
            keep = worker.alive and not self._closed
            if keep:
                self._idle.append((time.monotonic(), worker))
                self._look_later()
            else:
                self._count -= 1
            self._changed.notify()
        if not keep:
            worker.stop()

    def _look_later(self) -> None:
        """Look for idle workers when the oldest has been idle for long; once, however many calls there are."""
        if not self._looks and self._idle:
            self._looks = True
            later(self._idle[0][0] + IDLE_S - time.monotonic(), self._end_idle)

    def _end_idle(self) -> None:
        now = time.monotonic()
        with self._changed:
            self._looks = False
            old = [entry for entry in self._idle if now - entry[0] >= IDLE_S]
            self._idle = [entry for entry in self._idle if entry not in old]
            self._count -= len(old)
            self._look_later()
        for _, worker in old:
            worker.stop()
