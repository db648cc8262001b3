"""What is kept, where, and when: moto's backends and what this package's parts remember, in ``<state>/snapshot``.

Every change is written to the journal before its request is answered (``journaling``). From time to time, and at the
end, a snapshot of everything is saved, and a new journal begins. A part that remembers more than moto does has
``snapshot_state()``, and ``resume(state)``, which is called when moto's state is restored and before the first request.
Threads and processes are not saved: each part's ``resume`` continues what was running, or ends it and sends its events.
"""

from __future__ import annotations

import gc
import json
import logging
import os
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from localcloud import journaling
from localcloud.persistence import backends, configuration, items, messages, records
from localcloud.settings import Cloud
from localcloud.snapshot import journal, pickling
from localcloud.snapshot.about import FOLDER, LOCATION, header, versions
from localcloud.snapshot.blob_store import BlobStore
from localcloud.snapshot.journal import Journal
from localcloud.snapshot.pickling import Changed

log = logging.getLogger(__name__)
QUIET_S = 2.0  # so long without a request is a quiet moment
LONGEST_S = 600.0  # a snapshot is saved at a quiet moment after this, in case a change was not recorded
MOST_AT_THE_END_BYTES = 8 << 20  # what is saved in a second
MOST_TRIES = 20  # at what somebody changes meanwhile


