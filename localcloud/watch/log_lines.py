"""The log events in memory: recorded for the next start, and limited to the latest. The files have all of them."""

from __future__ import annotations

from collections import Counter, deque
from typing import Any

from moto.logs.models import LogGroup, LogStream, logs_backends

from localcloud import journaling
from localcloud.front import moto_patches
from localcloud.persistence import telemetry

MODELS = "moto.logs.models"
MOST_LINES = 100_000  # about 70 MB
SLACK = MOST_LINES // 100  # so that a stream is cut seldom: it is copied then

_order: deque[tuple[LogStream, int]] = deque()  # who got how many lines, in the order in which they came
_count = 0
_patched = False


def install() -> None:
    """Record log events, and drop the oldest, from now on."""
    global _patched  # one moto per process
    if not _patched:
        _patched = True
        _record_lines()
        _record_streams()


def _record_lines() -> None:
    def put_log_events(self: LogStream, log_events: list[dict[str, Any]]) -> str:
        with journaling.LOCK:
            before = len(self.events)
            token: str = original(self, log_events)
            telemetry.record_lines(self, len(self.events) - before)
            _came(self, len(self.events) - before)
        return token

    original = moto_patches.replace(f"{MODELS}:LogStream.put_log_events", put_log_events)


def _record_streams() -> None:
    def create_log_stream(self: LogGroup, log_stream_name: str) -> None:
        original_create(self, log_stream_name)
        telemetry.record_lines(self.streams[log_stream_name], 0)

    def delete_log_stream(self: LogGroup, log_stream_name: str) -> None:
        original_delete(self, log_stream_name)
        telemetry.record_stream_deletion(self.account_id, self.region, self.name, log_stream_name)

    original_create = moto_patches.replace(f"{MODELS}:LogGroup.create_log_stream", create_log_stream)
    original_delete = moto_patches.replace(f"{MODELS}:LogGroup.delete_log_stream", delete_log_stream)


def resume() -> None:
    """Count the lines that are there."""
    for regions in list(dict.values(logs_backends)):
        for backend in list(dict.values(regions)):
            for group in backend.groups.values():
                for stream in group.streams.values():
                    with journaling.LOCK:
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
