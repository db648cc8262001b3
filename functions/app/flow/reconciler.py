"""The reconciler: it makes up for lost events. Waiting runs are looked at again, and dead executions are finished."""

from collections.abc import Iterable
from datetime import timedelta
from typing import NamedTuple

from app.aws import functions, state_machine
from app.decide.names.resource_names import machine_arn, resource_name
from app.decide.reconciliation import (
    ReconciliationAction,
    action_for_execution,
    action_for_job,
    action_for_model,
    action_for_news,
    action_for_windows,
    is_stuck,
    last_progress,
    rests_until,
)
from app.flow import turns
from app.ledger import ledger
from app.ledger.batches import now
from app.settings import Settings


class Reconciled(NamedTuple):
    """How many executions are open, how many of them are stuck, and how many actions were taken."""

    open: int
    stuck: int
    actions: int


def reconcile(settings: Settings, grace_s: int) -> Reconciled:
    """Reconcile every open execution without progress for ``grace_s``, every job awaited for so long, and what serves
    each model with what should: with every event lost, everything converges.
    """
    models = ledger().models_with_runs()
    held, slots, executions = turns.held_turns(models), ledger().slots(), ledger().open_executions()
    at, grace, stuck, actions = now(), timedelta(seconds=grace_s), 0, 0
    for execution in executions:
        if execution.rests_until and at < execution.rests_until:
            continue
        record = ledger().record(execution.run)
        stuck += is_stuck(execution, record, at, settings.max_wait_s)
        if at - last_progress(execution, record) < grace:
            continue
        action = action_for_execution(execution, state_machine.describe(execution.arn), record)
        if action:
            _take(action, settings, execution.arn)
            actions += 1
            if until := rests_until(action, record, at):
                ledger().rest_execution(execution.arn, until)
    open_runs = {execution.run for execution in executions}
    actions += turns.free_stale_turns(held, open_runs, settings)
    actions += turns.free_stale_slots(open_runs, slots, settings)
    for waiter in ledger().awaited_jobs():
        if at - waiter.since >= grace:
            _take(action_for_job(waiter.job), settings)
            actions += 1
    return Reconciled(len(executions), stuck, actions + _look_at_models(models, settings))


def _look_at_models(models: Iterable[str], settings: Settings) -> int:
    """Have what serves each model compared with what should, its windows looked at, and the news told; the number of
    actions.
    """
    actions = 0
    for model in models:
        _take(action_for_model(resource_name(settings.stack, model)), settings)
        actions += 1
        if ledger().has_windows(model) or ledger().captured_until(model):
            _take(action_for_windows(model), settings)
            actions += 1
    if ledger().is_news_due():
        _take(action_for_news(), settings)
        actions += 1
    return actions


def _take(action: ReconciliationAction, settings: Settings, execution_arn: str = "") -> None:
    if action.function is None:
        state_machine.start(machine_arn(execution_arn), execution_arn.rsplit(":", 1)[-1], action.event)
    else:
        functions.invoke(settings.reacting_functions[action.function], action.event)
