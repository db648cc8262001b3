"""Steps that others do: a function (Lambda), or whoever reads a queue and answers with the token (Callback).

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
from localcloud.sagemaker.pipelines.step_records import Call, Ran, StepFailed, StepStopped
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


class Handovers:
    """Runs these steps, and hears the answers to callbacks."""

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

    def function(self, call: Call) -> Ran:
        """Invoke a function with the step's arguments; what it answers are the step's outputs."""
        arn = str(call.target["FunctionArn"])
        metadata: dict[str, Any] = {"Lambda": {"Arn": arn}}
        call.started(metadata, lambda: None)  # a function cannot be stopped: the execution waits for it
        client = roles.client(self.context.cloud, "lambda", call.role)
        try:
            answer = client.invoke(FunctionName=arn, Payload=json.dumps(call.arguments))
        except ClientError as error:
            raise StepFailed(f"ClientError: Failed to invoke lambda: {error}", "Step.SERVICE_FAULT") from error
        body = answer["Payload"].read().decode()
        if answer.get("FunctionError"):
            raise StepFailed(f"ClientError: Lambda function {arn} returned an error: {body}", "Lambda")
        found = _outputs(json.loads(body or "null"), call)
        metadata["Lambda"]["OutputParameters"] = [{"Name": n, "Value": _text(value)} for n, value in found.items()]
        return Ran(metadata, {"OutputParameters": found})

    def callback(self, call: Call) -> Ran:
        """Put a token on a queue, and wait for whoever answers it."""
        token = fresh_token()
        url = str(call.target["SqsQueueUrl"])
        awaited = Awaited(call.execution_arn)
        with self.context.lock:
            self.awaited[token] = awaited
        metadata: dict[str, Any] = {"Callback": {"CallbackToken": token, "SqsQueueUrl": url}}
        message = {"token": token, "pipelineExecutionArn": call.execution_arn, "arguments": call.arguments}
        self._send(call, url, {**message, "status": "Executing"})
        call.started(metadata, lambda: self._stopping(call, url, awaited, message))
        awaited.answered.wait()
        if awaited.failure is not None:
            raise StepStopped if awaited.stopping else StepFailed(f"ClientError: {awaited.failure}", "Callback")
        if awaited.stopping:
            raise StepStopped
        found = _outputs(awaited.output, call)
        metadata["Callback"]["OutputParameters"] = [{"Name": n, "Value": _text(value)} for n, value in found.items()]
        return Ran(metadata, {"OutputParameters": found})

    def succeed(self, request: Request) -> dict[str, Any]:
        """SendPipelineExecutionStepSuccess."""
        api_shapes.check("SendPipelineExecutionStepSuccess", request)
        given = {entry["Name"]: entry["Value"] for entry in request.get("OutputParameters") or []}
        return self._answer(request["CallbackToken"], given, None)

    def fail(self, request: Request) -> dict[str, Any]:
        """SendPipelineExecutionStepFailure."""
        api_shapes.check("SendPipelineExecutionStepFailure", request)
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

    def _stopping(self, call: Call, url: str, awaited: Awaited, message: Mapping[str, Any]) -> None:
        """Tell the queue that the execution is being stopped; it stops when the callback is answered."""
        awaited.stopping = True
        if not awaited.answered.is_set():
            with suppress(StepFailed):  # whoever was to read it is gone; the answer is awaited all the same
                self._send(call, url, {**message, "status": "Stopping"})

    def _send(self, call: Call, url: str, message: Mapping[str, Any]) -> None:
        queue = roles.client(self.context.cloud, "sqs", call.role)
        more = {"MessageGroupId": call.execution_id, "MessageDeduplicationId": secrets.token_hex(8)}
        try:
            queue.send_message(QueueUrl=url, MessageBody=json.dumps(message), **(more if url.endswith(".fifo") else {}))
        except ClientError as error:
            raise StepFailed(f"ClientError: Failed to invoke sqs: {error}", "Step.SERVICE_FAULT") from error


def _outputs(answer: Any, call: Call) -> dict[str, Any]:
    """The step's declared outputs out of an answer, in their types."""
    found = {}
    for declared in call.target.get("OutputParameters") or []:
        name, kind = declared["OutputName"], declared.get("OutputType", "String")
        if not isinstance(answer, Mapping) or name not in answer:
            raise StepFailed(f"ClientError: the answer to step {call.step} has no output {name}", "Output")
        value = answer[name]
        try:
            found[name] = value if isinstance(value, bool) else TYPES[kind](value)
        except (ValueError, TypeError) as error:
            told = f"ClientError: output {name} of step {call.step} must be of type {kind}, found {value!r}"
            raise StepFailed(told, "Output") from error
    return found


def _text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, (bool, int, float)) else str(value)
