"""The agenda: what happens when, in simulated time. Nothing sleeps; between two entries no time passes."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import UTC, datetime

START = datetime(2026, 3, 14, 10, 0, tzinfo=UTC).timestamp()


class Agenda:
    """Entries in order of their time. A timer (a timeout, a schedule) is no work: waiting for it is quiescence."""

    def __init__(self) -> None:
        self.now = START
        self._entries: list[tuple[float, int, bool, str, Callable[[], object]]] = []
        self._number = 0
        self.work = 0

    @property
    def at(self) -> datetime:
        """The time, as AWS and the app know it."""
        return datetime.fromtimestamp(self.now, UTC)

    def later(self, delay_s: float, what: str, act: Callable[[], object], timer: bool = False) -> None:
        """Do ``act`` after ``delay_s``."""
        self._number += 1
        self.work += not timer
        heapq.heappush(self._entries, (self.now + delay_s, self._number, timer, what, act))

    def due(self, before: float) -> bool:
        """Whether an entry is due before this time."""
        return bool(self._entries) and self._entries[0][0] <= before

    def next_at(self) -> float | None:
        """When the next entry is due."""
        return self._entries[0][0] if self._entries else None

    def step(self) -> None:
        """Do what is due next, at its time."""
        at, _, timer, _, act = heapq.heappop(self._entries)
        self.now = max(self.now, at)
        self.work -= not timer
        act()

    def run_until(self, at: float) -> None:
        """Do all that is due until then."""
        while self.due(at):
            self.step()
        self.now = max(self.now, at)
