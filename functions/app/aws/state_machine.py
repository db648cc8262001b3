"""The state machine: its executions and its task tokens."""

import json
from typing import Any

from botocore.exceptions import ClientError

from app.aws.clients import calling, client

# A token that was answered, timed out or belongs to an execution that is over.
PAGE, FIRST = 1_000, 100  # events: what Step Functions gives at once; of a history's beginning
STALE = ("TaskTimedOut", "TaskDoesNotExist", "InvalidToken")


def start(machine_arn: str, name: str, task: dict[str, Any]) -> None:
    """Start an execution. Idempotent: the name is derived from the input, so an existing execution is ours.

    Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
    """
    try:
        with calling("ExecutionAlreadyExists"):
            client("stepfunctions").start_execution(stateMachineArn=machine_arn, name=name, input=json.dumps(task))
    except ClientError:
        return


def describe(execution_arn: str) -> dict[str, Any] | None:
    """Describe an execution; None for one that was never started, or is long gone.

    Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeExecution.html
    """
    try:
        with calling("ExecutionDoesNotExist"):
            description: dict[str, Any] = client("stepfunctions").describe_execution(executionArn=execution_arn)
    except ClientError:
        return None
    return description


def definition(execution_arn: str) -> str:
    """The definition that an execution runs, as JSON.

    Raises:
        ResourceMissing: it was never started, or ended 90 days ago.

    Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeStateMachineForExecution.html
    """
    with calling():
        return str(
            client("stepfunctions").describe_state_machine_for_execution(executionArn=execution_arn)["definition"]
        )


def history(execution_arn: str) -> list[dict[str, Any]]:
    """The events of an execution without their data, oldest first: of a long one its newest thousand, and how it began.

    Raises:
        ResourceMissing: it was never started, or ended 90 days ago.

    Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_GetExecutionHistory.html
    """
    asked: dict[str, Any] = {"executionArn": execution_arn, "includeExecutionData": False}
    with calling():
        newest = client("stepfunctions").get_execution_history(**asked, maxResults=PAGE, reverseOrder=True)
        long = "nextToken" in newest
        first = client("stepfunctions").get_execution_history(**asked, maxResults=FIRST)["events"] if long else []
    found: list[dict[str, Any]] = newest["events"][::-1]
    return [*(one for one in first if one["id"] < found[0]["id"]), *found]


def succeed(task_token: str, output: dict[str, Any]) -> bool:
    """Send a task's success; False when its state waits no more, which is no error. Idempotent."""
    try:
        with calling(*STALE):
            client("stepfunctions").send_task_success(taskToken=task_token, output=json.dumps(output))
    except ClientError:
        return False
    return True


def fail(task_token: str, error: str, cause: str) -> bool:
    """Send a task's failure; False when its state waits no more. ``cause`` is cut to what Step Functions takes."""
    try:
        with calling(*STALE):
            client("stepfunctions").send_task_failure(taskToken=task_token, error=error, cause=cause[:32_000])
    except ClientError:
        return False
    return True
