"""What the pages show, as moto keeps it."""

from __future__ import annotations

from typing import Any, NamedTuple

from moto.awslambda.models import lambda_backends
from moto.logs.models import logs_backends
from moto.s3.models import s3_backends
from moto.sqs.models import sqs_backends

MOST_LINES, MOST_STREAMS = 200, 5
PARTITION = "aws"


class Queue(NamedTuple):
    """A queue, and how deep it is."""

    name: str
    waiting: int
    in_flight: int
    delayed: int


class Bucket(NamedTuple):
    """A bucket, and what lies in it now."""

    name: str
    objects: int
    size_bytes: int


class Group(NamedTuple):
    """A log group."""

    name: str
    streams: int
    last_at: int  # milliseconds; 0 where it has no line


def queues(account: str, region: str) -> list[Queue]:
    """All queues, by name."""
    found = list(sqs_backends[account][region].queues.values())
    rows = [
        Queue(
            one.name, one.approximate_number_of_messages, one.approximate_number_of_messages_not_visible,
            one.approximate_number_of_messages_delayed,
        )
        for one in found
    ]  # fmt: skip
    return sorted(rows)


def buckets(account: str) -> list[Bucket]:
    """All buckets, by name."""
    found = list(s3_backends[account][PARTITION].buckets.values())
    return sorted(_bucket(one) for one in found)


def _bucket(bucket: Any) -> Bucket:
    objects = list(bucket.keys.values())
    return Bucket(bucket.name, len(objects), sum(getattr(one, "size", 0) for one in objects))


def groups(account: str, region: str) -> list[Group]:
    """All log groups, the one that was written last first."""
    found = list(logs_backends[account][region].groups.values())
    return sorted(map(_group, found), key=lambda one: (-one.last_at, one.name))


def _group(group: Any) -> Group:
    streams = list(group.streams.values())
    return Group(group.name, len(streams), max(map(_last_at, streams), default=0))


def _last_at(stream: Any) -> int:
    events = stream.events[-1:]
    return int(events[0].timestamp) if events else 0


def last_lines(account: str, region: str, name: str) -> list[tuple[str, list[str]]] | None:
    """The last lines of a group's newest streams, by stream; None where there is no such group."""
    group = logs_backends[account][region].groups.get(name)
    if group is None:
        return None
    newest = sorted(group.streams.copy().items(), key=lambda one: _last_at(one[1]), reverse=True)[:MOST_STREAMS]
    return [(stream, [event.message for event in kept.events[-MOST_LINES:]]) for stream, kept in newest]


def functions(account: str, region: str) -> list[str]:
    """The names of all functions."""
    return sorted(one.function_name for one in lambda_backends[account][region].list_functions())
