"""Which functions get a worker before they are called: none in a cloud at rest, all of them once two were called.

A worker holds 15 MB. One function alone is a schedule's, which says nothing about the others; two are something that
goes on, and what goes on calls more.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

F = TypeVar("F")
AWAKE = 2  # functions that were called lately


class Ahead(Generic[F]):
    """The functions that there are, by ARN, and when each was last called; safe across threads."""

    def __init__(self, rest_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rest_s = rest_s
        self._clock = clock
        self._lock = threading.Lock()
        self._functions: dict[str, F] = {}
        self._called: dict[str, float] = {}

    def add(self, arn: str, function: F) -> list[F]:
        """There is a function, new or changed: whom to start now."""
        with self._lock:
            self._functions[arn] = function
            return [function] if self._is_awake() else []

    def call(self, arn: str) -> list[F]:
        """A function is called: whom to start now."""
        with self._lock:
            was_awake = self._is_awake()
            self._called[arn] = self._clock()
            return list(self._functions.values()) if self._is_awake() and not was_awake else []

    def drop(self, arn: str) -> None:
        """A function is gone."""
        with self._lock:
            self._functions.pop(arn, None)
            self._called.pop(arn, None)

    def _is_awake(self) -> bool:
        since = self._clock() - self._rest_s
        return sum(at > since for at in self._called.values()) >= AWAKE
