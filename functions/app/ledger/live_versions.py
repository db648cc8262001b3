"""Which version of a model serves: the one that was verified last. ``MODEL#<model>/LIVE``."""

from typing import NamedTuple

from app.decide.rules import iso
from app.errors import Contended
from app.ledger.batches import now
from app.ledger.table import Table, Write


class Live(NamedTuple):
    """A version that serves."""

    version: int
    name: str  # of its SageMaker model
    changes: int = 0  # how often another version was put in the place of what served; tells two looks apart


class Lives(Table):
    """What serves, of all models."""

    def live(self, model: str) -> Live | None:
        """The version that serves; None before the first."""
        found = self.get(f"MODEL#{model}", "LIVE")
        return Live(found["version"], found["name"], found["changes"]) if found else None

    def serve(self, model: str, version: int, name: str, run: str, before: Live | None) -> None:
        """From now on ``version`` serves, in the place of ``before``.

        Raises:
            Contended: another version came into service since ``before`` was looked at.
        """
        change = Write(
            f"MODEL#{model}",
            "LIVE",
            set={"version": version, "name": name, "run": run, "since": iso(now())},
            add={"changes": 1},
            condition="#changes = :seen" if before else "attribute_not_exists(#changes)",
            given={"seen": before.changes} if before else {},
        )
        if self.write(change) is None:
            raise Contended(f"another version of {model} came into service at the same moment")

    def forget_live(self, model: str) -> None:
        """What served was taken away: nothing does."""
        self.delete(f"MODEL#{model}", "LIVE")
