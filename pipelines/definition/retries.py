"""How often a step is tried again, with the SageMaker SDK's own policies."""

from typing import Any

from sagemaker.mlops.workflow.retry import (
    SageMakerJobExceptionTypeEnum,
    SageMakerJobStepRetryPolicy,
    StepExceptionTypeEnum,
    StepRetryPolicy,
)


def retries() -> list[Any]:
    """Patience with the service and with capacity; a job that fails by its own fault is not tried again.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/pipelines-retry-policy.html
    """
    service, job = StepExceptionTypeEnum, SageMakerJobExceptionTypeEnum
    return [
        StepRetryPolicy(
            exception_types=[service.SERVICE_FAULT, service.THROTTLING],
            interval_seconds=10, backoff_rate=2.0, max_attempts=5,
        ),
        SageMakerJobStepRetryPolicy(
            exception_types=[job.RESOURCE_LIMIT], interval_seconds=60, backoff_rate=2.0, max_attempts=5
        ),
        SageMakerJobStepRetryPolicy(
            failure_reason_types=[job.INTERNAL_ERROR, job.CAPACITY_ERROR],
            interval_seconds=30, backoff_rate=2.0, max_attempts=3,
        ),
    ]  # fmt: skip
