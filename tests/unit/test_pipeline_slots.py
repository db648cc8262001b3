"""Slots for pipelines: so many runs at once, first come first served, and nobody holds one for good."""

from app.decide.names.statuses import RunStatus
from app.decide.pipeline_slots import Slots, answered, join, leave, stale
from app.decide.records import RunRecord
from hypothesis import given
from hypothesis import strategies as st

RUNS = [f"m{number}-20260314t101500-abcdef" for number in range(6)]


def joined(*runs: str, most: int = 2) -> Slots:
    slots = Slots()
    for run in runs:
        slots = join(slots, run, most)
    return slots


def test_as_many_as_may_have_a_slot_and_the_others_wait_in_their_order() -> None:
    assert joined("a", "b", "c", "d") == Slots(("a", "b"), ("c", "d"))


def test_who_leaves_lets_in_who_waits_longest_and_that_one_has_to_be_told() -> None:
    assert leave(joined("a", "b", "c", "d"), ("a",), 2) == Slots(("b", "c"), ("d",), ("c",))


def test_who_waits_can_leave_the_queue() -> None:
    assert leave(joined("a", "b", "c", "d"), ("c",), 2) == Slots(("a", "b"), ("d",))


def test_nobody_passes_those_who_wait() -> None:
    waiting = joined("a", "b", "c")._replace(holders=("a",))

    assert join(waiting, "d", 2) == Slots(("a", "c"), ("d",), ("c",))


def test_a_lower_limit_takes_no_slot_and_a_higher_one_lets_in_at_the_next_look() -> None:
    slots = joined("a", "b", "c", "d")

    assert leave(slots, ("a",), 1) == Slots(("b",), ("c", "d"))
    assert leave(slots, (), 3) == Slots(("a", "b", "c"), ("d",), ("c",))


def test_who_was_told_is_told_no_more() -> None:
    assert answered(Slots(("a",), (), ("a",)), ("a",)) == Slots(("a",))


def test_a_slot_is_stale_when_its_run_is_over_or_has_its_verdict() -> None:
    statuses = [RunStatus.RUNNING, RunStatus.AWAITING_APPROVAL, RunStatus.WAITING, RunStatus.FAILED]
    records = [RunRecord(run, "m", status, "arn") for run, status in zip("abcd", statuses, strict=True)]
    slots = Slots(("a", "b", "d", "e"), ("c", "f"))

    assert stale(slots, {"a", "b", "c", "d"}, records) == ("b", "e", "f")


@given(st.lists(st.tuples(st.booleans(), st.sampled_from(RUNS)), max_size=30), st.integers(1, 4))
def test_whatever_happens_so_many_run_nobody_is_lost_and_nobody_is_there_twice(
    acts: list[tuple[bool, str]], most: int
) -> None:
    slots, there = Slots(), list[str]()
    for comes, run in acts:
        slots = join(slots, run, most) if comes else leave(slots, (run,), most)
        there = [*there, run] if comes and run not in there else [one for one in there if comes or one != run]

        assert [*slots.holders, *slots.waiting] == there
        assert len(slots.holders) == min(most, len(there))
        assert set(slots.unanswered) <= set(slots.holders)
