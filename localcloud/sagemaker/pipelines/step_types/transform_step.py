"""Transform steps: each starts a batch transform job.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps-types.html#step-type-transform
"""

from __future__ import annotations

from localcloud.sagemaker.pipelines.step_records import StepAttempt, StepFailed, StepResult, StepStopped
from localcloud.sagemaker.pipelines.step_types.arguments import refused_members
from localcloud.sagemaker.pipelines.step_types.services import Services
from localcloud.sagemaker.pipelines.step_types.step_faults import fault_kind
from localcloud.sagemaker.pipelines.step_types.step_type import JOB, StepType, calls_of


def run_transform(services: Services, attempt: StepAttempt) -> StepResult:
    """Run a transform job to its end."""
    job = services.transforms.create(attempt.arguments | {"TransformJobName": attempt.name})
    metadata = {"TransformJob": {"Arn": job.arn}}
    attempt.started(metadata, lambda: services.transforms.stop(attempt.name))
    job.done.wait()
    if job.status == "Completed":
        return StepResult(metadata, services.transforms.describe(attempt.name))
    if job.status == "Stopped":
        raise StepStopped
    reason = str(job.described.get("FailureReason"))
    raise StepFailed(reason, fault_kind(reason))


TRANSFORM_STEP = StepType(
    "Transform", run_transform, fields=JOB, cached_by=("DataProcessing", "Environment", "ModelName", "TransformInput"),
    problems=lambda arguments: refused_members("CreateTransformJob", arguments), **calls_of("TransformJob"),
)  # fmt: skip
