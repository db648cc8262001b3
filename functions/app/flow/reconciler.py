"""The reconciler: whoever waits for an event that never came is helped on, and dead executions are finished."""

import json
from datetime import timedelta
from typing import NamedTuple

from app.aws import state_machine
from app.aws.clients import calling, client
from app.decide.reconciliation import Nudge, nudge, nudge_of_job, progressed_at, stuck
from app.decide.run_plans import machine_arn
from app.ledger import ledger
from app.ledger.batches import now
from app.settings import Settings


class Reconciled(NamedTuple):
    """What was found."""

    open: int
    stuck: int
    nudged: int


def reconcile(settings: Settings, grace_s: int) -> Reconciled:
    """Look at every open execution of which nothing was heard for ``grace_s``, and every job awaited for so long."""
    found = ledger().open_executions()
    at, grace, stuck_ones, nudged = now(), timedelta(seconds=grace_s), 0, 0
    for one in found:
        record = ledger().record(one.run)
        stuck_ones += stuck(one, record, at, settings.max_wait_s)
        if at - progressed_at(one, record) < grace:
            continue
        wanted = nudge(one, state_machine.describe(one.arn), record)
        if wanted:
            _give(wanted, one.arn, settings)
            nudged += 1
    for waiting in ledger().awaited_jobs():
        if at - waiting.since >= grace:
            _tell(nudge_of_job(waiting.job), settings)
            nudged += 1
    return Reconciled(len(found), stuck_ones, nudged)


def _give(wanted: Nudge, execution_arn: str, settings: Settings) -> None:
    if wanted.function == "start":
        state_machine.start(machine_arn(execution_arn), execution_arn.rsplit(":", 1)[-1], wanted.event)
    else:
        _tell(wanted, settings)


def _tell(wanted: Nudge, settings: Settings) -> None:
    name = settings.nudged_functions[wanted.function]
    with calling():
        client("lambda").invoke(FunctionName=name, InvocationType="Event", Payload=json.dumps(wanted.event).encode())
