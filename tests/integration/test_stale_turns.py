"""A run is stopped by hand in the moment in which it takes its turn: its model goes on all the same."""

import json
from contextlib import suppress

import finish_run
import pytest
import wait_for_turn
from app.decide.parsing import event_of
from app.flow import turns
from app.ledger import Ledger
from app.ledger.batches import BATCH_AND_TURN
from app.settings import settings
from lambda_context import Context
from moto_world import GOOD, World

HELD = ("turn", "turn_token", "waiting_run", "waiting_token")


def begun(world: World, name: str) -> str:
    world.record(world.upload(f"incoming/churn/{name}.csv", GOOD + name.encode() + b",3,Yes\n"))
    return world.run()


def stop(world: World, run: str) -> None:
    """The event of its execution's end is delivered."""
    record = world.ledger.record(run)
    assert record
    detail = {"executionArn": record.execution_arn, "status": "ABORTED", "input": json.dumps({"run": run})}
    finish_run.handler(event_of("RunEnded", detail), Context())


def wait(run: str) -> None:
    wait_for_turn.handler({"model": "churn", "run": run, "task_token": f"token-{run}"}, Context())


def reconcile(world: World) -> None:
    before = turns.held_turns(["churn"])
    open_runs = {one.run for one in world.ledger.open_executions()}
    turns.free_stale_turns(before, open_runs, settings("ledger_table", "max_pipelines"))


def held(world: World) -> dict[str, str]:
    state = world.ledger.get("MODEL#churn", BATCH_AND_TURN) or {}
    return {name: state[name] for name in HELD if name in state}


def test_a_run_that_was_stopped_takes_no_turn(world: World) -> None:
    run = begun(world, "may")
    stop(world, run)

    wait(run)  # its function was on its way

    assert held(world) == {}
    assert not any(world.ledger.slots())


def test_a_run_that_was_stopped_waits_for_no_turn(world: World) -> None:
    first = begun(world, "may")
    wait(first)
    world.ledger.close_batch("churn", first)
    second = begun(world, "june")
    stop(world, second)

    wait(second)

    assert held(world) == {"turn": first, "turn_token": f"token-{first}"}


class Died(BaseException):
    """The function's process ends here."""


def dies(*_: object) -> None:
    raise Died


def test_the_turn_of_a_run_that_is_over_goes_to_the_next_though_who_took_it_died(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = begun(world, "may")
    stop(world, first)
    with monkeypatch.context() as patch, suppress(Died):
        patch.setattr(Ledger, "record", dies)
        wait(first)
    assert held(world)["turn"] == first
    second = begun(world, "june")
    wait(second)

    reconcile(world)

    assert held(world) == {"turn": second, "turn_token": f"token-{second}"}
    assert world.ledger.slots().has(second)


def test_the_turn_of_a_run_that_goes_on_stays(world: World) -> None:
    run = begun(world, "may")
    wait(run)

    reconcile(world)

    assert held(world)["turn"] == run
