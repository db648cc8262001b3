"""Slots for pipelines, under ``SLOTS``: one item, which is changed only as it was read. Who leaves lets others in."""

from collections.abc import Callable, Collection

from app.decide.pipeline_slots import Slots, answered, join, leave
from app.ledger.batches import retry_on_contention
from app.ledger.table import Table, Write

SLOTS = "SLOTS"


class PipelineSlots(Table):
    """Who may run a pipeline now."""

    def slots(self) -> Slots:
        """The slots as they are now."""
        return self._slots()[0]

    def join_slots(self, run: str, most: int) -> Slots:
        """Have a run wait for one of ``most`` slots, which it may have at once. Idempotent.

        Raises:
            Contended: others were faster all the time.
        """
        return self._change(lambda slots: join(slots, run, most))

    def leave_slots(self, runs: Collection[str], most: int) -> Slots:
        """Give back the slots of runs, or their places among those that wait. Idempotent.

        Raises:
            Contended: others were faster all the time.
        """
        return self._change(lambda slots: leave(slots, runs, most))

    def mark_answered(self, runs: Collection[str]) -> None:
        """Note that runs were told that they have a slot."""
        self._change(lambda slots: answered(slots, runs))

    def _change(self, change: Callable[[Slots], Slots]) -> Slots:
        def attempt() -> Slots | None:
            before, revision = self._slots()
            after = change(before)
            if after == before:
                return after
            condition = "#revision = :was" if revision else "attribute_not_exists(#revision)"
            facts = {name: list(part) for name, part in after._asdict().items()} | {"revision": revision + 1}
            given = {"was": revision} if revision else {}
            written = self.write(Write(SLOTS, SLOTS, set=facts, condition=condition, given=given))
            return after if written is not None else None

        changed: Slots = retry_on_contention(attempt)
        return changed

    def _slots(self) -> tuple[Slots, int]:
        item = self.get(SLOTS, SLOTS) or {}
        return Slots(*(tuple(item.get(name, ())) for name in Slots._fields)), int(item.get("revision", 0))
