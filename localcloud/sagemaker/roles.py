"""What SageMaker does under the roles that it is given: jobs and model servers read and write, pull images and write
logs as their own role, and a pipeline starts its steps as its own.

This machine pulls no image and sends no metric; a role must permit it all the same, as it must on AWS.
Source: https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html and
https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-access.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from localcloud.front import calls
from localcloud.iam import actions, checks
from localcloud.iam.permissions import RequiredPermission
from localcloud.settings import Cloud

SERVICE = "sagemaker.amazonaws.com"
IMAGE = re.compile(r"(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.[^/]+/([^:@]+)")
PULL = ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
Document = Mapping[str, Any]


def client(cloud: Cloud, service: str, role: str) -> Any:
    """A client that SageMaker uses under a role."""
    return cloud.client(service, access_key=calls.access_key("sagemaker", role)) if role else cloud.client(service)


def credentials(caller: str, role: str) -> str:
    """The access key of a container's own process, such as ``job/<name>``."""
    return calls.access_key(caller, role)


def before_container(role: str, arn: str, image: str, group: str, stream: str, namespace: str) -> None:
    """Take on a job's or model's role, and hold it to all that starting its container takes.

    Raises:
        Refused: where policies are enforced and do not permit it.
    """
    if not role:
        return
    checks.assume(SERVICE, role, arn)
    checks.require(role, [*pulls(image), *_logs(group, stream), *_metrics(namespace)], "sagemaker")


def take_on_for_pipeline(role: str, pipeline_arn: str) -> None:
    """Take on a pipeline's role, for what its steps start.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/security-confused-deputy-prevention.html (pipelines)

    Raises:
        Refused: where policies are enforced and the role does not trust the service.
    """
    if role:
        checks.assume(SERVICE, role, pipeline_arn)


def require_calls(role: str, calls: Iterable[tuple[str, Document]]) -> None:
    """Hold a pipeline's role to calls of SageMaker's operations.

    Raises:
        Refused: where policies are enforced and do not permit one.
    """
    if role and (needs := needs_of_calls(calls)):
        checks.require(role, needs, "pipeline")


def needs_of_calls(calls: Iterable[tuple[str, Document]]) -> list[RequiredPermission]:
    """What calls of SageMaker's operations take, each with its parameters."""
    return [
        need
        for operation, parameters in calls
        for need in actions.needs("sagemaker", operation, parameters, checks.place())
    ]


def pulls(image: str) -> Iterable[RequiredPermission]:
    """An image of ECR, of whatever account; others need nothing of IAM."""
    if matched := IMAGE.match(image):
        account, region, repository = matched.groups()
        yield RequiredPermission("ecr:GetAuthorizationToken")
        for action in PULL:
            yield RequiredPermission(action, f"arn:aws:ecr:{region}:{account}:repository/{repository}")


def _logs(group: str, stream: str) -> Iterable[RequiredPermission]:
    for operation in ("CreateLogGroup", "DescribeLogStreams"):
        yield from actions.needs("logs", operation, {"logGroupName": group}, checks.place())
    for operation in ("CreateLogStream", "PutLogEvents"):
        yield from actions.needs("logs", operation, {"logGroupName": group, "logStreamName": stream}, checks.place())


def _metrics(namespace: str) -> Iterable[RequiredPermission]:
    return actions.needs("monitoring", "PutMetricData", {"Namespace": namespace}, checks.place())
