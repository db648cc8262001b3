"""A run's turn: one run a model at a time, and of all models as many as may run their pipelines at once."""

from collections.abc import Collection

from app.aws import state_machine
from app.decide.messages import RunTask
from app.decide.names.resource_names import model_of_run
from app.decide.pipeline_slots import Slots, stale
from app.decide.records import RunRecord
from app.ledger import ledger
from app.settings import Settings


def wait_for_turn(task: RunTask, settings: Settings) -> bool:
    """Queue up for the model's turn, and then for a slot; True when the run has both at once."""
    if not ledger().wait_for_turn(task.model, task.run, task.task_token):
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
