"""The quota of an execution's history: at 24,999 events the next one ends it, as AWS does.

An execution is looked at where a state begins, so the last state's own events may go a little beyond.
Source: https://docs.aws.amazon.com/step-functions/latest/dg/bp-history-limit.html; error and cause are those of
https://github.com/loads/ardere/issues/86
"""

from __future__ import annotations

from typing import Any

from localcloud.front import moto_patches

MOST_EVENTS = 25_000
ERROR = {"error": "States.Runtime", "cause": "The execution reached the maximum number of history events (25000)."}


def install() -> None:
    """Fail executions whose history is full."""

    def is_running(self: Any) -> bool:
        if original(self) and self.event_manager._event_id_gen._next_id >= MOST_EVENTS:
            self.set_error(dict(ERROR))
        return bool(original(self))

    original = moto_patches.replace("moto.stepfunctions.parser.asl.eval.environment:Environment.is_running", is_running)
