"""SageMaker pipeline executions: start, stop, describe, and summarize a failure."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from app.aws.clients import calling, client, translate
from app.aws.watching import job_logs
from app.decide.costs.uses import PROCESSING, TRAINING, TRANSFORM, Use, job_use
from app.decide.names.statuses import PIPELINE_ENDED
from app.decide.run_plans import LOG_GROUPS, Outputs, PipelineRun, failure_message
from app.decide.uploads.refused_files import ids_in
from app.errors import NoVerdict

OVER = ("ConflictException", "ValidationException", "ResourceInUse", "ResourceNotFound")  # of one that is stopped
NOT_WAITING = ("ValidationException", "ResourceNotFound")  # of a callback token that was answered, or is unknown
BILLED = {"ProcessingJob": PROCESSING, "TrainingJob": TRAINING, "TransformJob": TRANSFORM}  # of a step's metadata
LOG_LINES = 5  # of a failed job's log
CHAMPION_STEP, CHAMPION_ANSWERS = "ScoreChampion", "champion-answers"  # who asks what serves, and its output
EVALUATION_STEPS = ("Compare", "Evaluate")  # the first of these that ran holds the verdict


def start(run: PipelineRun) -> str:
    """Start the run's pipeline execution; its ARN. Idempotent by ClientRequestToken.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_StartPipelineExecution.html and
    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_SelectiveExecutionConfig.html
    """
    options: dict[str, Any] = {"PipelineVersionId": run.pipeline_version} if run.pipeline_version is not None else {}
    if run.steps:
        options["SelectiveExecutionConfig"] = {"SelectedSteps": [{"StepName": name} for name in run.steps]}
    if run.parallel_steps:
        options["ParallelismConfiguration"] = {"MaxParallelExecutionSteps": run.parallel_steps}
    with calling():
        response = client("sagemaker").start_pipeline_execution(
            PipelineName=run.pipeline,
            PipelineExecutionDisplayName=run.id,
            PipelineParameters=[{"Name": name, "Value": value} for name, value in sorted(run.parameters.items())],
            ClientRequestToken=run.request_token,
            **options,
        )
    return str(response["PipelineExecutionArn"])


def find(pipeline: str, display_name: str) -> str:
    """The ARN of the newest execution of ``pipeline`` with this display name; "" where there is none.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ListPipelineExecutions.html
    """
    pages = client("sagemaker").get_paginator("list_pipeline_executions")
    with calling():
        for page in pages.paginate(PipelineName=pipeline, SortBy="CreationTime", SortOrder="Descending"):
            for execution in page["PipelineExecutionSummaries"]:
                if execution.get("PipelineExecutionDisplayName") == display_name:
                    return str(execution["PipelineExecutionArn"])
    return ""


def stop(execution_arn: str, request_token: str) -> None:
    """Stop an execution that nobody waits for any more. Idempotent: one that has ended stays as it is.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_StopPipelineExecution.html
    """
    try:
        with calling(*OVER):
            client("sagemaker").stop_pipeline_execution(
                PipelineExecutionArn=execution_arn, ClientRequestToken=request_token
            )
    except ClientError:
        return


def complete_callback(execution_arn: str, token: str, outputs: dict[str, str]) -> None:
    """Send a Callback step's success. Idempotent: a step that waits no more is left alone.

    Raises:
        CallRefused: SageMaker does not take the answer, and the step still waits.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_SendPipelineExecutionStepSuccess.html
    """
    parameters = [{"Name": name, "Value": value} for name, value in outputs.items()]
    try:
        with calling(*NOT_WAITING):
            client("sagemaker").send_pipeline_execution_step_success(CallbackToken=token, OutputParameters=parameters)
    except ClientError as error:
        if _waits(execution_arn, token):
            raise translate(error) from error


def _waits(execution_arn: str, token: str) -> bool:
    """Whether the token's step has not ended: its message may come while it starts, and it is stopped by an answer.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_PipelineExecutionStep.html (StepStatus)
    """
    going_on = (step for step in steps(execution_arn) if step["StepStatus"] not in PIPELINE_ENDED)
    return any(step.get("Metadata", {}).get("Callback", {}).get("CallbackToken") == token for step in going_on)


def fail_callback(execution_arn: str, token: str, why: str) -> None:
    """Send a Callback step's failure, which fails its execution. Idempotent: a step that waits no more is left alone.

    Raises:
        CallRefused: SageMaker does not take the answer, and the step still waits.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_SendPipelineExecutionStepFailure.html
    """
    try:
        with calling(*NOT_WAITING):
            client("sagemaker").send_pipeline_execution_step_failure(CallbackToken=token, FailureReason=why[:256])
    except ClientError as error:
        if _waits(execution_arn, token):
            raise translate(error) from error


def status(execution_arn: str) -> str:
    """``PipelineExecutionStatus`` now."""
    return str(describe(execution_arn)["PipelineExecutionStatus"])


def describe(execution_arn: str) -> dict[str, Any]:
    """Describe an execution."""
    with calling():
        description: dict[str, Any] = client("sagemaker").describe_pipeline_execution(
            PipelineExecutionArn=execution_arn
        )
    return description


def display_name(execution_arn: str) -> str:
    """The display name of an execution, which is its run's id; "" where it has none."""
    return str(describe(execution_arn).get("PipelineExecutionDisplayName", ""))


