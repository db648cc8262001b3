"""SageMaker models, endpoint configs and endpoints."""

import json
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

from app.aws.clients import calling, client, translate
from app.decide.deployment_plans import Deployment
from app.errors import EndpointBusy, NameTaken


class Endpoint(NamedTuple):
    """An endpoint as it is now."""

    name: str
    config: str
    status: str  # Creating, Updating, InService, Failed, …
    failure: str  # why the last change failed; SageMaker keeps it until the next


def describe(name: str) -> Endpoint | None:
    """The endpoint; None when there is none."""
    try:
        with calling("ValidationException", "ResourceNotFound"):
            found = client("sagemaker").describe_endpoint(EndpointName=name)
    except ClientError:
        return None
    config = found.get("EndpointConfigName", "")
    return Endpoint(name, config, found["EndpointStatus"], found.get("FailureReason", ""))


def ensure_model(plan: Deployment) -> None:
    """Create the SageMaker model; one of the same name counts only if it is equal.

    Raises:
        NameTaken: it is not.
    """
    made_of = composition(plan.containers)
    request = {"ModelName": plan.config, "ExecutionRoleArn": plan.role_arn, "Tags": list(plan.tags)}
    _ensure("model", plan.config, request | made_of | plan.network, (*made_of, *plan.network))


def composition(containers: tuple[dict[str, Any], ...]) -> dict[str, Any]:
    """What CreateModel says of containers: one is the primary one, several are an inference pipeline.

    Serverless endpoints take no inference pipeline, so one container must not look like one.
    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModel.html
    """
    if len(containers) == 1:
        return {"PrimaryContainer": containers[0]}
    return {"Containers": list(containers)}


def ensure_config(plan: Deployment) -> None:
    """Create the endpoint config; one of the same name counts only if it is equal.

    Raises:
        NameTaken: it is not.
    """
    request = {"EndpointConfigName": plan.config, "ProductionVariants": [plan.variant], "Tags": list(plan.tags)}
    _ensure("endpoint_config", plan.config, request, ("ProductionVariants",))


def ensure_alarms(plan: Deployment) -> None:
    """Create the configuration's alarms; one that exists is set to the same again.

    Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
    """
    for alarm in plan.alarms:
        with calling():
            client("cloudwatch").put_metric_alarm(**alarm)


def forget_alarms(names: list[str]) -> None:
    """Delete the alarms of a configuration that serves no more; those that are gone are good.

    Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DeleteAlarms.html
    """
    try:
        with calling("ResourceNotFound"):
            client("cloudwatch").delete_alarms(AlarmNames=names)
    except ClientError:
        return


def _ensure(noun: str, name: str, request: dict[str, Any], compared: tuple[str, ...]) -> None:
    sagemaker = client("sagemaker")
    try:
        with calling("ValidationException", "ResourceInUse"):
            getattr(sagemaker, f"create_{noun}")(**request)
            return
    except ClientError as refused:
        key = next(iter(request))
        try:
            with calling("ValidationException", "ResourceNotFound"):
                found = getattr(sagemaker, f"describe_{noun}")(**{key: name})
        except ClientError:
            raise translate(refused) from refused
    if not all(covers(found[field], request[field]) for field in compared):
        raise NameTaken(f"{noun.replace('_', ' ')} {name} exists with other content")


def covers(found: Any, wanted: Any) -> bool:
    """Whether ``found`` says all that ``wanted`` says; AWS adds defaults of its own."""
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(covers(found.get(name), value) for name, value in wanted.items())
    if isinstance(wanted, list):
        return len(found) == len(wanted) and all(map(covers, found, wanted))
    return bool(found == wanted)


def create(name: str, config: str, tags: list[dict[str, str]]) -> None:
    """Create the endpoint.

    Raises:
        EndpointBusy: SageMaker does not admit it now; look again.
    """
    _change("create_endpoint", EndpointName=name, EndpointConfigName=config, Tags=tags)


def update(name: str, config: str, strategy: dict[str, Any]) -> None:
    """Change the endpoint blue/green; ``strategy`` is its DeploymentConfig.

    Raises:
        EndpointBusy: SageMaker does not admit it now; look again.
    """
    extra = {"DeploymentConfig": strategy} if strategy else {}
    _change("update_endpoint", EndpointName=name, EndpointConfigName=config, **extra)


def delete(name: str) -> None:
    """Delete the endpoint; one that is gone is good.

    Raises:
        EndpointBusy: always, as deleting takes time: look again.
    """
    _change("delete_endpoint", EndpointName=name)
    raise EndpointBusy(f"endpoint {name} failed earlier and is being deleted")


def _change(action: str, **request: Any) -> None:
    try:
        with calling("ValidationException", "ResourceInUse"):
            getattr(client("sagemaker"), action)(**request)
    except ClientError as error:
        raise EndpointBusy(f"{action} of {request['EndpointName']}: {error}") from error


def invoke(name: str, body: str, content_type: str) -> Any:
    """What the endpoint answers to raw records."""
    with calling():
        answer = client("sagemaker-runtime").invoke_endpoint(
            EndpointName=name, Body=body.encode(), ContentType=content_type, Accept="application/json"
        )
        return json.loads(answer["Body"].read())
