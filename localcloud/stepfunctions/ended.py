"""What stays of an execution that has ended: its history, packed. A thread's worth of engine goes."""

from __future__ import annotations

import pickle
import zlib
from typing import Any

MOST_ENDED = 10_000  # executions that a machine remembers; AWS forgets them after 90 days


class Ended:
    """Stands where the engine's worker was, its environment and the keeper of its events; answers what is asked of
    them afterwards.
    """

    def __init__(self, env: Any) -> None:
        self._packed = zlib.compress(pickle.dumps(env.event_manager.get_event_history()))
        self.map_run_record_pool_manager = env.map_run_record_pool_manager

    @property
    def env(self) -> Ended:
        """Itself."""
        return self

    @property
    def event_manager(self) -> Ended:
        """Itself."""
        return self

    def get_event_history(self) -> list[Any]:
        """The execution's events."""
        history: list[Any] = pickle.loads(zlib.decompress(self._packed))  # noqa: S301 - written here
        return history


def pack(execution: Any) -> None:
    """Let an execution that has ended keep its history alone."""
    if execution.exec_worker is not None and execution.exec_worker.env is not None:
        execution.exec_worker = Ended(execution.exec_worker.env)


def forget_oldest(machine: Any) -> None:
    """Drop the executions that a machine is not to remember: the oldest that have ended."""
    too_many = len(machine.executions) - MOST_ENDED
    if too_many > 0:
        ended = [execution for execution in machine.executions if execution.stop_date is not None][:too_many]
        gone = {id(execution) for execution in ended}
        machine.executions[:] = [execution for execution in machine.executions if id(execution) not in gone]
