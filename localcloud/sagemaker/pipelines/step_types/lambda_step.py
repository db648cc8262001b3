"""Lambda steps: a function is called with the step's arguments, and answers the step's outputs.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps-types.html#step-type-lambda
"""

from __future__ import annotations

import json
from typing import Any

from botocore.exceptions import ClientError

from localcloud.sagemaker import roles
from localcloud.sagemaker.pipelines.callbacks import declared_outputs, output_metadata
from localcloud.sagemaker.pipelines.step_records import StepAttempt, StepFailed, StepResult
from localcloud.sagemaker.pipelines.step_types.services import Services
from localcloud.sagemaker.pipelines.step_types.step_type import ALL, StepType


def run_lambda(services: Services, attempt: StepAttempt) -> StepResult:
    """Invoke a function; one that fails, or answers without a declared output, fails the step."""
    arn = str(attempt.target["FunctionArn"])
    metadata: dict[str, Any] = {"Lambda": {"Arn": arn}}
    attempt.started(metadata, lambda: None)  # a function cannot be stopped: the execution waits for it
    client = roles.client(services.context.cloud, "lambda", attempt.role)
    try:
        answer = client.invoke(FunctionName=arn, Payload=json.dumps(attempt.arguments))
    except ClientError as error:
        raise StepFailed(f"ClientError: Failed to invoke lambda: {error}", "Step.SERVICE_FAULT") from error
    body = answer["Payload"].read().decode()
    if answer.get("FunctionError"):
        raise StepFailed(f"ClientError: Lambda function {arn} returned an error: {body}", "Lambda")
    outputs = declared_outputs(json.loads(body or "null"), attempt)
    metadata["Lambda"]["OutputParameters"] = output_metadata(outputs)
    return StepResult(metadata, {"OutputParameters": outputs})


LAMBDA_STEP = StepType(
    "Lambda", run_lambda, fields=("FunctionArn", "OutputParameters", "CacheConfig"), required=("FunctionArn",),
    cached_by=ALL,
)  # fmt: skip
