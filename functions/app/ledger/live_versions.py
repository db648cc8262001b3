"""The live version of each model: the one that was verified last. ``MODEL#<model>/LIVE``."""

from typing import NamedTuple

from app.decide.names.times import iso
from app.errors import Contended
from app.ledger.batches import now
from app.ledger.table import Table, Write


class LiveVersion(NamedTuple):
    """A version that serves."""

    version: int
    name: str  # of its SageMaker model
    batch: bool = False  # it scores files, and has no endpoint
    revision: int = 0  # number of changes so far, for optimistic locking


class LiveVersions(Table):
    """What serves, of all models."""

    def live_version(self, model: str) -> LiveVersion | None:
        """The version that serves; None before the first."""
        return self.live_since(model)[0]

    def live_since(self, model: str) -> tuple[LiveVersion | None, str]:
        """The version that serves, and since when (ISO); (None, "") before the first."""
        item = self.get(f"MODEL#{model}", "LIVE")
        if not item:
            return None, ""
        live = LiveVersion(item["version"], item["name"], item["batch"], item["revision"])
        return live, str(item.get("since", ""))

    def set_live_version(self, model: str, live: LiveVersion, run: str, before: LiveVersion | None) -> None:
        """Record that ``live`` serves now, replacing ``before`` (optimistic lock on its revision).

        Raises:
            Contended: another version came into service since ``before`` was read.
        """
        change = Write(
            f"MODEL#{model}",
            "LIVE",
            set={"version": live.version, "name": live.name, "batch": live.batch, "run": run, "since": iso(now())},
            add={"revision": 1},
            condition="#revision = :expected" if before else "attribute_not_exists(#revision)",
            given={"expected": before.revision} if before else {},
        )
        if self.write(change) is None:
            raise Contended(f"another version of {model} came into service at the same moment")

    def remove_live_version(self, model: str) -> None:
        """Record that nothing serves: what did was taken away."""
        self.delete(f"MODEL#{model}", "LIVE")
