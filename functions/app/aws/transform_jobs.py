"""SageMaker's batch transform jobs."""

from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from app.aws.clients import calling, client
from app.errors import NotSettledYet

ENDED = ("Completed", "Failed", "Stopped")
UNKNOWN = ("ValidationException", "ResourceNotFound")
ABSENT = "Absent"  # our word for a job that SageMaker does not know


class Job(NamedTuple):
    """A job as it is now."""

    name: str
    status: str
    model: str  # the SageMaker model that answers
    output: str  # S3 URI of the folder of its answers
    failure: str  # why it failed

    @property
    def words(self) -> str:
        """How it ended, for people."""
        return f"transform job {self.name} {self.status.lower()}: {self.failure}"


def start(request: dict[str, Any], tags: list[dict[str, str]]) -> None:
    """Start a job; one of the same name is this one, as the name derives from what is scored, and with what."""
    try:
        with calling("ResourceInUse"):
            client("sagemaker").create_transform_job(**request, Tags=tags)
    except ClientError:
        return


def stop(name: str) -> None:
    """Stop a job that nobody waits for any more; one that is over, or never began, stays as it is.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_StopTransformJob.html
    """
    try:
        with calling(*UNKNOWN):
            client("sagemaker").stop_transform_job(TransformJobName=name)
    except ClientError:
        return


def ended(name: str, said: bool) -> Job | None:
    """The job, if it has ended, or is ``ABSENT``; None while it runs.

    Raises:
        NotSettledYet: an event has ``said`` that it ended, but its description is still behind.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeTransformJob.html
    """
    try:
        with calling(*UNKNOWN):
            found = client("sagemaker").describe_transform_job(TransformJobName=name)
    except ClientError:
        return Job(name, ABSENT, "", "", "it never began")
    job = Job(
        name, found["TransformJobStatus"], found["ModelName"], found["TransformOutput"]["S3OutputPath"],
        found.get("FailureReason", "no reason given"),
    )  # fmt: skip
    if job.status in ENDED:
        return job
    if said:
        raise NotSettledYet(f"transform job {name} is said to have ended, but is {job.status}")
    return None
