"""Executions are resumed where the process ended: with their input, history, variables and open token."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from moto.stepfunctions.parser.api import ExecutionStatus
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
from moto.stepfunctions.parser.models import stepfunctions_parser_backends
from moto.stepfunctions.parser.utils import TMP_THREADS

from localcloud.persistence.executions import Interrupted
from localcloud.stepfunctions import executions, history, tokens
from localcloud.stepfunctions.logging import session
from localcloud.stepfunctions.resumption import NotResumable, Resumption, is_over, plan

log = logging.getLogger(__name__)
ERROR = "LocalCloud.Restarted"
WHY = "the local cloud was started again while this ran"


def resume_all() -> None:
    """Resume every running execution; one that cannot be resumed is aborted, and its status event is sent."""
    for regions in list(dict.values(stepfunctions_parser_backends)):
        for backend in list(dict.values(regions)):
            for machine in backend.state_machines:
                for execution in list(machine.executions):
                    if execution.exec_status is ExecutionStatus.RUNNING:
                        _resume(execution)


def _resume(execution: Any) -> None:
    was = execution.exec_worker
    if not isinstance(was, Interrupted):
        raise TypeError(f"{execution.exec_arn} runs already")
    try:
        if execution.sm_type == "EXPRESS":
            raise NotResumable("express workflows are not saved")
        if not was.history:
            execution.exec_worker = None
            execution.start()
        elif is_over(was.history, was.following):
            executions.conclude(execution, was.history)
        else:
            _go_on(execution, was.history, plan(was.history, was.following, datetime.now(UTC)))
    except NotResumable as reason:
        log.warning("%s is aborted: %s", execution.exec_arn, reason)
        executions.stop(execution, ERROR, f"{WHY}: {reason}")


def _go_on(execution: Any, events: list[Any], where: Resumption) -> None:
    execution._cloud_watch_logging_session = session(execution)
    worker = execution._get_start_execution_worker()
    program = AmazonStateLanguageParser.parse(execution.state_machine.definition)[0]
    env = worker.env = worker._get_evaluation_environment()
    _remember(env, events, where)
    if program.timeout_seconds is not None:
        ran_s = (datetime.now(UTC) - execution.start_date).total_seconds()
        program.timeout_seconds.timeout_seconds = max(0.0, program.timeout_seconds.timeout_seconds - ran_s)
    program.start_at.start_at_name = where.state or program.start_at.start_at_name
    if where.recorded:
        _prepare(execution, program._get_state(program.start_at.start_at_name), env, where)
    execution.exec_worker = worker

    def run() -> None:
        program.eval(env)
        worker._execution_communication.terminated()

    thread = threading.Thread(target=run, daemon=True, name=f"resumed {execution.name}")
    TMP_THREADS.append(thread)
    thread.start()


def _remember(env: Any, events: list[Any], where: Resumption) -> None:
    """Give the engine's environment the execution's past."""
    manager = env.event_manager
    manager._history_event_list[:] = events
    manager._event_id_gen._next_id = len(events) + 1
    env.event_history_context.source_event_id = env.event_history_context.last_published_event_id = len(events)
    env.states.reset(where.given)
    for name, value in where.variables.items():
        env.variable_store.set(name, value)
    env.variable_store.reset_tracing()
    history.suppress(manager, where.recorded)


def _prepare(execution: Any, state: Any, env: Any, where: Resumption) -> None:
    """Let the state that is entered again continue rather than start over."""
    token = tokens.open_token_of(execution.exec_arn)
    if token is not None:
        _once(env.states.context_object, "update_task_token", lambda: _taken(env, token))
    if where.submitted:
        _once(state, "_eval_service_task", lambda env, **_: env.stack.append({}))
    if hasattr(state, "timeout"):  # until the attempt has ended, which takes this away
        state.timeout.__dict__["_eval_seconds"] = _shorter(state.timeout._eval_seconds, where.waited_s)
    waits = getattr(state, "wait_function", None)
    if waits is not None and not type(waits).__name__.startswith("Timestamp"):
        _once(waits, "_get_wait_seconds", _shorter(waits._get_wait_seconds, where.waited_s))


def _taken(env: Any, token: str) -> str:
    env.states.context_object.context_object_data["Task"] = {"Token": token}
    return token


def _shorter(whole: Callable[..., float], by_s: float) -> Callable[..., int]:
    """What is left of a duration."""
    return lambda env: max(0, int(whole(env=env) - by_s))


def _once(owner: Any, name: str, instead: Callable[..., Any]) -> None:
    """Call ``instead`` the next time, and the original from then on."""

    def call(*args: Any, **named: Any) -> Any:
        del owner.__dict__[name]
        return instead(*args, **named)

    owner.__dict__[name] = call
