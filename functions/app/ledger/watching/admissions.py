"""Which runs a model's policy has let begin, and what people were told that it held back.

``MODEL#<model>/POLICY``, changed only as it was read: of two runs that are let in at once one sees the other, so that
no limit is exceeded.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from app.decide.names.times import from_iso, iso
from app.ledger.table import Table, Write

POLICY = "POLICY"
MOST_KEPT = 400  # runs: more than a limit can count in a year of daily ones


class Admitted(NamedTuple):
    """The runs that were let in, each with when; ``revision`` is of the item that says so."""

    runs: Mapping[str, datetime]
    revision: int


class Admissions(Table):
    """What the policies of all models let in."""

    def admitted(self, model: str) -> Admitted:
        """The runs of a model that were let in so far."""
        item = self.get(f"MODEL#{model}", POLICY) or {}
        runs = {run: from_iso(at) for run, at in dict(item.get("admitted", {})).items()}
        return Admitted(runs, int(item.get("revision", 0)))

    def admit(self, model: str, run: str, at: datetime, before: Admitted) -> bool:
        """Let a run in, if nobody else was since ``before`` was read; whether that is so."""
        newest = sorted(({**before.runs, run: at}).items(), key=lambda one: one[1])[-MOST_KEPT:]
        facts = {"admitted": {name: iso(when) for name, when in newest}, "revision": before.revision + 1}
        condition = "#revision = :was" if before.revision else "attribute_not_exists(#revision)"
        given = {"was": before.revision} if before.revision else {}
        return self.write(Write(f"MODEL#{model}", POLICY, set=facts, condition=condition, given=given)) is not None

    def was_told(self, model: str, what: str, of: str = "told") -> bool:
        """Whether ``what`` was the last thing that people were told of the model's policy, or ``of`` another matter."""
        return str((self.get(f"MODEL#{model}", POLICY) or {}).get(of, "")) == what

    def mark_told(self, model: str, what: str, of: str = "told") -> None:
        """Record what people were told."""
        self.write(Write(f"MODEL#{model}", POLICY, set={of: what}))
