"""A run's turn: one run a model at a time, and of all models as many as may run their pipelines at once."""

from collections.abc import Collection, Iterable

from app.aws import state_machine
from app.decide.messages import RunTask
from app.decide.names.resource_names import model_of_run
from app.decide.pipeline_slots import Slots, stale
from app.decide.records import RunRecord
from app.ledger import ledger
from app.settings import Settings


def wait_for_turn(task: RunTask, settings: Settings) -> bool:
    """Queue up for the model's turn, and then for a slot; True when the run has both at once.

    Whether the run is over is read afterwards: whoever ends a run writes that first, and then releases its turn. So one
    of the two sees the other, and a run that was stopped meanwhile holds nothing.
    """
    has_turn = ledger().wait_for_turn(task.model, task.run, task.task_token)
    record = ledger().record(task.run)
    if record and record.status.final:
        hand_over_turn(task.model, task.run, settings)
        return False
    if not has_turn:
        ledger().append_timeline(task.run, "waiting for its turn")
        return False
    return _take_slot(task.run, task.task_token, settings)


def hand_over_turn(model: str, run: str, settings: Settings) -> None:
    """End the run's turn or waiting, and give its slot back; those who are next go on, or wait for one. Idempotent."""
    _answer(ledger().leave_slots((run,), settings.max_pipelines))
    if ledger().release_turn(model, run):
        following = ledger().turn(model)
        if following:
            _take_slot(*following, settings)


def held_turns(models: Iterable[str]) -> list[tuple[str, str]]:
    """Each model with the run that has its turn, and with the one that waits for it."""
    return [(model, run) for model in models for run in ledger().runs_in_turn(model)]


def free_stale_turns(held: Iterable[tuple[str, str]], open_runs: Collection[str], settings: Settings) -> int:
    """End the turns and the waiting of runs that are over; how many were found: who took one for a run that was stopped
    meanwhile may have died then. ``held`` was read before ``open_runs``, as an entry of those goes last of all.
    """
    found = [(model, run) for model, run in held if run not in open_runs]
    for model, run in found:
        hand_over_turn(model, run, settings)
    return len(found)


def free_stale_slots(open_runs: Collection[str], slots: Slots, settings: Settings) -> int:
    """Give back what runs hold that are over, and answer who may not have heard; how many were found. ``slots`` were
    read before ``open_runs``, as an entry of those is there before its run can wait.
    """
    if not any(slots):
        return 0
    records: list[RunRecord] = [*filter(None, map(ledger().record, {*slots.holders, *slots.waiting} & set(open_runs)))]
    found = stale(slots, open_runs, records)
    _answer(ledger().leave_slots(found, settings.max_pipelines))
    return len(found)


def _take_slot(run: str, task_token: str, settings: Settings) -> bool:
    slots = ledger().join_slots(run, settings.max_pipelines)
    _answer(slots)
    if slots.has(run):
        state_machine.succeed(task_token, {"run": run})
        return True
    ledger().append_timeline(run, "waiting for a pipeline to end")
    return False


def _answer(slots: Slots) -> None:
    """Tell the runs that have a slot since somebody left. Who dies before it is noted tells them again."""
    for run in slots.unanswered:
        turn = ledger().turn(model_of_run(run))
        if turn and turn[0] == run:
            state_machine.succeed(turn[1], {"run": run})
    if slots.unanswered:
        ledger().mark_answered(slots.unanswered)