class Store:
    """Writes changes, saves snapshots now and then and at the end, and loads once, at the start."""

    def __init__(self, cloud: Cloud, parts: Iterable[ModuleType], services: Iterable[str]) -> None:
        self._cloud = cloud
        self._services = tuple(services)  # those that moto has, by its names
        self._parts = {part.__name__: part for part in parts}
        self._path = cloud.state_dir / LOCATION
        self._bodies = BlobStore(self._path.parent / "bodies")
        self._journal = Journal(cloud.state_dir / FOLDER)
        self._asked = threading.Event()  # since the last look
        self._unsaved = False  # changes that may not be in the journal
        self._saved_bytes = 0
        self._ended = threading.Event()
        self._saving = threading.Lock()

    def load(self) -> None:
        """Restore the state, record every change from now on, and resume every part.

        Raises:
            Unreadable: it is from other versions than these.
        """
        was_kept = header(self._cloud.state_dir) is not None
        with self._bodies.reading(), _uncollected():
            found = self._restored()
        self._journal.begin(versions() | {"port": self._cloud.port})
        self._enable_flushing(found["parts"])
        journaling.write_to(self._record)
        for name, part in self._parts.items():
            if was_kept and hasattr(part, "resume"):
                part.resume(found["parts"].get(name, {}))

    def _restored(self) -> dict[str, Any]:
        """What was saved, with what the journal says since."""
        found: dict[str, Any] = {"moto": {}, "parts": {}, "journal": 0}
        if self._path.is_file():
            self._saved_bytes = self._path.stat().st_size
            with self._path.open("rb") as file:
                file.readline()
                found = pickling.loads(file.read(), self._cloud, self._bodies)
        self._put_in_place(found["moto"])
        with records.as_loaded(found["parts"]):
            for record in self._journal.records(found["journal"]):
                self._redo(record)
        return found

    def _redo(self, record: bytes) -> None:
        """Restore a change. After a power cut what it names may be lost: then it is lost, too, and logged."""
        try:
            redo, args = pickling.loads(record, self._cloud, self._bodies)
            redo(*args)
        except Exception:
            log.exception("a change could not be restored")

    def _put_in_place(self, services: dict[str, Any]) -> None:
        for place, (extra, accounts) in services.items():
            vars(backends.service(place)).update(extra)
            for (account, region), state in accounts.items():
                configuration.restore(backends.named(place, account, region), state)

    def _enable_flushing(self, loaded: Mapping[str, Any]) -> None:
        configuration.install(self._services, self._dumps)
        records.install(self._parts, loaded, self._dumps)

    def _dumps(self, value: Any, references: journaling.References | None = None) -> bytes:
        """``value`` as bytes, again if somebody changes it meanwhile."""
        for _ in range(MOST_TRIES - 1):
            try:
                return pickling.dumps(value, self._cloud, self._bodies, references)
            except Changed:
                continue
        return pickling.dumps(value, self._cloud, self._bodies, references)

    def _record(self, redo: journaling.Redo, args: tuple[Any, ...], references: journaling.References) -> None:
        """Append one change to the journal. What cannot be pickled alone is saved by a snapshot, soon."""
        try:
            self._journal.add(self._dumps((redo, args), references))
        except OSError:
            raise
        except Exception:
            log.exception("a change could not be recorded: %s", redo.__qualname__)
            self._unsaved = True

    def save(self) -> None:
        """Write everything; the former state and its journal stay until the new one is whole."""
        with self._saving:
            self._bodies.begin()
            with _consistent():
                number = self._journal.begin(versions() | {"port": self._cloud.port})
                data = self._written(self._collected(number))
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._bodies.sync()
            unfinished = self._path.with_suffix(".new")
            with unfinished.open("wb") as file:
                file.write(json.dumps(versions() | {"port": self._cloud.port}).encode() + b"\n")
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            unfinished.rename(self._path)
            self._journal.forget(number)
            with journaling.LOCK:  # whoever names a body may find it there
                self._bodies.sweep()
            self._saved_bytes = len(data)

    def _written(self, collected: dict[str, Any]) -> bytes:
        """All of it; where that fails, all but the services that cannot be written, which are logged."""
        try:
            return self._dumps(collected, _references())
        except Changed:
            raise
        except Exception:
            kept = {place: value for place, value in collected["moto"].items() if self._can_be_written(place, value)}
            if len(kept) == len(collected["moto"]):
                raise
            return self._dumps({**collected, "moto": kept}, _references())

    def _can_be_written(self, place: str, value: Any) -> bool:
        try:
            self._dumps(value, _references())
        except Changed:
            raise
        except Exception as error:  # noqa: BLE001 - whatever an object raises that is no data
            log.warning("what %s holds is not saved: %s", place, error)
            return False
        return True

    def changed(self) -> None:
        """A request came."""
        self._asked.set()

    def keep(self) -> None:
        """Save all when the journal has grown large, and sometimes at a quiet moment, until ``end``."""
        quiet_s = since_s = 0.0
        while not self._ended.wait(every_s := journal.LOOK_EVERY_S):
            quiet_s, since_s = (0.0 if self._asked.is_set() else quiet_s + every_s), since_s + every_s
            self._asked.clear()
            due = since_s >= LONGEST_S and quiet_s >= QUIET_S
            if due or self._unsaved or self._journal.is_long(self._saved_bytes):
                since_s = 0.0
                self._try()

    def end(self) -> None:
        """Save for the last time; where there is much, what is in the journal is enough."""
        self._ended.set()
        for service in journaling.flushable():
            journaling.flush(service)
        if self._unsaved or self._saved_bytes + self._journal.size_bytes < MOST_AT_THE_END_BYTES:
            self._try()
        journaling.write_to(None)
        self._journal.end()

    def _try(self) -> None:
        try:
            self._unsaved = False
            self.save()
        except Changed:  # the next look is soon
            self._unsaved = True
        except Exception:  # the last state and the journal stay; what cannot be written is in the log
            log.exception("the state was not saved")

    def _collected(self, number: int) -> dict[str, Any]:
        services = {
            name: (
                configuration.extra_of(accounts),
                {
                    (account, region): configuration.state_of(backend)
                    for account, regions in list(dict.items(accounts))
                    for region, backend in list(dict.items(regions))
                },
            )
            for name, accounts in backends.services().items()
        }
        parts = {name: part.snapshot_state() for name, part in self._parts.items() if hasattr(part, "snapshot_state")}
        return {"moto": services, "parts": parts, "journal": number}


def _references() -> journaling.References:
    found: dict[int, tuple[Any, ...]] = {}
    for place, backend in backends.everywhere():
        found |= configuration.aws_references(place, backend)
    return found


@contextmanager
def _uncollected() -> Iterator[None]:
    """Collect once, at the end: what is restored lives on, and what later records replaced goes then."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.collect()


@contextmanager
def _consistent() -> Iterator[None]:
    """Nothing is recorded meanwhile, no call of DynamoDB is half done, and no message leaves a queue's list."""
    with items.LOCK, messages.LOCK, journaling.LOCK:
        yield
