"""The lines of all log streams that are kept in memory: the last so many. The files of the streams keep them all."""

from __future__ import annotations

import threading
from collections import Counter, deque
from typing import Any

from moto.logs.models import LogStream, logs_backends

from localcloud.front import moto_patches

MOST_LINES = 100_000  # about 70 MB
SLACK = MOST_LINES // 100  # so that a stream is cut seldom: it is copied then

LOCK = threading.RLock()  # guards every stream's lines
_order: deque[tuple[LogStream, int]] = deque()  # who got how many lines, in the order in which they came
_count = 0
_put: Any = None


def install() -> None:
    """Forget the oldest lines from now on."""
    global _put  # one moto per process

    def put_log_events(self: LogStream, log_events: list[dict[str, Any]]) -> str:
        with LOCK:
            token: str = _put(self, log_events)
            _came(self, len(log_events))
        return token

    if _put is None:
        _put = moto_patches.replace("moto.logs.models:LogStream.put_log_events", put_log_events)


def resume() -> None:
    """Count the lines that are there."""
    for regions in list(dict.values(logs_backends)):
        for backend in list(dict.values(regions)):
            for group in backend.groups.values():
                for stream in group.streams.values():
                    with LOCK:
                        _came(stream, len(stream.events))


def _came(stream: LogStream, lines: int) -> None:
    global _count
    _order.append((stream, lines))
    _count += lines
    if _count > MOST_LINES + SLACK:
        gone: Counter[LogStream] = Counter()
        while _count > MOST_LINES:
            oldest, among = _order.popleft()
            gone[oldest] += among
            _count -= among
        for forgotten, number in gone.items():
            forgotten.events = forgotten.events[number:]
