"""Executions from start to end, and the event that each change of status puts on the bus.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
"""

from __future__ import annotations

import json
import re
import threading
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.core.utils import iso_8601_datetime_with_milliseconds
from moto.stepfunctions.exceptions import InvalidName
from moto.stepfunctions.parser.api import ExecutionStatus, HistoryEventType
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails
from moto.stepfunctions.parser.asl.eval.program_state import ProgramTimedOut
from moto.stepfunctions.parser.utils import TMP_THREADS

from localcloud.bus import events
from localcloud.front import moto_patches
from localcloud.iam import deliveries
from localcloud.iam.checks import Refused
from localcloud.persistence import executions as persisted_executions
from localcloud.persistence.executions import Interrupted
from localcloud.settings import Cloud
from localcloud.stepfunctions import ended as ended_executions
from localcloud.stepfunctions import tokens
from localcloud.stepfunctions.logging import session

EXECUTION = "moto.stepfunctions.parser.backend.execution"
BACKEND = "moto.stepfunctions.parser.models:StepFunctionsParserBackend"
LARGEST_PAYLOAD = 248 * 1024  # of escaped input and output together; more is left out of the event
# Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
_FORBIDDEN = re.compile(r"[\s<>{}\[\]?*\"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f]")
LONGEST_NAME = 80

_ENDS = {
    "ExecutionSucceeded": ExecutionStatus.SUCCEEDED,
    "ExecutionFailed": ExecutionStatus.FAILED,
    "ExecutionAborted": ExecutionStatus.ABORTED,
    "ExecutionTimedOut": ExecutionStatus.TIMED_OUT,
}
_START = threading.Lock()  # looking for a name and taking it are two steps in moto
_END = threading.Lock()  # an execution ends once: by itself, by timeout, or stopped


def install(cloud: Cloud) -> None:
    """Name, announce and end executions."""
    del cloud

    def start_execution(
        self: Any,
        state_machine_arn: str,
        name: str | None = None,
        execution_input: Any = None,
        trace_header: Any = None,
    ) -> Any:
        name = name or str(uuid.uuid4())
        if len(name) > LONGEST_NAME or _FORBIDDEN.search(name):
            raise InvalidName(f"Invalid Name: '{name}'")
        with _START:
            TMP_THREADS[:] = [thread for thread in TMP_THREADS if thread.is_alive()]
            machine = self.describe_state_machine(state_machine_arn)
            _check_role(machine)
            ended_executions.forget_oldest(machine)
            return original_start(self, state_machine_arn, name, execution_input, trace_header)

    def begin(self: Any) -> None:
        self._cloud_watch_logging_session = session(self)
        persisted_executions.record_execution(self)
        announce(self, ExecutionStatus.RUNNING)
        original_begin(self)

    def ended(self: Any) -> None:
        execution = self.execution
        with _END:
            if execution.exec_status is not ExecutionStatus.RUNNING:
                return
            state = execution.exec_worker.env.program_state()
            original_ended(self)
            if isinstance(state, ProgramTimedOut):
                _timed_out(execution)
            ended_executions.pack(execution)
        announce(execution, execution.exec_status)

    def create(self: Any, *given: Any, **named: Any) -> None:
        original_create(self, *given, **named)
        self.exec_status = ExecutionStatus.RUNNING  # it is listed before it begins

    original_create = moto_patches.replace(f"{EXECUTION}:Execution.__init__", create)
    original_start = moto_patches.replace(f"{BACKEND}.start_execution", start_execution)
    original_begin = moto_patches.replace(f"{EXECUTION}:Execution.start", begin)
    original_ended = moto_patches.replace(
        f"{EXECUTION}:BaseExecutionWorkerCommunication._reflect_execution_status", ended
    )


def _check_role(machine: Any) -> None:
    """Refuse a start before anything of it is kept.

    Raises:
        JsonRESTError: AccessDeniedException; policies are enforced and the role does not trust Step Functions.
    """
    try:
        deliveries.start_machine(machine.roleArn, machine.arn)
    except Refused as refused:
        raise JsonRESTError("AccessDeniedException", str(refused)) from refused


def _timed_out(execution: Any) -> None:
    env = execution.exec_worker.env
    details = EventDetails(executionTimedOutEventDetails={"error": "States.Timeout"})
    _last_event(env, HistoryEventType.ExecutionTimedOut, details)
    tokens.close_all(env.callback_pool_manager)


