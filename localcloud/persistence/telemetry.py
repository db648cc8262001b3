"""Log events and metric data: what is appended is recorded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from moto.cloudwatch.models import Dimension, MetricDatum, MetricDatumBase, cloudwatch_backends
from moto.logs.models import LogEvent, LogStream, logs_backends

from localcloud import journaling

Values = tuple[tuple[str, float], ...]  # by name
Of = tuple[tuple[str, str], ...]  # dimensions: names and values


def record_lines(stream: LogStream, count: int) -> None:
    """The last ``count`` events of a stream are new; 0: the stream itself is."""
    if journaling.is_enabled():
        group = stream.log_group
        about = {name: value for name, value in vars(stream).items() if name not in ("log_group", "events")}
        new = stream.events[len(stream.events) - count :]
        journaling.record(add_lines, group.account_id, group.region, group.name, about, new)


def record_stream_deletion(account: str, region: str, group: str, stream: str) -> None:
    """A log stream was deleted."""
    journaling.record(drop_stream, account, region, group, stream)


def record_data(account: str, region: str, data: Sequence[MetricDatumBase]) -> None:
    """Metric data were appended in a region."""
    journaling.record(add_data, account, region, list(data))


def put_data(account: str, region: str, namespace: str, at: datetime, values: Values, *of: Of) -> None:
    """Append a datum of each value, for each set of dimensions, and record that; all of a set share its objects."""
    with journaling.LOCK:
        journaling.record(add_values, account, region, namespace, at, values, *of)
        add_values(account, region, namespace, at, values, *of)


@lru_cache(maxsize=1024)
def _dimensions(of: Of) -> list[Dimension]:
    return [Dimension(name, value) for name, value in of]


# --- redo


def add_values(account: str, region: str, namespace: str, at: datetime, values: Values, *of: Of) -> None:
    """Append a datum of each value, for each set of dimensions."""
    data = cloudwatch_backends[account][region].metric_data
    for one in of:
        for name, value in values:
            datum = MetricDatum(namespace, name, value, [], at)
            datum.dimensions = _dimensions(one)
            data.append(datum)


def add_lines(account: str, region: str, group: str, about: dict[str, object], lines: list[LogEvent]) -> None:
    """Append events to a stream, which is created if it does not exist."""
    found = logs_backends[account][region].groups.get(group)
    if found is None:
        return
    name = str(about["log_stream_name"])
    if name not in found.streams:
        found.streams[name] = LogStream(found, name)
    stream = found.streams[name]
    vars(stream).update(about)
    stream.events += lines


def drop_stream(account: str, region: str, group: str, stream: str) -> None:
    """Delete a stream."""
    found = logs_backends[account][region].groups.get(group)
    if found is not None:
        found.streams.pop(stream, None)


def add_data(account: str, region: str, data: list[MetricDatumBase]) -> None:
    """Append metric data."""
    cloudwatch_backends[account][region].metric_data += data


def resume() -> None:
    """New events get ids of their own."""
    ids = [
        line.event_id
        for regions in list(dict.values(logs_backends))
        for backend in list(dict.values(regions))
        for group in backend.groups.values()
        for stream in group.streams.values()
        for line in stream.events
    ]
    LogEvent._event_id = max([LogEvent._event_id, *(number + 1 for number in ids)])
