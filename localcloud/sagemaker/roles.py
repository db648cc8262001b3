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
from localcloud.iam.actions import Need
from localcloud.settings import Cloud

SERVICE = "sagemaker.amazonaws.com"
IMAGE = re.compile(r"(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.[^/]+/([^:@]+)")
PULL = ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
STEPS = {  # type of a step -> noun of the API's operations, parameter that names what is made
    "Processing": ("ProcessingJob", "ProcessingJobName"),
    "Training": ("TrainingJob", "TrainingJobName"),
    "Tuning": ("HyperParameterTuningJob", "HyperParameterTuningJobName"),
    "Transform": ("TransformJob", "TransformJobName"),
    "Model": ("Model", "ModelName"),
    "RegisterModel": ("ModelPackage", "ModelPackageName"),
}
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


def before_step(role: str, execution_id: str, kind: str, name: str, arguments: Document) -> None:
    """Hold a pipeline's role to what starting and following a step takes; pipelines tag what they start.

    Raises:
        Refused: where policies are enforced and do not permit it.
    """
    if kind in STEPS and role:
        checks.require(role, step_needs(execution_id, kind, name, arguments), "pipeline")


def step_needs(execution_id: str, kind: str, name: str, arguments: Document) -> list[Need]:
    """What starting and following a step takes that makes something of this name.

    Of a tuning job a pipeline also lists the training jobs, whose order says which is the best.
    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps-types.html#step-type-tuning
    """
    noun, parameter = STEPS[kind]
    tagged = {"Tags": [{"Key": "pipeline", "Value": execution_id}]}
    if kind == "RegisterModel":
        group = str(arguments["ModelPackageGroupName"])
        return [
            *_asks("DescribeModelPackageGroup", {"ModelPackageGroupName": group}),
            *_asks("CreateModelPackage", {**arguments, **tagged}),
            *_asks("DescribeModelPackage", {"ModelPackageName": f"{group}/1"}),
        ]
    made = {parameter: name, **arguments, **tagged}
    listed = _asks(f"ListTrainingJobsFor{noun}", {parameter: name}) if kind == "Tuning" else []
    return [*_asks(f"Create{noun}", made), *_asks(f"Describe{noun}", {parameter: name}), *listed]


def before_stop(role: str, kind: str, name: str) -> None:
    """Hold a pipeline's role to what stopping a step takes that started something of this name.

    Raises:
        Refused: where policies are enforced and do not permit it.
    """
    noun, parameter = STEPS.get(kind, ("", ""))
    if noun.endswith("Job") and role:
        checks.require(role, _asks(f"Stop{noun}", {parameter: name}), "pipeline")


def _asks(operation: str, parameters: Document) -> list[Need]:
    return actions.needs("sagemaker", operation, parameters, checks.place())


def pulls(image: str) -> Iterable[Need]:
    """An image of ECR, of whatever account; others need nothing of IAM."""
    if matched := IMAGE.match(image):
        account, region, repository = matched.groups()
        yield Need("ecr:GetAuthorizationToken")
        for action in PULL:
            yield Need(action, f"arn:aws:ecr:{region}:{account}:repository/{repository}")


def _logs(group: str, stream: str) -> Iterable[Need]:
    for operation in ("CreateLogGroup", "DescribeLogStreams"):
        yield from actions.needs("logs", operation, {"logGroupName": group}, checks.place())
    for operation in ("CreateLogStream", "PutLogEvents"):
        yield from actions.needs("logs", operation, {"logGroupName": group, "logStreamName": stream}, checks.place())


def _metrics(namespace: str) -> Iterable[Need]:
    return actions.needs("monitoring", "PutMetricData", {"Namespace": namespace}, checks.place())
