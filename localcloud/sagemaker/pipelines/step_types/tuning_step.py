"""Tuning steps: each starts a tuning job, and later steps refer to its best training jobs.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps-types.html#step-type-tuning
"""

from __future__ import annotations

from localcloud.sagemaker.jobs import own_images
from localcloud.sagemaker.pipelines.step_records import StepAttempt, StepFailed, StepResult, StepStopped
from localcloud.sagemaker.pipelines.step_types.arguments import refused_members, with_texts
from localcloud.sagemaker.pipelines.step_types.services import Services
from localcloud.sagemaker.pipelines.step_types.step_type import JOB, ApiCall, Arguments, StepType, calls_of
from localcloud.sagemaker.step_names import tuning_job_name


def run_tuning(services: Services, attempt: StepAttempt) -> StepResult:
    """Run a tuning job to its end."""
    arguments = dict(attempt.arguments)
    definition = arguments.get("TrainingJobDefinition") or {}
    arguments["TrainingJobDefinition"] = with_texts(definition, "StaticHyperParameters", "Environment")
    tuning = services.tunings.create(arguments | {"HyperParameterTuningJobName": attempt.name})
    metadata = {"TuningJob": {"Arn": tuning.arn}}
    attempt.started(metadata, lambda: services.tunings.stop(attempt.name))
    tuning.done.wait()
    if tuning.status == "Completed":
        summaries = services.tunings.best_first(attempt.name)
        return StepResult(metadata, services.tunings.describe(attempt.name) | {"TrainingJobSummaries": summaries})
    if tuning.status == "Stopped":
        raise StepStopped
    raise StepFailed(f"ClientError: {tuning.reason}", "Job")


def _follow(name: str) -> list[ApiCall]:
    """A pipeline lists the training jobs too, whose order says which is the best."""
    return [("ListTrainingJobsForHyperParameterTuningJob", {"HyperParameterTuningJobName": name})]


def _problems(arguments: Arguments) -> list[str]:
    refused = refused_members("CreateHyperParameterTuningJob", arguments)
    return [*refused, *own_images.tuning_problems(arguments)]


TUNING_STEP = StepType(
    "Tuning", run_tuning, fields=JOB, name=tuning_job_name,
    cached_by=(
        "HyperParameterTuningJobConfig", "TrainingJobDefinition.AlgorithmSpecification",
        "TrainingJobDefinition.HyperParameterRanges", "TrainingJobDefinition.InputDataConfig",
        "TrainingJobDefinition.StaticHyperParameters", "TrainingJobDefinition.TuningObjective",
        "TrainingJobDefinitions",
    ),
    problems=_problems, **calls_of("HyperParameterTuningJob", follow=_follow),
)  # fmt: skip
