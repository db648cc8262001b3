"""What a retry policy calls a step's failure.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/pipelines-retry-policy.html
"""

from __future__ import annotations

from moto.core.exceptions import ServiceException

from localcloud.sagemaker.capacity import CAPACITY_ERROR
from localcloud.sagemaker.pipelines.step_records import StepFailed

JOB_FAULTS = {"InternalServerError": "SageMaker.JOB_INTERNAL_ERROR", CAPACITY_ERROR: "SageMaker.CAPACITY_ERROR"}
REFUSALS = {
    "ResourceLimitExceeded": "SageMaker.RESOURCE_LIMIT",
    "ThrottlingException": "Step.THROTTLING",
    "InternalFailure": "Step.SERVICE_FAULT",
    "ServiceUnavailable": "Step.SERVICE_FAULT",
}


def job_failed(reason: str) -> StepFailed:
    """A job's failure as its step's."""
    known = reason.startswith(("ClientError", "AlgorithmError", CAPACITY_ERROR))
    return StepFailed(reason if known else f"ClientError: {reason}", fault_kind(reason))


def fault_kind(reason: str) -> str:
    """What a retry policy calls a job's failure."""
    kinds = (kind for start, kind in JOB_FAULTS.items() if reason.startswith(start))
    return next(kinds, "Job")


def request_refused(error: ServiceException) -> StepFailed:
    """A refusal of the API as a failed step. What is wrong with a request stays wrong: no policy tries it again."""
    kind = REFUSALS.get(error.code, "Request")
    return StepFailed(f"ClientError: Failed to invoke sagemaker: {error.message}", kind)
