"""Which steps may start, and how an execution ends. Pure: a state machine that is told what happened.

Steps without an edge between them are ready at once. A failed step lets those that run finish and starts no more. A
step in a branch that was not taken does not run, nor does what waits for it; that fails nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from localcloud.sagemaker.pipelines.definition import Definition


class Status(StrEnum):
    """AWS's words for steps and executions alike."""

    STARTING = "Starting"
    EXECUTING = "Executing"
    STOPPING = "Stopping"
    STOPPED = "Stopped"
    FAILED = "Failed"
    SUCCEEDED = "Succeeded"


ENDED = (Status.STOPPED, Status.FAILED, Status.SUCCEEDED)


class Progress:
    """An execution on its way. ``limit`` bounds the steps that run at once (None: unbounded), ``only`` says which."""

    def __init__(
        self, definition: Definition, limit: int | None = None, done: Mapping[str, bool | None] | None = None,
        only: frozenset[str] | None = None,
    ) -> None:  # fmt: skip
        self.definition = definition
        self.limit = limit
        self.status: dict[str, Status] = {}
        self.skipped: set[str] = set()
        self.stopping = False
        for name, outcome in (done or {}).items():
            self.start(name)
            self.finish(name, Status.SUCCEEDED, outcome=outcome)
        if only is not None:
            self.skipped |= {name for name in definition.steps if name not in only and name not in self.status}

    @property
    def running(self) -> list[str]:
        """Steps that have started and not ended."""
        return [name for name, status in self.status.items() if status not in ENDED]

    @property
    def failed(self) -> list[str]:
        """Steps that failed."""
        return [name for name, status in self.status.items() if status is Status.FAILED]

    def ready(self) -> list[str]:
        """Steps that may start now, in the definition's order."""
        if self.stopping or self.failed:
            return []
        room = None if self.limit is None else max(0, self.limit - len(self.running))
        free = [name for name in self.definition.steps if self._is_ready(name)]
        return free if room is None else free[:room]

    def start(self, name: str) -> None:
        """A step has started."""
        self.status[name] = Status.EXECUTING

    def finish(self, name: str, status: Status, *, outcome: bool | None = None) -> None:
        """A step has ended; ``outcome`` is a condition's answer and closes its other branch."""
        self.status[name] = status
        if outcome is not None:
            self._skip(self.definition.branch(name, not outcome))

    def stop(self) -> None:
        """Somebody asked for an end: nothing starts any more."""
        self.stopping = True

    @property
    def over(self) -> Status | None:
        """How it ended; None while it goes on."""
        if self.running or self.ready():
            return None
        if self.failed:
            return Status.FAILED
        if self.stopping:
            return Status.STOPPED
        return Status.SUCCEEDED

    def _is_ready(self, name: str) -> bool:
        if name in self.status or name in self.skipped:
            return False
        return all(self.status.get(earlier) is Status.SUCCEEDED for earlier in self.definition.edges[name])

    def _skip(self, names: tuple[str, ...]) -> None:
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name not in self.skipped:
                self.skipped.add(name)
                waiting += [later for later, edges in self.definition.edges.items() if name in edges]
