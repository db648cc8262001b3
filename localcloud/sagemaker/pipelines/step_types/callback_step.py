"""Callback steps: a token is put on a queue, and the step waits for whoever answers it.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps-types.html#step-type-callback
"""

from __future__ import annotations

from localcloud.sagemaker.pipelines.step_records import StepAttempt, StepResult
from localcloud.sagemaker.pipelines.step_types.services import Services
from localcloud.sagemaker.pipelines.step_types.step_type import ALL, StepType


def run_callback(services: Services, attempt: StepAttempt) -> StepResult:
    """Wait for the answer to the step's token."""
    return services.callbacks.wait(attempt)


CALLBACK_STEP = StepType(
    "Callback", run_callback, fields=("SqsQueueUrl", "OutputParameters", "CacheConfig"), required=("SqsQueueUrl",),
    cached_by=ALL,
)  # fmt: skip
