"""What SageMaker says that a run's jobs, a model's batch transforms and its endpoint used: asked for, not reckoned."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.decide.costs.uses import ENDPOINT, PROCESSING, TRAINING, TRANSFORM, Use, job_use
from app.decide.names.resource_names import is_transform_of
from app.ledger import RunRecord
from botocore.exceptions import ClientError

from cli.stack.target import Target

KINDS = {"ProcessingJob": PROCESSING, "TrainingJob": TRAINING, "TransformJob": TRANSFORM}  # of a step's metadata
GONE = ("ResourceNotFound", "ValidationException")  # what SageMaker says of an execution or endpoint that is not there
FOR_APP = "verifying, comparing, scoring"  # what the app's own batch transforms are for
KEPT_OF_NAME = 36  # characters of a long model's name that its transforms' names have, whatever the version


@dataclass(frozen=True)
class Billed:
    """What a run's jobs used."""

    uses: tuple[Use, ...]
    cached: tuple[str, ...] = ()  # steps whose outputs an earlier run had paid for
    lost: int = 0  # executions that were deleted with their pipeline, and whose jobs nobody can name any more


def of_run(target: Target, run: RunRecord, now: datetime) -> Billed:
    """The jobs of a run: of its pipeline's execution, and of those before that refused files or measured what serves.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_PipelineExecutionStepMetadata.html
    """
    executions = [*run.earlier_pipelines, *([run.current_pipeline] if run.current_pipeline else [])]
    uses: list[Use] = []
    cached: list[str] = []
    lost = 0
    for execution in dict.fromkeys(executions):
        steps = _steps(target, execution)
        lost += steps is None
        for step in steps or []:
            if "CacheHitResult" in step:
                cached.append(step["StepName"])
            else:
                uses += _uses_of(target, step, now)
    return Billed(tuple(uses), tuple(cached), lost)


def _steps(target: Target, execution: str) -> list[dict[str, Any]] | None:
    pages = target.client("sagemaker").get_paginator("list_pipeline_execution_steps")
    try:
        found = pages.paginate(PipelineExecutionArn=execution, SortOrder="Ascending")
        return [step for page in found for step in page["PipelineExecutionSteps"]]
    except ClientError as error:
        if error.response["Error"]["Code"] not in GONE:
            raise
        return None


def _uses_of(target: Target, step: dict[str, Any], now: datetime) -> Iterator[Use]:
    metadata, sagemaker = step.get("Metadata", {}), target.client("sagemaker")
    for key, kind in KINDS.items():
        if arn := metadata.get(key, {}).get("Arn"):
            yield _use_of(target, step["StepName"], kind, _name(arn), now)
    if arn := metadata.get("TuningJob", {}).get("Arn"):
        pages = sagemaker.get_paginator("list_training_jobs_for_hyper_parameter_tuning_job")
        for page in pages.paginate(HyperParameterTuningJobName=_name(arn)):
            for job in page["TrainingJobSummaries"]:
                yield _use_of(target, step["StepName"], TRAINING, job["TrainingJobName"], now)


def _use_of(target: Target, what: str, kind: str, name: str, now: datetime) -> Use:
    sagemaker = target.client("sagemaker")
    if kind == TRAINING:
        return job_use(what, kind, sagemaker.describe_training_job(TrainingJobName=name), now)
    if kind == PROCESSING:
        return job_use(what, kind, sagemaker.describe_processing_job(ProcessingJobName=name), now)
    return job_use(what, kind, sagemaker.describe_transform_job(TransformJobName=name), now)


def _name(arn: str) -> str:
    return arn.rsplit("/", 1)[1]


def of_transforms(target: Target, model: str, since: datetime, until: datetime, now: datetime) -> list[Use]:
    """The batch transforms that the app itself began for a model within a span. Those of a pipeline are its run's.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ListTransformJobs.html
    """
    pages = target.client("sagemaker").get_paginator("list_transform_jobs")
    named = target.resource(model)[:KEPT_OF_NAME].rstrip("-")
    found = pages.paginate(NameContains=named, CreationTimeAfter=since, CreationTimeBefore=until)
    names = (job["TransformJobName"] for page in found for job in page["TransformJobSummaries"])
    ours = [name for name in names if is_transform_of(target.stack, model, name)]
    return [_use_of(target, FOR_APP, TRANSFORM, name, now) for name in ours]


@dataclass(frozen=True)
class Fleet:
    """The instances behind an endpoint, as they are now."""

    name: str
    created: datetime
    variants: tuple[tuple[str, int], ...]  # type and number; none of a serverless one

    def uses(self, seconds: float) -> list[Use]:
        """What so many seconds of it are."""
        return [Use("endpoint", ENDPOINT, self.name, kind, number, seconds) for kind, number in self.variants]


def fleet_of(target: Target, model: str) -> Fleet | None:
    """What serves a model; None where it has no endpoint.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpoint.html
    """
    sagemaker = target.client("sagemaker")
    try:
        found = sagemaker.describe_endpoint(EndpointName=target.resource(model))
    except ClientError as error:
        if error.response["Error"]["Code"] not in GONE:
            raise
        return None
    config = sagemaker.describe_endpoint_config(EndpointConfigName=found["EndpointConfigName"])
    types = {one["VariantName"]: one.get("InstanceType") for one in config["ProductionVariants"]}
    variants = [
        (str(kind), int(one.get("CurrentInstanceCount") or 0))
        for one in found.get("ProductionVariants", [])
        if (kind := types.get(one["VariantName"]))
    ]
    return Fleet(found["EndpointName"], found["CreationTime"], tuple(variants))