def steps(execution_arn: str) -> list[dict[str, Any]]:
    """List an execution's steps, as far as they have begun."""
    request = {"PipelineExecutionArn": execution_arn, "SortOrder": "Ascending"}
    begun: list[dict[str, Any]] = []
    with calling():
        while True:
            response = client("sagemaker").list_pipeline_execution_steps(**request)
            begun += response["PipelineExecutionSteps"]
            if not response.get("NextToken"):
                return begun
            request["NextToken"] = response["NextToken"]


def definition(execution_arn: str) -> str:
    """The very definition that an execution runs, as JSON.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribePipelineDefinitionForExecution.html
    """
    with calling():
        described = client("sagemaker").describe_pipeline_definition_for_execution(PipelineExecutionArn=execution_arn)
    return str(described["PipelineDefinition"])


def outputs(execution_arn: str) -> Outputs:
    """Find the evaluation's and the verification's address, and the registered model package.

    Raises:
        NoVerdict: no step has evaluated.
    """
    by_name = {step["StepName"]: step for step in steps(execution_arn)}
    evaluation = next((by_name[name] for name in EVALUATION_STEPS if name in by_name), None)
    if evaluation is None:
        raise NoVerdict(f"{execution_arn} has no step {' or '.join(EVALUATION_STEPS)}")
    written = _written(evaluation)
    package = _registered(by_name.values())
    return Outputs(evaluation=written["evaluation"], verification=written.get("verification", ""), package_arn=package)


def champion_answers(execution_arn: str) -> str:
    """Find the address of what the version that serves was asked, and answered.

    Raises:
        NoVerdict: nobody asked it.
    """
    asked = next((step for step in steps(execution_arn) if step["StepName"] == CHAMPION_STEP), None)
    if asked is None:
        raise NoVerdict(f"{execution_arn} has no step {CHAMPION_STEP}")
    return _written(asked)[CHAMPION_ANSWERS]


def _written(step: dict[str, Any]) -> dict[str, str]:
    """Addresses of the outputs of a step's processing job, by name."""
    with calling():
        job = client("sagemaker").describe_processing_job(ProcessingJobName=_processing_job(step))
    return {output["OutputName"]: output["S3Output"]["S3Uri"] for output in job["ProcessingOutputConfig"]["Outputs"]}


def registered_package(execution_arn: str) -> str:
    """The ARN of the model package that an execution registered; "" where it registered none."""
    return _registered(steps(execution_arn))


def _registered(begun: Iterable[dict[str, Any]]) -> str:
    registered = (step.get("Metadata", {}).get("RegisterModel", {}).get("Arn", "") for step in begun)
    return next(filter(None, registered), "")


def _processing_job(step: dict[str, Any]) -> str:
    """Name of a step's processing job; of a cache hit that of the execution that ran it."""
    arn = step.get("Metadata", {}).get("ProcessingJob", {}).get("Arn")
    if arn:
        return str(arn).rsplit("/", 1)[1]
    source = step.get("CacheHitResult", {}).get("SourcePipelineExecutionArn")
    origin = [other for other in steps(source) if other["StepName"] == step["StepName"]] if source else []
    if not origin:
        raise NoVerdict(f"step '{step['StepName']}' names no processing job")
    return _processing_job(origin[0])


def refused_files(execution_arn: str) -> tuple[str, ...]:
    """The uploads that a failed execution's job refuses, by their ids; none where it failed for something else."""
    for step in steps(execution_arn):
        arn = step.get("Metadata", {}).get("ProcessingJob", {}).get("Arn")
        if step["StepStatus"] == "Failed" and arn:
            with calling():
                job = client("sagemaker").describe_processing_job(ProcessingJobName=str(arn).rsplit("/", 1)[1])
            return ids_in(job.get("ExitMessage", ""))
    return ()


def uses(execution_arn: str, now: datetime) -> list[Use]:
    """What the jobs of an execution used; what came from the cache, and tuning jobs, are not among them."""
    found = []
    for step in steps(execution_arn):
        for kind, of_costs in BILLED.items():
            arn = step.get("Metadata", {}).get(kind, {}).get("Arn")
            if arn and "CacheHitResult" not in step:
                described = _job(kind, str(arn).rsplit("/", 1)[1])
                found.append(job_use(str(step["StepName"]), of_costs, described, now))
    return found


def failure_summary(execution_arn: str, reason: str) -> str:
    """Summarize why an execution failed: the step, its job's failure reason and last log lines, and where its log is.
    ``reason`` is the execution's own, for when no step failed.
    """
    failed = [step for step in steps(execution_arn) if step["StepStatus"] == "Failed"]
    if not failed:
        return reason or "the pipeline execution was stopped"
    step = failed[0]
    for kind, group in LOG_GROUPS.items():
        arn = step.get("Metadata", {}).get(kind, {}).get("Arn")
        if arn:
            name = str(arn).rsplit("/", 1)[1]
            job = _job(kind, name)
            stream, last_lines = job_logs.last_lines(group, name, LOG_LINES)
            failure = job.get("FailureReason") or step.get("FailureReason", "")
            return failure_message(step["StepName"], failure, last_lines, group, stream)
    return failure_message(step["StepName"], step.get("FailureReason", "") or reason, [], "", "")


def _job(kind: str, name: str) -> dict[str, Any]:
    """A job as SageMaker describes it; its kind is one of those that write a log."""
    describe = {
        "ProcessingJob": client("sagemaker").describe_processing_job,
        "TrainingJob": client("sagemaker").describe_training_job,
        "TransformJob": client("sagemaker").describe_transform_job,
    }[kind]
    with calling():
        found: dict[str, Any] = describe(**{f"{kind}Name": name})
    return found
