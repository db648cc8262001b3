"""SageMaker's batch transform jobs."""

from typing import Any

from botocore.exceptions import ClientError

from app.aws import calling, client

ENDED = ("Completed", "Failed", "Stopped")


def start(request: dict[str, Any], tags: list[dict[str, str]]) -> None:
    """Start a job; one of the same name is this one, as the name derives from what is scored, and with what."""
    try:
        with calling("ResourceInUse"):
            client("sagemaker").create_transform_job(**request, Tags=tags)
    except ClientError:
        return


def describe(job: str) -> tuple[str, str]:
    """Status of a job, and why it failed.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeTransformJob.html
    """
    with calling():
        found = client("sagemaker").describe_transform_job(TransformJobName=job)
    return found["TransformJobStatus"], found.get("FailureReason", "no reason given")
