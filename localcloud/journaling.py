"""The write-ahead journal as the parts see it: a change is recorded before anybody can observe it.

Whoever changes something records how to redo it: a function of a module and its arguments. The record is written
before ``record`` returns, so an answer that is sent afterwards promises nothing that a killed process could lose.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any, ParamSpec

P = ParamSpec("P")
Redo = Callable[..., object]
# What is found rather than written, by id: a function, and its arguments.
References = Mapping[int, tuple[Any, ...]]
Writer = Callable[[Redo, tuple[Any, ...], References], None]
Flusher = Callable[[str], None]


class _Request(threading.local):
    """What to do once the request of this thread is recorded; None: this thread answers no request."""

    acts: list[Callable[[], object]] | None = None


_request = _Request()
LOCK = threading.RLock()  # held while a record is written, and by those whose change and record have to be atomic
_write: Writer | None = None
_flushers: dict[str, Flusher] = {}


def write_to(writer: Writer | None) -> None:
    """Write every record to ``writer`` from now on; None: nothing is recorded."""
    global _write
    _write = writer


def is_enabled() -> bool:
    """Whether records are written."""
    return _write is not None


def record(redo: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> None:
    """Write a change: ``redo(*args)`` restores it in a new process."""
    record_with({}, redo, *args, **kwargs)


def record_with(references: References, redo: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> None:
    """The same, where parts of ``args`` are written as references to what the new process has already."""
    if kwargs:
        raise TypeError("the arguments of a record are positional")
    if _write is not None:
        with LOCK:
            _write(redo, args, references)


def on_flush(service: str, flusher: Flusher) -> None:
    """``flusher`` finds and records what has changed in a service; it is given the body of the request."""
    _flushers[service] = flusher


def flushable() -> list[str]:
    """The services that have a flusher."""
    return list(_flushers)


def flush(service: str, body: str = "") -> None:
    """Record what has changed in a service whose changes are not recorded one by one."""
    if _write is not None and service in _flushers:
        with LOCK:
            _flushers[service](body)


@contextmanager
def request() -> Iterator[None]:
    """This thread answers a request, and records its changes at the end of the block; one may be within another."""
    acts: list[Callable[[], object]] = []
    around, _request.acts = _request.acts, acts
    try:
        yield
    finally:
        _request.acts = around
        for act in acts:
            act()


def after_recording(act: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> None:
    """Call ``act`` once the changes of this thread's request are recorded; at once outside a request.

    For events: the object that an event reports survives the kill that the event survives.
    """
    if _request.acts is None:
        act(*args, **kwargs)
    else:
        _request.acts.append(partial(act, *args, **kwargs))
