"""The operations that moto answers short of AWS: what they take, and every field of what they give back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.core.exceptions import AWSError
from moto.core.responses import ActionResult, EmptyResult
from moto.stepfunctions.exceptions import InvalidToken
from moto.stepfunctions.parser import api

from localcloud.front import moto_patches
from localcloud.stepfunctions import executions, tokens

RESPONSES = "moto.stepfunctions.responses:StepFunctionResponse"
LAST_EVENTS = ("ExecutionSucceeded", "ExecutionFailed", "ExecutionAborted", "ExecutionTimedOut")


def install() -> None:
    """Replace them, and give the engine's errors their names."""
    _name_errors()
    for name, answer in _OPERATIONS.items():
        moto_patches.replace(f"{RESPONSES}.{name}", answer)


def _name_errors() -> None:
    """The engine's errors say their code where their base class does not look, and would go out without one."""
    for name, error in vars(api).items():
        if isinstance(error, type) and issubclass(error, AWSError) and isinstance(vars(error).get("code"), str):
            setattr(error, "TYPE", name)  # noqa: B010 - moto is untyped here


def _execution(self: Any) -> Any:
    return self.stepfunction_backend.describe_execution(self._get_param("executionArn"))


def _stop_execution(self: Any) -> ActionResult:
    return ActionResult(
        {"stopDate": executions.stop(_execution(self), self._get_param("error"), self._get_param("cause"))}
    )


def _describe_execution(self: Any) -> ActionResult:
    execution = _execution(self)
    shown = dict(execution.to_describe_output())
    shown["input"] = execution.execution_input
    shown["redriveCount"] = 0
    shown["redriveStatus"] = "NOT_REDRIVABLE"
    return ActionResult({key: value for key, value in shown.items() if value is not None})


def _describe_machine_of_execution(self: Any) -> ActionResult:
    """The machine as it was when the execution started, whatever became of it since."""
    machine = _execution(self).state_machine
    return ActionResult({
        "stateMachineArn": machine.arn,
        "name": machine.name,
        "definition": machine.definition,
        "roleArn": machine.roleArn,
        "updateDate": machine.update_date,
        "loggingConfiguration": machine.loggingConfiguration,
        "tracingConfiguration": machine.tracingConfiguration,
        "encryptionConfiguration": machine.encryptionConfiguration,
    })  # fmt: skip


def _list_executions(self: Any) -> ActionResult:
    backend, arn = self.stepfunction_backend, self._get_param("stateMachineArn")
    found, next_token = backend.list_executions(
        arn,
        status_filter=self._get_param("statusFilter"),
        max_results=self._get_int_param("maxResults") or None,
        next_token=self._get_param("nextToken"),
    )
    shown = [
        {key: value for key, value in execution.to_execution_list_item().items() if value is not None}
        for execution in found
    ]
    return ActionResult({"executions": shown, "nextToken": next_token})


def _get_execution_history(self: Any) -> ActionResult:
    events = _until_the_end(list(_execution(self).to_history_output()["events"]))
    if self._get_param("includeExecutionData") is False:
        events = [_without_data(event) for event in events]
    if self._get_param("reverseOrder"):
        events.reverse()
    start, size = _page_start(self._get_param("nextToken")), int(self._get_param("maxResults") or 100)
    more = str(start + size) if start + size < len(events) else None
    return ActionResult({"events": events[start : start + size]} | ({"nextToken": more} if more else {}))


def _page_start(token: str | None) -> int:
    if token is None:
        return 0
    if not token.isdigit():
        raise InvalidToken(f"'{token}'")
    return int(token)


def _until_the_end(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A state that was stopped still says something when it wakes; nothing comes after the end."""
    for index, event in enumerate(events):
        if str(getattr(event["type"], "value", event["type"])) in LAST_EVENTS:
            return events[: index + 1]
    return events


def _without_data(event: dict[str, Any]) -> dict[str, Any]:
    hidden = ("input", "output", "inputDetails", "outputDetails", "parameters")
    return {
        key: {name: item for name, item in value.items() if name not in hidden} if isinstance(value, dict) else value
        for key, value in event.items()
    }


def _send_task_success(self: Any) -> ActionResult:
    tokens.succeed(self._get_param("taskToken"), self._get_param("output"))
    return EmptyResult()


def _send_task_failure(self: Any) -> ActionResult:
    tokens.fail(self._get_param("taskToken"), self._get_param("error"), self._get_param("cause"))
    return EmptyResult()


def _send_task_heartbeat(self: Any) -> ActionResult:
    tokens.heartbeat(self._get_param("taskToken"))
    return EmptyResult()


_OPERATIONS: dict[str, Callable[[Any], ActionResult]] = {
    "stop_execution": _stop_execution,
    "describe_execution": _describe_execution,
    "list_executions": _list_executions,
    "describe_state_machine_for_execution": _describe_machine_of_execution,
    "get_execution_history": _get_execution_history,
    "send_task_success": _send_task_success,
    "send_task_failure": _send_task_failure,
    "send_task_heartbeat": _send_task_heartbeat,
}
