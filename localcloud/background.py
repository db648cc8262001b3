"""Work that nobody waits for: now, or after a delay. A failure is logged, never lost."""

from __future__ import annotations

import heapq
import itertools
import logging
import signal
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import ParamSpec

P = ParamSpec("P")
log = logging.getLogger(__name__)


def spawn(fn: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> threading.Thread:
    """Run ``fn`` in a daemon thread of its own."""
    thread = threading.Thread(
        target=guarded, args=(fn, args, kwargs), daemon=True, name=getattr(fn, "__qualname__", repr(fn))
    )
    thread.start()
    return thread


def guarded(fn: Callable[..., object], args: tuple[object, ...], kwargs: dict[str, object]) -> None:
    """Run ``fn``; a failure is logged."""
    try:
        fn(*args, **kwargs)
    except Exception:  # nobody above could hear of it
        log.exception("background work failed: %s", getattr(fn, "__qualname__", fn))


@dataclass(order=True)
class Later:
    """A call that is due at a monotonic time."""

    due: float
    order: int
    call: Callable[[], object] = field(compare=False)


class Clock:
    """Starts calls when they are due, each in its own thread."""

    def __init__(self) -> None:
        self._due: list[Later] = []
        self._changed = threading.Condition()
        self._order = itertools.count()
        self._running = False

    def at(self, due: float, call: Callable[[], object]) -> None:
        """Start ``call`` at the monotonic time ``due``."""
        entry = Later(due, next(self._order), call)
        with self._changed:
            heapq.heappush(self._due, entry)
            if not self._running:
                self._running = True
                spawn(self._run)
            self._changed.notify()

    def _run(self) -> None:
        while True:
            spawn(self._next().call)

    def _next(self) -> Later:
        with self._changed:
            while True:
                wait_s = self._due[0].due - time.monotonic() if self._due else None
                if wait_s is not None and wait_s <= 0:
                    return heapq.heappop(self._due)
                self._changed.wait(wait_s)


_CLOCK = Clock()


def later(delay_s: float, fn: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> None:
    """Run ``fn`` in a thread of its own after ``delay_s`` seconds."""
    _CLOCK.at(time.monotonic() + delay_s, lambda: fn(*args, **kwargs))


class _Lines:
    """Calls that keep their order per key; keys do not wait for each other."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[Hashable, deque[Callable[[], object]]] = {}

    def add(self, key: Hashable, call: Callable[[], object]) -> None:
        with self._lock:
            running = key in self._waiting
            self._waiting.setdefault(key, deque()).append(call)
        if not running:
            spawn(self._run, key)

    def _run(self, key: Hashable) -> None:
        while True:
            with self._lock:
                if not self._waiting[key]:
                    del self._waiting[key]
                    return
                call = self._waiting[key].popleft()
            guarded(call, (), {})


_LINES = _Lines()


def in_order(key: Hashable, fn: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> None:
    """Run ``fn`` in the background, after all that was given with the same key before."""
    _LINES.add(key, lambda: fn(*args, **kwargs))


def hear(*numbers: signal.Signals) -> socket.socket:
    """Hear signals from now on: what is returned can be read once one has come, whichever thread the system gave it to.
    A main thread that waits for an event is woken by a signal of its own only, and would wait on. Call it from there.

    Source: https://docs.python.org/3/library/signal.html#signal.set_wakeup_fd
    """
    heard, told = socket.socketpair()
    told.setblocking(False)
    signal.set_wakeup_fd(told.detach())
    for number in numbers:
        signal.signal(number, lambda *_: None)  # that it came is all that is told
    return heard
