"""History events: each is recorded for the next start, and a resumed execution adds none twice."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from localcloud.front import moto_patches
from localcloud.persistence import executions
from localcloud.persistence.executions import FOLLOWING

ARN = "localcloud_execution"  # an attribute of the engine's event manager: the execution's ARN
SUPPRESSED = "localcloud_suppressed"  # another: the types of events that the history has already
PARSER = "moto.stepfunctions.parser"


def install() -> None:
    """Record the events of every execution from now on."""
    _identify_event_managers()
    _record_events()
    _note_next_state("component.state.state:CommonStateField")
    _note_next_state("component.state.choice.state_choice:StateChoice")


def suppress(manager: Any, kinds: Iterable[str]) -> None:
    """Do not add events of these types again, until one of another type is added."""
    vars(manager)[SUPPRESSED] = set(kinds)


def _identify_event_managers() -> None:
    def environment(self: Any) -> Any:
        env = original(self)
        vars(env.event_manager)[ARN] = self._evaluation_details.execution_details.arn
        return env

    path = f"{PARSER}.backend.execution_worker:ExecutionWorker._get_evaluation_environment"
    original = moto_patches.replace(path, environment)


def _record_events() -> None:
    def add_event(
        self: Any,
        context: Any,
        event_type: Any,
        event_details: Any = None,
        timestamp: Any = None,
        update_source_event_id: bool = True,
    ) -> int:
        if event_type.value in vars(self).get(SUPPRESSED, ()):
            return _again(self, context, event_type)
        vars(self).pop(SUPPRESSED, None)
        number: int = original(self, context, event_type, event_details, timestamp, update_source_event_id)
        if arn := vars(self).get(ARN):
            following = vars(self).get(FOLLOWING) if event_type.value.endswith("StateExited") else None
            executions.record_event(arn, self._history_event_list[number - 1], following)
        return number

    original = moto_patches.replace(f"{PARSER}.asl.eval.event.event_manager:EventManager.add_event", add_event)


def _again(manager: Any, context: Any, event_type: Any) -> int:
    """The history has this event: the next one follows its last."""
    vars(manager)[SUPPRESSED].discard(event_type.value)
    last = len(manager._history_event_list)
    context.source_event_id = context.last_published_event_id = last
    return last


def _note_next_state(state: str) -> None:
    def set_next(self: Any, env: Any) -> None:
        original(self, env)
        if not env.is_frame():
            vars(env.event_manager)[FOLLOWING] = env.next_state_name

    original = moto_patches.replace(f"{PARSER}.asl.{state}._set_next", set_next)
