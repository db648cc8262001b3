"""What is released when an execution has ended: the engine's objects; its history stays, compressed."""

from __future__ import annotations

from typing import Any

from localcloud.persistence import executions
from localcloud.persistence.executions import Ended

MOST_ENDED = 10_000  # executions that a machine remembers; AWS forgets them after 90 days


def pack(execution: Any) -> None:
    """Compress the history of an execution that has ended, release the rest, and record its end."""
    worker = execution.exec_worker
    if worker is not None and worker.env is not None and not isinstance(worker, Ended):
        execution.exec_worker = Ended(
            worker.env.event_manager.get_event_history(), getattr(worker.env, "map_run_record_pool_manager", None)
        )
    executions.record_execution(execution)


def forget_oldest(machine: Any) -> None:
    """Drop the executions that a machine is not to remember: the oldest that have ended."""
    too_many = len(machine.executions) - MOST_ENDED
    if too_many > 0:
        ended = [execution for execution in machine.executions if execution.stop_date is not None][:too_many]
        gone = {id(execution) for execution in ended}
        machine.executions[:] = [execution for execution in machine.executions if id(execution) not in gone]
