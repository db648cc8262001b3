"""What is kept, where, and when: moto's backends and what this package's parts remember, in ``<state>/snapshot``.

A part that remembers more than moto does has ``snapshot_state()``, and ``resume(state)``, which is called when moto's
state is back and before the first request. Threads and processes are not kept: what was running when the cloud ended is
told as ended by each part's ``resume``.
"""

from __future__ import annotations

import json
import logging
import os
import threading
from collections.abc import Iterable
from types import ModuleType
from typing import Any

from localcloud.settings import Cloud
from localcloud.snapshot import pickling
from localcloud.snapshot.about import LOCATION, header, versions
from localcloud.snapshot.blob_store import BlobStore
from localcloud.snapshot.pickling import Changed

log = logging.getLogger(__name__)
QUIET_S = 2.0  # so long without a request is a quiet moment
LONGEST_S = 60.0  # without a quiet moment it is saved all the same
OWN = ("backend", "service_name", "_use_boto3_regions", "_additional_regions", "_id")  # of moto's BackendDict itself


class Store:
    """Saves at quiet moments and at the end; loads once, at the start."""

    def __init__(self, cloud: Cloud, parts: Iterable[ModuleType]) -> None:
        self._cloud = cloud
        self._parts = {part.__name__: part for part in parts}
        self._path = cloud.state_dir / LOCATION
        self._bodies = BlobStore(self._path.parent / "bodies")
        self._asked = threading.Event()
        self._ended = threading.Event()
        self._saving = threading.Lock()

    def load(self) -> None:
        """Put the saved state in place and let every part go on; nothing is done where none was saved.

        Raises:
            Unreadable: it is from other versions than these.
        """
        if header(self._cloud.state_dir) is None:
            return
        with self._path.open("rb") as file:
            file.readline()
            found = pickling.loads(file.read(), self._cloud, self._bodies)
        for place, (extra, accounts) in found["moto"].items():
            backends = pickling.service(place)
            vars(backends).update(extra)
            for (account, region), state in accounts.items():
                backend = backends[account][region]
                vars(backend).clear()
                vars(backend).update(state)
        for name, part in self._parts.items():
            if hasattr(part, "resume"):
                part.resume(found["parts"].get(name))

    def save(self) -> None:
        """Write everything; the former state stays until the new one is whole."""
        with self._saving:
            self._bodies.begin()
            data = self._written(self._collected())
            self._path.parent.mkdir(parents=True, exist_ok=True)
            unfinished = self._path.with_suffix(".new")
            with unfinished.open("wb") as file:
                file.write(json.dumps(versions() | {"port": self._cloud.port}).encode() + b"\n")
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            unfinished.rename(self._path)
            self._bodies.sweep()

    def _written(self, collected: dict[str, Any]) -> bytes:
        """All of it; where that fails, all but the services that cannot be written, which are told."""
        try:
            return pickling.dumps(collected, self._cloud, self._bodies)
        except Changed:
            raise
        except Exception:
            kept = {place: value for place, value in collected["moto"].items() if self._can_be_written(place, value)}
            if len(kept) == len(collected["moto"]):
                raise
            return pickling.dumps({**collected, "moto": kept}, self._cloud, self._bodies)

    def _can_be_written(self, place: str, value: Any) -> bool:
        try:
            pickling.dumps(value, self._cloud, self._bodies)
        except Changed:
            raise
        except Exception as error:  # noqa: BLE001 - whatever an object raises that is no data
            log.warning("what %s holds is not saved: %s", place, error)
            return False
        return True

    def changed(self) -> None:
        """A request came: there may be something to save."""
        self._asked.set()

    def keep(self) -> None:
        """Save at each quiet moment after a request, until ``end``."""
        while not self._ended.is_set():
            self._asked.wait()
            waited_s = 0.0
            while self._asked.is_set() and waited_s < LONGEST_S and not self._ended.is_set():
                self._asked.clear()
                self._ended.wait(QUIET_S)
                waited_s += QUIET_S
            if not self._ended.is_set():
                self._try()

    def end(self) -> None:
        """Save for the last time."""
        self._ended.set()
        self._asked.set()
        self._try()

    def _try(self) -> None:
        try:
            self.save()
        except Changed:  # the next quiet moment is soon
            self._asked.set()
        except Exception:  # the last state stays; what cannot be written is in the log
            log.exception("the state was not saved")

    def _collected(self) -> dict[str, Any]:
        services = {
            name: (
                {key: value for key, value in vars(accounts).items() if key not in OWN},
                {
                    (account, region): dict(vars(backend))
                    for account, regions in list(dict.items(accounts))
                    for region, backend in list(dict.items(regions))
                },
            )
            for name, accounts in pickling.services().items()
        }
        parts = {name: part.snapshot_state() for name, part in self._parts.items() if hasattr(part, "snapshot_state")}
        return {"moto": services, "parts": parts}