def stop(execution: Any, error: str | None, cause: str | None) -> datetime:
    """StopExecution: ABORTED at once, whatever the running state waits for. One that has ended stays as it is."""
    with _END:
        if execution.exec_status is not ExecutionStatus.RUNNING:
            stopped: datetime = execution.stop_date
            return stopped
        now = datetime.now(UTC)
        execution.exec_status, execution.stop_date = ExecutionStatus.ABORTED, now
        execution.error, execution.cause = error, cause
        env = _environment(execution)
        details = {key: value for key, value in (("error", error), ("cause", cause)) if value is not None}
        if isinstance(env, Interrupted):
            _add(env.history, HistoryEventType.ExecutionAborted, {"executionAbortedEventDetails": details})
        elif env is not None:
            _last_event(env, HistoryEventType.ExecutionAborted, EventDetails(executionAbortedEventDetails=details))
            env.set_stop(stop_date=now, cause=cause, error=error)
            tokens.close_all(env.callback_pool_manager)
        ended_executions.pack(execution)
    tokens.close_all_of(execution.exec_arn)
    announce(execution, ExecutionStatus.ABORTED)
    return now


def conclude(execution: Any, history: list[dict[str, Any]]) -> None:
    """End an execution whose states were done when the process ended, and send its status event."""
    with _END:
        details = _end_of(history)
        execution.exec_status = _ENDS[history[-1]["type"].value]
        execution.stop_date = datetime.fromisoformat(str(history[-1]["timestamp"]).replace("Z", "+00:00"))
        execution.error, execution.cause = details.get("error"), details.get("cause")
        if "output" in details:
            execution.output = json.loads(details["output"])
        execution.exec_worker = Interrupted(history)
        ended_executions.pack(execution)
    tokens.close_all_of(execution.exec_arn)
    announce(execution, execution.exec_status)


def _end_of(history: list[dict[str, Any]]) -> Mapping[str, Any]:
    """The details of the last event, which is added if it is missing."""
    if history[-1]["type"].value not in _ENDS:
        output = {"output": history[-1]["stateExitedEventDetails"]["output"], "outputDetails": {"truncated": False}}
        _add(history, HistoryEventType.ExecutionSucceeded, {"executionSucceededEventDetails": output})
    last = history[-1]
    return next((value for name, value in last.items() if name.endswith("EventDetails")), {})


def _add(history: list[dict[str, Any]], kind: HistoryEventType, details: Mapping[str, Any], previous: int = 0) -> None:
    now = iso_8601_datetime_with_milliseconds(datetime.now(UTC))
    number = len(history) + 1
    history.append({**details, "id": number, "previousEventId": previous, "type": kind, "timestamp": now})


def _environment(execution: Any) -> Any:
    return execution.exec_worker.env if execution.exec_worker else None


def _last_event(env: Any, kind: HistoryEventType, details: EventDetails) -> None:
    env.event_history_context.source_event_id = 0
    env.event_manager.add_event(context=env.event_history_context, event_type=kind, event_details=details)


def announce(execution: Any, status: ExecutionStatus) -> None:
    """Tell the bus; express workflows tell nobody."""
    if execution.sm_type == "EXPRESS":
        return
    events.emit(
        "aws.states",
        "Step Functions Execution Status Change",
        described(execution, status),
        [execution.exec_arn],
        region=execution.region_name,
    )


def described(execution: Any, status: ExecutionStatus) -> dict[str, Any]:
    """The detail of the event. Times are milliseconds since 1970; what is not there yet is null."""
    has_output = status is ExecutionStatus.SUCCEEDED
    given: str | None = execution.execution_input
    output = json.dumps(execution.output, separators=(",", ":")) if has_output else None
    output_fits = output is None or len(json.dumps(output)) <= LARGEST_PAYLOAD
    input_fits = len(json.dumps(given)) + len(json.dumps(output)) <= LARGEST_PAYLOAD
    return {
        "executionArn": execution.exec_arn,
        "stateMachineArn": execution.state_machine.arn,
        "name": execution.name,
        "status": status.value,
        "startDate": _milliseconds(execution.start_date),
        "stopDate": None if status is ExecutionStatus.RUNNING else _milliseconds(execution.stop_date),
        "input": given if input_fits else None,
        "inputDetails": {"included": input_fits},
        "output": output if output_fits else None,
        "outputDetails": {"included": output_fits} if has_output else None,
        "error": execution.error,
        "cause": execution.cause,
    }


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)
