"""Which functions get a worker before they are called: none in a cloud at rest, all of a stack once two of it were.

A worker holds 15 MB, and starting it takes 80 ms of a processor. One function alone is a schedule's, which says nothing
about the others; two of one stack are something that goes on, and what goes on calls more of this stack.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Generic, TypeVar

F = TypeVar("F")
AWAKE = 2  # functions that were called lately


class Ahead(Generic[F]):
    """The functions that there are, by stack and ARN, and when each was last called; safe across threads."""

    def __init__(self, rest_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rest_s = rest_s
        self._clock = clock
        self._lock = threading.Lock()
        self._functions: defaultdict[str, dict[str, F]] = defaultdict(dict)
        self._called: defaultdict[str, dict[str, float]] = defaultdict(dict)

    def add(self, arn: str, function: F) -> list[F]:
        """There is a function, new or changed: whom to start now."""
        stack = stack_of(arn)
        with self._lock:
            self._functions[stack][arn] = function
            return [function] if self._is_awake(stack) else []

    def call(self, arn: str) -> list[F]:
        """A function is called: whom to start now."""
        stack = stack_of(arn)
        with self._lock:
            was_awake = self._is_awake(stack)
            self._called[stack][arn] = self._clock()
            return list(self._functions[stack].values()) if self._is_awake(stack) and not was_awake else []

    def drop(self, arn: str) -> None:
        """A function is gone."""
        stack = stack_of(arn)
        with self._lock:
            self._functions[stack].pop(arn, None)
            self._called[stack].pop(arn, None)

    def _is_awake(self, stack: str) -> bool:
        since = self._clock() - self._rest_s
        return sum(at > since for at in self._called[stack].values()) >= AWAKE


def stack_of(arn: str) -> str:
    """The stack that a function's name begins with; of one that no stack made, the name.

    Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-name.html
    """
    name = arn.split(":")[6]
    stack, *rest = name.rsplit("-", 2)
    return stack if len(rest) == 2 else name
