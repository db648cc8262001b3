"""The containers of a moto service whose contents are recorded one by one, each with a name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from moto.s3.utils import _VersionedKeyStore

from localcloud.persistence import backends
from localcloud.recent import Recent

Name = tuple[str, ...]  # the owner, and its attribute
Named = Iterator[tuple[Name, Any]]
MOST_DELETED = 10_000  # receipts of deleted messages that a queue still knows; AWS says nothing of how long

FRESH: Mapping[str, Callable[[], Any]] = {
    "keys": _VersionedKeyStore,
    "multiparts": dict,
    "_messages": list,
    "_pending_messages": set,
    "deleted_messages": lambda: Recent(MOST_DELETED),
    "sent_notifications": list,
    "items": lambda: defaultdict(dict),
    "stream": list,
    "streams": dict,
    "executions": list,
    "metric_data": list,
    "paged_metric_data": dict,
    "_pagination_tokens": lambda: Recent(MOST_DELETED),
}


def of(place: str, backend: Any) -> dict[Name, Any]:
    """A backend's containers by name."""
    return dict(_KINDS.get(service_of(place), lambda _: iter(()))(backend))


def service_of(place: str) -> str:
    """moto's name of the service at a place: "moto.sqs.models:sqs_backends" is "sqs"."""
    return place.split(".")[1]


def named(place: str, account: str, region: str, *name: str) -> Any:
    """The container of that name; a new one if there is none."""
    found = of(place, backends.named(place, account, region))
    return found[name] if name in found else FRESH[name[-1]]()


def _attributes(things: Mapping[str, Any], *attributes: str) -> Named:
    for name, thing in list(things.items()):
        for attribute in attributes:
            yield (name, attribute), getattr(thing, attribute)


def _s3(backend: Any) -> Named:
    yield ("_pagination_tokens",), backend._pagination_tokens
    yield from _attributes(backend.buckets, "keys", "multiparts")


def _sqs(backend: Any) -> Named:
    return _attributes(backend.queues, "_messages", "_pending_messages", "deleted_messages")


def _dynamodb(backend: Any) -> Named:
    yield from _attributes(backend.tables, "items")
    for name, table in list(backend.tables.items()):
        if table.stream_shard is not None:
            yield (name, "stream"), table.stream_shard.items


def _cloudwatch(backend: Any) -> Named:
    yield ("metric_data",), backend.metric_data
    yield ("paged_metric_data",), backend.paged_metric_data


def _stepfunctions(backend: Any) -> Named:
    for machine in list(backend.state_machines):
        yield (machine.arn, "executions"), machine.executions


_KINDS: Mapping[str, Callable[[Any], Named]] = {
    "s3": _s3,
    "sqs": _sqs,
    "sns": lambda backend: _attributes(backend.topics, "sent_notifications"),
    "dynamodb": _dynamodb,
    "logs": lambda backend: _attributes(backend.groups, "streams"),
    "cloudwatch": _cloudwatch,
    "stepfunctions": _stepfunctions,
}
