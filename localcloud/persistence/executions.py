"""Executions of state machines: recorded when they start and end, their history event by event in between."""

from __future__ import annotations

import pickle
import zlib
from typing import Any

from moto.stepfunctions.parser.models import stepfunctions_parser_backends

from localcloud import journaling

Event = dict[str, Any]
FOLLOWING = "localcloud_following"  # an attribute of the engine's event manager: the next state


class _Worker:
    """Takes the place of the engine's worker, of its environment and of its event manager."""

    @property
    def env(self) -> _Worker:
        """Itself, as the environment."""
        return self

    @property
    def event_manager(self) -> _Worker:
        """Itself, as the event manager."""
        return self


class Interrupted(_Worker):
    """What is known of an execution that was running when the process ended."""

    def __init__(self, history: list[Event], following: str | None = None) -> None:
        self.history = history
        self.following = following  # the next state, if a state was exited last

    def get_event_history(self) -> list[Event]:
        """The events so far."""
        return list(self.history)


class Ended(_Worker):
    """What stays of an execution that has ended: its history, compressed."""

    def __init__(self, history: list[Event], map_runs: Any = None) -> None:
        self._packed = zlib.compress(pickle.dumps(history))
        self.map_run_record_pool_manager = map_runs

    def get_event_history(self) -> list[Event]:
        """The execution's events."""
        history: list[Event] = pickle.loads(zlib.decompress(self._packed))  # noqa: S301 - written here
        return history


def record_execution(execution: Any) -> None:
    """An execution has started or ended."""
    journaling.record(put, execution)


def record_event(arn: str, event: Event, following: str | None) -> None:
    """A history event was added; the exit of a state says which state is next."""
    journaling.record(add, arn, event, following)


def persistent_worker(execution: Any) -> _Worker:
    """What is saved of an execution's worker: of a running one, what another process can resume from."""
    worker = execution.exec_worker
    if isinstance(worker, _Worker):
        return worker
    if worker is None or worker.env is None:
        return Interrupted([])
    manager = worker.env.event_manager
    return Interrupted(manager.get_event_history(), vars(manager).get(FOLLOWING))


# --- redo


def put(execution: Any) -> None:
    """Restore an execution, in place of one with the same ARN."""
    executions = _executions(execution.exec_arn)
    for number, found in enumerate(executions or ()):
        if found.exec_arn == execution.exec_arn and executions is not None:
            executions[number] = execution
            return
    if executions is not None:
        executions.append(execution)


def add(arn: str, event: Event, following: str | None) -> None:
    """Restore a history event of a running execution. Branches record concurrently, so ids may come out of order."""
    found = next((one for one in reversed(_executions(arn) or []) if one.exec_arn == arn), None)
    worker = found.exec_worker if found is not None else None
    if isinstance(worker, Interrupted):
        worker.history += [{}] * (int(event["id"]) - len(worker.history))
        worker.history[int(event["id"]) - 1] = event
        worker.following = following


def _executions(arn: str) -> list[Any] | None:
    """The executions of an execution's state machine; None if that was deleted."""
    _, partition, _, region, account, _, machine, _ = arn.split(":", 7)
    of = f"arn:{partition}:states:{region}:{account}:stateMachine:{machine}"
    machines = stepfunctions_parser_backends[account][region].state_machines
    return next((found.executions for found in machines if found.arn == of), None)
