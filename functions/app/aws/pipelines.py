"""SageMaker pipeline executions: start, look, and say what went wrong."""

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from app.aws.clients import calling, client, translate
from app.decide.run_plans import Outputs, PipelineRun, failure_message, job_log_group
from app.errors import NoVerdict

ENDED = ("Succeeded", "Failed", "Stopped")
NOT_WAITING = ("ValidationException", "ResourceNotFound")  # SageMaker says of a token that was answered, or of others
JUDGES = ("Compare", "CompareTuned", "Evaluate", "EvaluateTuned")  # the first of these that ran has the verdict
JOBS = {
    "ProcessingJob": ("describe_processing_job", "ProcessingJobName"),
    "TrainingJob": ("describe_training_job", "TrainingJobName"),
    "TransformJob": ("describe_transform_job", "TransformJobName"),
}


def start(run: PipelineRun) -> str:
    """Start the pipeline, once per run however often it is called; the execution's ARN.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_StartPipelineExecution.html
    """
    wishes: dict[str, Any] = {"PipelineVersionId": run.pipeline_version} if run.pipeline_version is not None else {}
    if run.parallel_steps:
        wishes["ParallelismConfiguration"] = {"MaxParallelExecutionSteps": run.parallel_steps}
    with calling():
        answer = client("sagemaker").start_pipeline_execution(
            PipelineName=run.pipeline,
            PipelineExecutionDisplayName=run.id,
            PipelineParameters=[{"Name": name, "Value": value} for name, value in sorted(run.parameters.items())],
            ClientRequestToken=run.request_token,
            **wishes,
        )
    return str(answer["PipelineExecutionArn"])


def stop(execution_arn: str, request_token: str) -> None:
    """Stop an execution that nobody waits for any more; one that is over stays as it is."""
    try:
        with calling("ValidationException", "ResourceNotFound", "ConflictException"):
            client("sagemaker").stop_pipeline_execution(
                PipelineExecutionArn=execution_arn, ClientRequestToken=request_token
            )
    except ClientError:
        return


def answer(execution_arn: str, token: str, outputs: dict[str, str]) -> None:
    """Let a step that waits go on; one that does not wait any more is left alone.

    Raises:
        CallRefused: SageMaker does not take the answer, and the step still waits.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_SendPipelineExecutionStepSuccess.html
    """
    told = [{"Name": name, "Value": value} for name, value in outputs.items()]
    try:
        with calling(*NOT_WAITING):
            client("sagemaker").send_pipeline_execution_step_success(CallbackToken=token, OutputParameters=told)
    except ClientError as error:
        if _waits(execution_arn, token):
            raise translate(error) from error


def _waits(execution_arn: str, token: str) -> bool:
    found = (step for step in steps(execution_arn) if step["StepStatus"] == "Executing")
    return any(step.get("Metadata", {}).get("Callback", {}).get("CallbackToken") == token for step in found)


def give_up(execution_arn: str, token: str, why: str) -> None:
    """End a step that waits, and its execution with it.

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
    """What SageMaker says about an execution."""
    with calling():
        answer: dict[str, Any] = client("sagemaker").describe_pipeline_execution(PipelineExecutionArn=execution_arn)
    return answer


def steps(execution_arn: str) -> list[dict[str, Any]]:
    """Its steps, as far as they have begun."""
    request = {"PipelineExecutionArn": execution_arn, "SortOrder": "Ascending"}
    found: list[dict[str, Any]] = []
    with calling():
        while True:
            answer = client("sagemaker").list_pipeline_execution_steps(**request)
            found += answer["PipelineExecutionSteps"]
            if not answer.get("NextToken"):
                return found
            request["NextToken"] = answer["NextToken"]


def outputs(execution_arn: str) -> Outputs:
    """Where the evaluation lies and what was registered.

    Raises:
        NoVerdict: no step has judged.
    """
    found = {step["StepName"]: step for step in steps(execution_arn)}
    judge = next((found[name] for name in JUDGES if name in found), None)
    if judge is None:
        raise NoVerdict(f"{execution_arn} has no step {' or '.join(JUDGES)}")
    with calling():
        job = client("sagemaker").describe_processing_job(ProcessingJobName=_job_of(judge))
    written = {one["OutputName"]: one["S3Output"]["S3Uri"] for one in job["ProcessingOutputConfig"]["Outputs"]}
    registered = (step.get("Metadata", {}).get("RegisterModel", {}).get("Arn") for step in found.values())
    package = next(filter(None, registered), "")
    return Outputs(evaluation=written["evaluation"], verification=written.get("verification", ""), package_arn=package)


def _job_of(step: dict[str, Any]) -> str:
    """Name of a step's processing job; of a cache hit that of the execution that ran it."""
    arn = step.get("Metadata", {}).get("ProcessingJob", {}).get("Arn")
    if arn:
        return str(arn).rsplit("/", 1)[1]
    source = step.get("CacheHitResult", {}).get("SourcePipelineExecutionArn")
    origin = [one for one in steps(source) if one["StepName"] == step["StepName"]] if source else []
    if not origin:
        raise NoVerdict(f"step '{step['StepName']}' names no processing job")
    return _job_of(origin[0])


def last_words(execution_arn: str, told: str) -> str:
    """Why an execution failed: the step, what its job said last, and where its log is. ``told`` is what the execution
    itself says, for when no step failed.
    """
    failed = [step for step in steps(execution_arn) if step["StepStatus"] == "Failed"]
    if not failed:
        return told or "the pipeline execution was stopped"
    step = failed[0]
    for kind, (describe_job, key) in JOBS.items():
        arn = step.get("Metadata", {}).get(kind, {}).get("Arn")
        if arn:
            name = str(arn).rsplit("/", 1)[1]
            with calling():
                job = getattr(client("sagemaker"), describe_job)(**{key: name})
            group = job_log_group(kind)
            stream, words = _log(group, name)
            said = job.get("FailureReason") or step.get("FailureReason", "")
            return failure_message(step["StepName"], said, words, group, stream)
    return failure_message(step["StepName"], step.get("FailureReason", "") or told, [], "", "")


def _log(group: str, job: str) -> tuple[str, list[str]]:
    """Stream and last lines of a job's log; no lines where it wrote none."""
    try:
        with calling("ResourceNotFoundException"):
            answer = client("logs").describe_log_streams(logGroupName=group, logStreamNamePrefix=job + "/")
            streams = [stream["logStreamName"] for stream in answer["logStreams"]]
            return (streams[0], list(_lines(group, streams[0]))) if streams else (job, [])
    except ClientError:
        return job, []


def _lines(group: str, stream: str, limit: int = 5) -> Iterator[str]:
    answer = client("logs").get_log_events(logGroupName=group, logStreamName=stream, limit=limit, startFromHead=False)
    for event in answer["events"][-limit:]:
        yield event["message"].rstrip()
