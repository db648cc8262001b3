"""Slots: how many pipelines of the stack run at once, and which run is next, first come first served. Pure.

A run has a slot from its turn to its verdict. It takes none from another: whoever leaves makes room for who waits
longest, and a lower limit only lets nobody in until there are fewer.
"""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from app.decide.names.statuses import RunStatus
from app.decide.records import RunRecord

JUDGED = (RunStatus.AWAITING_APPROVAL, RunStatus.DEPLOYING)  # whose pipeline has ended; an end is written before that


class Slots(NamedTuple):
    """The runs that have a slot, and those that wait for one."""

    holders: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()  # in the order in which they came
    unanswered: tuple[str, ...] = ()  # holders that waited, and may not have heard yet that they wait no more

    def has(self, run: str) -> bool:
        """Whether a run has a slot."""
        return run in self.holders

    def before(self, run: str) -> int | None:
        """How many runs wait before this one; None where it does not wait."""
        return self.waiting.index(run) if run in self.waiting else None


def join(slots: Slots, run: str, most: int) -> Slots:
    """Have a run wait for a slot, behind all who wait; it has one at once where there is room and nobody waits."""
    if run in slots.holders or run in slots.waiting:
        return _let_in(slots, most)
    if not slots.waiting and len(slots.holders) < most:
        return slots._replace(holders=(*slots.holders, run))
    return _let_in(slots._replace(waiting=(*slots.waiting, run)), most)


def leave(slots: Slots, runs: Collection[str], most: int) -> Slots:
    """Take the slots of runs, or their places among those that wait, and let in who waits longest."""
    return _let_in(Slots(*(_without(part, runs) for part in slots)), most)


def answered(slots: Slots, runs: Collection[str]) -> Slots:
    """Note that runs know that they have a slot."""
    return slots._replace(unanswered=_without(slots.unanswered, runs))


def stale(slots: Slots, open_runs: Collection[str], records: Iterable[RunRecord]) -> tuple[str, ...]:
    """Runs with a slot, or waiting for one, of which no execution is open, or which have their verdict: whoever was to
    give their slot back died.
    """
    judged = {record.id for record in records if record.status in JUDGED}
    return tuple(run for run in (*slots.holders, *slots.waiting) if run in judged or run not in open_runs)


def _let_in(slots: Slots, most: int) -> Slots:
    room = max(0, most - len(slots.holders))
    let_in, waiting = slots.waiting[:room], slots.waiting[room:]
    return Slots((*slots.holders, *let_in), waiting, (*slots.unanswered, *let_in))


def _without(part: tuple[str, ...], runs: Collection[str]) -> tuple[str, ...]:
    return tuple(run for run in part if run not in runs)
