"""Step Functions in memory: the machine's executions in simulated time, task tokens, and the event of each end.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html and
https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html#connect-wait-token
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.torture.agenda import Agenda
from tests.torture.fakes import state_fields
from tests.torture.fakes.resources import Emit
from tests.torture.faults import Faults, refusal

EVENT = "Step Functions Execution Status Change"
Invoke = Callable[[str, dict[str, Any]], tuple[Any, str, str]]  # function, payload -> result, error, cause


@dataclass
class Execution:
    """One execution of a machine."""

    name: str
    arn: str
    machine: str  # ARN
    given: str  # its input, as it came
    data: dict[str, Any]
    state: str = ""
    status: str = "RUNNING"
    attempt: int = 0  # of any of its states; what belongs to an earlier one comes too late
    invoking: bool = False
    early: tuple[Any, str, str] | None = None  # an answer that came while the function still ran
    tried: dict[int, int] = field(default_factory=dict)  # of the state: rule -> attempts so far
    error: str = ""
    cause: str = ""


class States:
    """The state machines by ARN, and their executions."""

    def __init__(
        self, agenda: Agenda, faults: Faults, emit: Emit, machines: dict[str, dict[str, Any]], invoke: Invoke
    ) -> None:
        self._agenda, self._faults, self._emit, self._invoke = agenda, faults, emit, invoke
        self._machines = machines
        self.executions: dict[str, Execution] = {}
        self._tokens: dict[str, tuple[Execution, int]] = {}

    def of(self, machine: str) -> list[Execution]:
        """The executions of a machine."""
        return [execution for execution in self.executions.values() if execution.machine == machine]

    # The API

    def start_execution(self, *, stateMachineArn: str, name: str, input: str) -> dict[str, Any]:
        """StartExecution; the same name with the same input is the same start while it runs."""
        arn = f"{stateMachineArn.replace(':stateMachine:', ':execution:')}:{name}"
        known = self.executions.get(name)
        if known and (known.status != "RUNNING" or json.loads(known.given) != json.loads(input)):
            raise refusal("ExecutionAlreadyExists", name)
        if known is None:
            execution = self.executions[name] = Execution(name, arn, stateMachineArn, input, json.loads(input))
            self._enter(execution, self._machines[stateMachineArn]["StartAt"])
        return {"executionArn": arn, "startDate": self._agenda.at}

    def describe_execution(self, *, executionArn: str) -> dict[str, Any]:
        """DescribeExecution."""
        execution = self.executions.get(executionArn.rsplit(":", 1)[-1])
        if execution is None:
            raise refusal("ExecutionDoesNotExist", executionArn)
        return {"status": execution.status, **self._detail(execution)}

    def stop_execution(self, *, executionArn: str) -> dict[str, Any]:
        """StopExecution."""
        execution = self.executions[executionArn.rsplit(":", 1)[-1]]
        if execution.status == "RUNNING":
            self._end(execution, "ABORTED")
        return {}

    def send_task_success(self, *, taskToken: str, output: str) -> dict[str, Any]:
        """SendTaskSuccess."""
        return self._answer(taskToken, (json.loads(output), "", ""))

    def send_task_failure(self, *, taskToken: str, error: str, cause: str) -> dict[str, Any]:
        """SendTaskFailure."""
        return self._answer(taskToken, (None, error, cause))

    def _answer(self, token: str, outcome: tuple[Any, str, str]) -> dict[str, Any]:
        execution, attempt = self._tokens.get(token, (None, 0))
        if execution is None or execution.attempt != attempt or execution.early is not None:
            raise refusal("TaskTimedOut", "Provided task does not exist anymore")
        if execution.invoking and self._faults.random.random() < 0.5:  # nobody says which comes first
            execution.early = outcome
        else:
            self._outcome(execution, attempt, outcome)
        return {}

    # From state to state

    def _context(self, execution: Execution) -> dict[str, Any]:
        token = f"{execution.name}#{execution.attempt}"
        return {"Execution": {"Id": execution.arn, "Name": execution.name}, "Task": {"Token": token}}

    def _enter(self, execution: Execution, state: str) -> None:
        execution.state, execution.tried = state, {}
        self._later(execution, 0.03 + 0.1 * self._faults.random.random())

    def _later(self, execution: Execution, seconds: float, timer: bool = False) -> None:
        execution.attempt += 1
        execution.early = None
        attempt, state = execution.attempt, execution.state
        self._agenda.later(seconds, f"{execution.name}: {state}", lambda: self._run(execution, attempt), timer)

    def _run(self, execution: Execution, attempt: int) -> None:
        if execution.attempt != attempt or execution.status != "RUNNING":
            return
        state = self._machines[execution.machine]["States"][execution.state]
        try:
            getattr(self, f"_{state['Type'].lower()}")(execution, state)
        except state_fields.PathMissing as missing:
            self._end(execution, "FAILED", "States.Runtime", str(missing))

    def _choice(self, execution: Execution, state: dict[str, Any]) -> None:
        self._enter(execution, state_fields.chosen(state, execution.data, self._context(execution)))

    def _pass(self, execution: Execution, state: dict[str, Any]) -> None:
        context = self._context(execution)
        given = state_fields.look_up(state.get("InputPath", "$"), execution.data, context)
        result = state_fields.filled(state["Parameters"], given, context) if "Parameters" in state else given
        execution.data = state_fields.with_result(state.get("ResultPath", "$"), execution.data, result)
        if state.get("End"):
            self._end(execution, "SUCCEEDED")
        else:
            self._enter(execution, state["Next"])

    def _wait(self, execution: Execution, state: dict[str, Any]) -> None:
        seconds = state_fields.look_up(state["SecondsPath"], execution.data, {})
        execution.state, execution.tried = state["Next"], {}
        self._later(execution, float(seconds))

    def _succeed(self, execution: Execution, state: dict[str, Any]) -> None:
        self._end(execution, "SUCCEEDED")

    def _fail(self, execution: Execution, state: dict[str, Any]) -> None:
        cause = state_fields.look_up(state["CausePath"], execution.data, {})
        self._end(execution, "FAILED", state["Error"], str(cause))

    def _task(self, execution: Execution, state: dict[str, Any]) -> None:
        context, attempt = self._context(execution), execution.attempt
        waits = state["Resource"].endswith(":lambda:invoke.waitForTaskToken")
        given = state_fields.filled(state["Parameters"], execution.data, context)
        function, payload = (given["FunctionName"], given["Payload"]) if waits else (state["Resource"], given)
        self._watch(execution, state)
        if waits:
            self._tokens[context["Task"]["Token"]] = execution, attempt
        execution.invoking = True
        result, error, cause = self._invoke(function, json.loads(json.dumps(payload)))
        execution.invoking = False
        if execution.attempt != attempt:
            return
        if error or not waits:
            self._outcome(execution, attempt, (result, error, cause))
        elif execution.early is not None:
            self._outcome(execution, attempt, execution.early)

    def _watch(self, execution: Execution, state: dict[str, Any]) -> None:
        path, attempt = state.get("TimeoutSecondsPath"), execution.attempt
        seconds = state_fields.look_up(path, execution.data, {}) if path else state["TimeoutSeconds"]
        outcome = (None, "States.Timeout", "")
        self._agenda.later(seconds, "timeout", lambda: self._outcome(execution, attempt, outcome), timer=True)

    def _outcome(self, execution: Execution, attempt: int, outcome: tuple[Any, str, str]) -> None:
        if execution.attempt != attempt or execution.status != "RUNNING":
            return
        state, (result, error, cause) = self._machines[execution.machine]["States"][execution.state], outcome
        if error:
            self._failed(execution, state, error, cause)
            return
        execution.data = state_fields.with_result(state["ResultPath"], execution.data, result)
        self._enter(execution, state["Next"])

    def _failed(self, execution: Execution, state: dict[str, Any], error: str, cause: str) -> None:
        for number, rule in enumerate(state.get("Retry", [])):
            if state_fields.catches(rule, error):
                tried = execution.tried.get(number, 0)
                seconds = state_fields.delay_s(rule, tried, self._faults.random.random())
                if seconds is not None:
                    execution.tried[number] = tried + 1
                    self._later(execution, seconds)
                    return
                break
        for rule in state.get("Catch", []):
            if state_fields.catches(rule, error):
                caught = {"Error": error, "Cause": cause}
                execution.data = state_fields.with_result(rule["ResultPath"], execution.data, caught)
                self._enter(execution, rule["Next"])
                return
        self._end(execution, "FAILED", error, cause)

    def _end(self, execution: Execution, status: str, error: str = "", cause: str = "") -> None:
        execution.status, execution.error, execution.cause = status, error, cause
        execution.attempt += 1
        self._emit("aws.states", EVENT, self._detail(execution))

    def _detail(self, execution: Execution) -> dict[str, Any]:
        return {
            "executionArn": execution.arn, "stateMachineArn": execution.machine, "name": execution.name,
            "status": execution.status, "input": execution.given,
            "error": execution.error or None, "cause": execution.cause or None,
        }  # fmt: skip
