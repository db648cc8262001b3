"""SageMaker's batch transform jobs."""

from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from app.aws.clients import calling, client
from app.decide.names.statuses import JOB_ENDED
from app.errors import NotSettledYet

UNKNOWN = ("ValidationException", "ResourceNotFound")
ABSENT = "Absent"  # our status of a job that SageMaker does not know


class Job(NamedTuple):
    """A transform job as it is now."""

    name: str
    status: str
    model: str  # the SageMaker model that answers
    output: str  # S3 URI of the folder of its answers
    failure: str  # why it failed

    @property
    def summary(self) -> str:
        """How it ended, for people."""
        return f"transform job {self.name} {self.status.lower()}: {self.failure}"


def start(request: dict[str, Any], tags: list[dict[str, str]]) -> None:
    """Start a job. Idempotent: the name is derived from version and input, so an existing job is ours."""
    try:
        with calling("ResourceInUse"):
            client("sagemaker").create_transform_job(**request, Tags=tags)
    except ClientError:
        return


def stop(name: str) -> None:
    """Stop a job that nobody waits for any more. Idempotent: one that has ended, or never began, stays as it is.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_StopTransformJob.html
    """
    try:
        with calling(*UNKNOWN):
            client("sagemaker").stop_transform_job(TransformJobName=name)
    except ClientError:
        return


def ended(name: str, announced: bool) -> Job | None:
    """The job, if it has ended, or is ``ABSENT``; None while it runs.

    Raises:
        NotSettledYet: an event ``announced`` its end, but Describe does not show it yet.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeTransformJob.html
    """
    try:
        with calling(*UNKNOWN):
            response = client("sagemaker").describe_transform_job(TransformJobName=name)
    except ClientError:
        return Job(name, ABSENT, "", "", "it never began")
    job = Job(
        name, response["TransformJobStatus"], response["ModelName"], response["TransformOutput"]["S3OutputPath"],
        response.get("FailureReason", "no reason given"),
    )  # fmt: skip
    if job.status in JOB_ENDED:
        return job
    if announced:
        raise NotSettledYet(f"transform job {name} is said to have ended, but is {job.status}")
    return None
