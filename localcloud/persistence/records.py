"""The records of this package's parts: nested dictionaries, of which each record is written when it has changed.

A record in a final state is compared again only when a request names it: a thousand runs leave thousands of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from localcloud import journaling

Path = tuple[Any, ...]  # the keys of the nested dictionaries; the last one is the record's
_loaded: dict[str, Any] = {}  # the state that is being loaded, by part


@contextmanager
def as_loaded(parts: dict[str, Any]) -> Iterator[None]:
    """Within the block, ``put`` and ``drop`` change ``parts``."""
    global _loaded
    _loaded = parts
    try:
        yield
    finally:
        _loaded = {}


def install(parts: Mapping[str, ModuleType], loaded: Mapping[str, Any], dumps: Callable[[Any], bytes]) -> None:
    """Record the records of each part that declares a service (RECORDS_OF), when that service is flushed.

    ``loaded`` is the state that was restored, by part: what is final there is not recorded again.
    """
    for name, part in parts.items():
        if hasattr(part, "RECORDS_OF"):
            recorded = _Recorded(name, part, dumps)
            recorded.know(loaded.get(name, {}))
            journaling.on_flush(part.RECORDS_OF, recorded.flush)


class _Recorded:
    """What was recorded of one part."""

    def __init__(self, name: str, part: ModuleType, dumps: Callable[[Any], bytes]) -> None:
        self._name = name
        self._part = part
        self._dumps = dumps
        self._digests: dict[Path, bytes] = {}
        self._ended: set[Path] = set()

    def know(self, state: Mapping[str, Any]) -> None:
        """The records of ``state`` are saved already: those in a final state need no look."""
        for path, record in _leaves(state, self._part.RECORDS_DEPTH):
            self._digests[path] = b""
            if self._part.has_ended(path, record):
                self._ended.add(path)

    def flush(self, body: str) -> None:
        """Record every record that has changed; those in a final state are compared only if ``body`` names them."""
        found = dict(_leaves(self._part.snapshot_state(), self._part.RECORDS_DEPTH))
        for path in self._digests.keys() - found.keys():
            self._forget(path)
        for path, record in found.items():
            if path not in self._ended or _is_named(path[-1], body):
                self._compare(path, record)

    def _compare(self, path: Path, record: Any) -> None:
        digest = hashlib.sha256(self._dumps(record)).digest()
        if self._digests.get(path) != digest:
            journaling.record(put, self._name, path, record)
            self._digests[path] = digest
        if self._part.has_ended(path, record):
            self._ended.add(path)
        else:
            self._ended.discard(path)

    def _forget(self, path: Path) -> None:
        journaling.record(drop, self._name, path)
        del self._digests[path]
        self._ended.discard(path)


def _is_named(key: Any, body: str) -> bool:
    """Whether a request's body may mean the record: by its name, its ARN or the resource part of the ARN."""
    name = str(key[-1] if isinstance(key, tuple) else key)
    return bool(body) and (name in body or (name.startswith("arn:") and name.partition("/")[2] in body))


def _leaves(value: Any, depth: int, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    for name, part in value.items():
        if depth == 1:
            yield (*path, name), part
        else:
            yield from _leaves(part, depth - 1, (*path, name))


# --- redo


def put(part: str, path: Path, record: Any) -> None:
    """Restore a record."""
    _place(part, path)[path[-1]] = record


def drop(part: str, path: Path) -> None:
    """Delete a record."""
    _place(part, path).pop(path[-1], None)


def loaded(part: str, path: Path) -> Any:
    """A record of the state that is being loaded, to change it."""
    return _place(part, path)[path[-1]]


def _place(part: str, path: Path) -> dict[str, Any]:
    place: dict[str, Any] = _loaded.setdefault(part, {})
    for name in path[:-1]:
        place = place.setdefault(name, {})
    return place
