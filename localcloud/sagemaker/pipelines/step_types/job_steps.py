"""Processing and Training steps: each starts a job, and later steps refer to its description.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps-types.html and
https://docs.aws.amazon.com/sagemaker/latest/dg/pipelines-default-keys.html (what decides whether it runs again)
"""

from __future__ import annotations

from typing import Any

from localcloud.sagemaker.jobs import own_images
from localcloud.sagemaker.jobs.job_records import Job
from localcloud.sagemaker.jobs.jobs import PROCESSING, TRAINING
from localcloud.sagemaker.pipelines.step_records import StepAttempt, StepResult, StepStopped
from localcloud.sagemaker.pipelines.step_types.arguments import refused_members, with_texts
from localcloud.sagemaker.pipelines.step_types.services import Services
from localcloud.sagemaker.pipelines.step_types.step_faults import job_failed
from localcloud.sagemaker.pipelines.step_types.step_type import JOB, Arguments, StepType, calls_of


def run_processing(services: Services, attempt: StepAttempt) -> StepResult:
    """Run a processing job to its end."""
    return _run_job(PROCESSING, services, attempt)


def run_training(services: Services, attempt: StepAttempt) -> StepResult:
    """Run a training job to its end."""
    return _run_job(TRAINING, services, attempt)


def _run_job(kind: str, services: Services, attempt: StepAttempt) -> StepResult:
    arguments = with_texts(attempt.arguments, "HyperParameters", "Environment")
    job = services.jobs.create(kind, arguments | {f"{kind}JobName": attempt.name})
    metadata = {f"{kind}Job": {"Arn": job.arn}}
    attempt.started(metadata, lambda: services.jobs.stop(kind, attempt.name))
    job.done.wait()
    return StepResult(metadata, _description(kind, services, job))


def _description(kind: str, services: Services, job: Job) -> dict[str, Any]:
    described = services.jobs.describe(kind, job.name)
    if job.status == "Completed":
        return described
    if job.status == "Stopped" and job.work.stopped.is_set():
        raise StepStopped
    raise job_failed(described.get("FailureReason") or described.get("ExitMessage") or f"the job is {job.status}")


def _processing_problems(arguments: Arguments) -> list[str]:
    return [*refused_members("CreateProcessingJob", arguments), *own_images.processing_problems(arguments)]


def _training_problems(arguments: Arguments) -> list[str]:
    return [*refused_members("CreateTrainingJob", arguments), *own_images.training_problems(arguments)]


PROCESSING_STEP = StepType(
    "Processing", run_processing, fields=(*JOB, "PropertyFiles"),
    cached_by=("AppSpecification", "Environment", "ProcessingInputs"),
    problems=_processing_problems, **calls_of("ProcessingJob"),
)  # fmt: skip
TRAINING_STEP = StepType(
    "Training", run_training, fields=JOB,
    cached_by=(
        "AlgorithmSpecification", "CheckpointConfig", "DebugHookConfig", "DebugRuleConfigurations", "Environment",
        "HyperParameters", "InputDataConfig",
    ),
    problems=_training_problems, **calls_of("TrainingJob"),
)  # fmt: skip
