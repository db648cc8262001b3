"""The answers to Callback steps: tokens that wait, and whoever answers them.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps.html#step-type-lambda,
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_SendPipelineExecutionStepSuccess.html and
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_StopPipelineExecution.html
"""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from localcloud.iam import requests
from localcloud.sagemaker import api_shapes, roles
from localcloud.sagemaker.api_shapes import Context, Request, invalid, not_found
from localcloud.sagemaker.pipelines.step_records import StepAttempt, StepFailed, StepResult, StepStopped
from localcloud.sagemaker.step_names import fresh_token

TYPES: Mapping[str, Callable[[Any], Any]] = {
    "String": str, "Integer": int, "Float": float, "Boolean": lambda value: str(value).lower() == "true",
}  # fmt: skip


@dataclass
class Awaited:
    """A callback step that waits for its answer."""

    execution_arn: str
    answered: threading.Event = field(default_factory=threading.Event)
    output: dict[str, str] = field(default_factory=dict)
    failure: str | None = None
    stopping: bool = False


class Callbacks:
    """Puts tokens on queues, and takes the answers to them."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.awaited: dict[str, Awaited] = {}
        requests.execution_of_callback = self._execution_of

    def operations(self) -> dict[str, api_shapes.Operation]:
        """The API's operations on callback steps."""
        return {
            "SendPipelineExecutionStepSuccess": self.succeed,
            "SendPipelineExecutionStepFailure": self.fail,
        }

    def wait(self, attempt: StepAttempt) -> StepResult:
        """Put a token on a queue, and wait for whoever answers it.

        Raises:
            StepFailed: nobody can be asked, the answer is a failure, or it lacks an output.
            StepStopped: the execution was stopped, and the answer has come.
        """
        token = fresh_token()
        url = str(attempt.target["SqsQueueUrl"])
        awaited = Awaited(attempt.execution_arn)
        with self.context.lock:
            self.awaited[token] = awaited
        metadata: dict[str, Any] = {"Callback": {"CallbackToken": token, "SqsQueueUrl": url}}
        message = {"token": token, "pipelineExecutionArn": attempt.execution_arn, "arguments": attempt.arguments}
        self._send(attempt, url, {**message, "status": "Executing"})
        attempt.started(metadata, lambda: self._stopping(attempt, url, awaited, message))
        awaited.answered.wait()
        if awaited.failure is not None:
            raise StepStopped if awaited.stopping else StepFailed(f"ClientError: {awaited.failure}", "Callback")
        if awaited.stopping:
            raise StepStopped
        outputs = declared_outputs(awaited.output, attempt)
        metadata["Callback"]["OutputParameters"] = output_metadata(outputs)
        return StepResult(metadata, {"OutputParameters": outputs})

    def succeed(self, request: Request) -> dict[str, Any]:
        """SendPipelineExecutionStepSuccess."""
        given = {entry["Name"]: entry["Value"] for entry in request.get("OutputParameters") or []}
        return self._answer(request["CallbackToken"], given, None)

    def fail(self, request: Request) -> dict[str, Any]:
        """SendPipelineExecutionStepFailure."""
        return self._answer(request["CallbackToken"], {}, request.get("FailureReason") or "The callback step failed.")

    def _execution_of(self, token: str) -> str | None:
        awaited = self.awaited.get(token)
        return awaited.execution_arn if awaited else None

    def _answer(self, token: str, output: dict[str, str], failure: str | None) -> dict[str, Any]:
        with self.context.lock:
            awaited = self.awaited.get(token)
            if awaited is None:
                raise not_found(f"Callback token {token} does not exist.")
            if awaited.answered.is_set():
                raise invalid(f"The callback step of token {token} has been answered already.")
            awaited.output, awaited.failure = output, failure
            awaited.answered.set()
        return {"PipelineExecutionArn": awaited.execution_arn}

    def _stopping(self, attempt: StepAttempt, url: str, awaited: Awaited, message: Mapping[str, Any]) -> None:
        """Tell the queue that the execution is being stopped; it stops when the callback is answered."""
        awaited.stopping = True
        if not awaited.answered.is_set():
            with suppress(StepFailed):  # whoever was to read it is gone; the answer is awaited all the same
                self._send(attempt, url, {**message, "status": "Stopping"})

    def _send(self, attempt: StepAttempt, url: str, message: Mapping[str, Any]) -> None:
        queue = roles.client(self.context.cloud, "sqs", attempt.role)
        more = {"MessageGroupId": attempt.execution_id, "MessageDeduplicationId": secrets.token_hex(8)}
        try:
            queue.send_message(QueueUrl=url, MessageBody=json.dumps(message), **(more if url.endswith(".fifo") else {}))
        except ClientError as error:
            raise StepFailed(f"ClientError: Failed to invoke sqs: {error}", "Step.SERVICE_FAULT") from error


def declared_outputs(answer: Any, attempt: StepAttempt) -> dict[str, Any]:
    """The step's declared outputs out of an answer, in their types.

    Raises:
        StepFailed: one is not there, or of another type.
    """
    found = {}
    for declared in attempt.target.get("OutputParameters") or []:
        name, kind = declared["OutputName"], declared.get("OutputType", "String")
        if not isinstance(answer, Mapping) or name not in answer:
            raise StepFailed(f"ClientError: the answer to step {attempt.step} has no output {name}", "Output")
        value = answer[name]
        try:
            found[name] = value if isinstance(value, bool) else TYPES[kind](value)
        except (ValueError, TypeError) as error:
            told = f"ClientError: output {name} of step {attempt.step} must be of type {kind}, found {value!r}"
            raise StepFailed(told, "Output") from error
    return found


def output_metadata(outputs: Mapping[str, Any]) -> list[dict[str, str]]:
    """A step's outputs as its metadata tells them."""
    return [{"Name": name, "Value": _text(value)} for name, value in outputs.items()]


def _text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, (bool, int, float)) else str(value)
