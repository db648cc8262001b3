"""Slots for pipelines on a real table and through the handlers: held by who runs, waited for in order, given back."""

from collections.abc import Iterator

import finish_run
import pytest
import wait_for_turn
from app.decide.names.times import iso
from app.decide.pipeline_slots import Slots
from app.flow import turns
from app.ledger import Ledger
from app.ledger.batches import new_batch, new_run_record, now
from app.ledger.table import Item, Write
from app.settings import settings
from lambda_context import Context
from moto_world import TABLE, World

RUNS = [f"model{number}-20260314t101500-abcdef" for number in range(3)]


@pytest.fixture
def own(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Three models, each with a run that is about to begin, and one pipeline at once."""
    monkeypatch.setenv("MAX_PIPELINES", "1")
    for run in RUNS:
        arn = f"{world.machine.replace(':stateMachine:', ':execution:')}:{run}"
        model = run.partition("-")[0]
        begun = [new_batch(model, run, 1, iso(now()), iso(now())), new_run_record(model, run, 1, arn, "requested")]
        assert world.ledger.transact(begun) is None
        world.ledger.open_execution(arn, {"entry": "Retrain", "model": model, "run": run}, now())
    yield world
    settings.cache_clear()


def wait(run: str, token: str = "") -> None:
    wait_for_turn.handler(
        {"model": run.partition("-")[0], "run": run, "task_token": token or f"token-{run}"}, Context()
    )


def execution(world: World, run: str) -> str:
    record = world.ledger.record(run)
    assert record
    return record.execution_arn


def end(world: World, run: str) -> None:
    state = {"model": run.partition("-")[0], "run": run, "end": {"status": "Rejected by gate", "reasons": []}}
    finish_run.handler({"state": state, "execution": execution(world, run)}, Context())


def reconcile(world: World) -> int:
    open_runs = {one.run for one in world.ledger.open_executions()}
    return turns.free_stale_slots(open_runs, world.ledger.slots(), settings("ledger_table", "max_pipelines"))


def test_a_run_whose_model_is_free_waits_until_a_pipeline_ends(own: World) -> None:
    for run in RUNS:
        wait(run)
    before = own.ledger.slots()
    end(own, RUNS[0])

    assert before == Slots((RUNS[0],), (RUNS[1], RUNS[2]))
    assert own.ledger.slots() == Slots((RUNS[1],), (RUNS[2],))
    waited = own.ledger.record(RUNS[2])
    assert waited
    assert waited.timeline[-1]["what"] == "waiting for a pipeline to end"


def test_a_state_that_is_retried_is_answered_with_its_newest_token(own: World) -> None:
    wait(RUNS[0], "first")
    wait(RUNS[0], "second")

    assert own.ledger.turn("model0") == (RUNS[0], "second")
    assert own.ledger.slots() == Slots((RUNS[0],))


def test_the_slot_of_a_run_that_died_unseen_is_freed_and_the_next_one_goes_on(own: World) -> None:
    wait(RUNS[0])
    wait(RUNS[1])
    own.ledger.close_execution(execution(own, RUNS[0]))

    assert reconcile(own) == 1
    assert own.ledger.slots() == Slots((RUNS[1],))


def test_a_run_whose_answer_was_lost_is_answered_by_the_reconciler(own: World) -> None:
    wait(RUNS[0])
    wait(RUNS[1])
    own.ledger.leave_slots((RUNS[0],), 1)  # and then its process died
    lost = own.ledger.slots().unanswered

    assert reconcile(own) == 0
    assert (lost, own.ledger.slots().unanswered) == ((RUNS[1],), ())


class Overtaken(Ledger):
    """A ledger whose every write another process overtakes once."""

    def __init__(self, others: list[str]) -> None:
        super().__init__(TABLE)
        self.others = others

    def write(self, change: Write) -> Item | None:
        if self.others:
            Ledger(TABLE).join_slots(self.others.pop(0), 2)
        return super().write(change)


def test_who_is_overtaken_between_reading_and_writing_takes_no_ones_slot(world: World) -> None:
    late = Overtaken(["a", "b"]).join_slots("late", 2)

    assert late == world.ledger.slots() == Slots(("a", "b"), ("late",))


def test_fifty_models_go_through_fifteen_slots_in_their_order(world: World) -> None:
    runs = [f"model{number}-20260314t101500-abcdef" for number in range(50)]
    went = []
    for run in runs:
        world.ledger.join_slots(run, 15)
    while holders := world.ledger.slots().holders:
        assert len(holders) <= 15
        went.append(holders[0])
        world.ledger.leave_slots(holders[:1], 15)

    assert went == runs
