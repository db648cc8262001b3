"""SageMaker models, endpoint configs and endpoints."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from botocore.exceptions import ClientError

from app.aws.clients import PATIENT, calling, client, translate
from app.decide.deployment.endpoint_steps import Endpoint
from app.decide.deployment_plans import ConfigProperties, Deployment, variant_types
from app.decide.failure_reasons import is_out_of_date, is_scaled
from app.decide.predictions import parse_answer
from app.decide.protection.encryption import output_key
from app.errors import EndpointBusy, EndpointFailed, NameTaken


def describe(name: str) -> Endpoint | None:
    """The endpoint; None when there is none."""
    try:
        with calling("ValidationException", "ResourceNotFound"):
            response = client("sagemaker").describe_endpoint(EndpointName=name)
    except ClientError:
        return None
    return Endpoint(
        name,
        response.get("EndpointConfigName", ""),
        response["EndpointStatus"],
        response.get("FailureReason", ""),
        response["LastModifiedTime"],
        sum(variant.get("DesiredInstanceCount", 0) for variant in response.get("ProductionVariants", [])),
    )


def properties_of_config(config: str) -> ConfigProperties:
    """What a configuration says of that which an update may retain; nothing of one that was deleted."""
    found = described_config(config)
    variant = _variant_of(found)
    shadow = [
        (float(one["InitialVariantWeight"]), int(one["InitialInstanceCount"]))
        for one in found.get("ShadowProductionVariants") or []
    ]
    return ConfigProperties(
        variant.get("InitialInstanceCount"),
        found.get("DataCaptureConfig"),
        variant_types(variant),
        shadow[0] if shadow else None,
    )


def model_of_config(config: str) -> str:
    """The SageMaker model of an endpoint config; "" for one that was deleted."""
    return str(_variant_of(described_config(config)).get("ModelName", ""))


def _variant_of(config: dict[str, Any]) -> dict[str, Any]:
    variants: list[dict[str, Any]] = config.get("ProductionVariants") or [{}]
    return variants[0]


def described_config(config: str) -> dict[str, Any]:
    """A configuration as it was made; nothing of one that was deleted.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpointConfig.html
    """
    try:
        with calling("ValidationException", "ResourceNotFound"):
            found: dict[str, Any] = client("sagemaker").describe_endpoint_config(EndpointConfigName=config)
    except ClientError:
        return {}
    return found


def containers_of_model(name: str) -> list[dict[str, Any]]:
    """The containers of a SageMaker model, in the order in which they answer; none of one that was deleted.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeModel.html
    """
    try:
        with calling("ValidationException", "ResourceNotFound"):
            response = client("sagemaker").describe_model(ModelName=name)
    except ClientError:
        return []
    return response.get("Containers") or [response.get("PrimaryContainer", {})]


def ensure_model(plan: Deployment) -> None:
    """Create the SageMaker model. Idempotent: one of the same name is ours if it is equal.

    Raises:
        NameTaken: it is not.
    """
    containers = container_members(plan.containers)
    request = {"ModelName": plan.config, "ExecutionRoleArn": plan.role_arn, "Tags": list(plan.tags)}
    sagemaker = client("sagemaker")
    request |= containers | plan.network
    _ensure(sagemaker.create_model, sagemaker.describe_model, request, (*containers, *plan.network))


def container_members(containers: tuple[dict[str, Any], ...]) -> dict[str, Any]:
    """CreateModel's members for containers: one is the primary container, more are an inference pipeline.

    Serverless endpoints take no inference pipeline, so one container must not look like one.
    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModel.html
    """
    if len(containers) == 1:
        return {"PrimaryContainer": containers[0]}
    return {"Containers": list(containers)}


def ensure_config(plan: Deployment) -> None:
    """Create the endpoint config. Idempotent: one of the same name is ours if it is equal.

    Raises:
        NameTaken: it is not.
    """
    own = output_key(plan.volume_key_arn) | ({"DataCaptureConfig": plan.capture} if plan.capture else {})
    request = {"EndpointConfigName": plan.config, "ProductionVariants": [plan.variant], "Tags": list(plan.tags), **own}
    ensure_requested_config(request)


def ensure_requested_config(request: dict[str, Any]) -> None:
    """Create the endpoint config of a CreateEndpointConfig request. Idempotent, as above.

    Raises:
        NameTaken: one of its name is not equal.
    """
    sagemaker = client("sagemaker")
    compared = tuple(request.keys() - {"EndpointConfigName", "Tags"})
    _ensure(sagemaker.create_endpoint_config, sagemaker.describe_endpoint_config, request, compared)


def put_alarms(alarms: Sequence[dict[str, Any]]) -> None:
    """Create alarms. Idempotent: PutMetricAlarm overwrites.

    Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
    """
    for alarm in alarms:
        with calling():
            client("cloudwatch").put_metric_alarm(**alarm)


def delete_alarms(names: list[str]) -> None:
    """Delete the alarms of a configuration that serves no more, each by itself: a call with one that is not there
    deletes none. Idempotent.

    Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DeleteAlarms.html
    """
    for name in names:
        with suppress(ClientError), calling("ResourceNotFound"):
            client("cloudwatch").delete_alarms(AlarmNames=[name])


def _ensure(
    create: Callable[..., Any], describe: Callable[..., Any], request: dict[str, Any], compared: tuple[str, ...]
) -> None:
    """Create what is named by the first member of ``request``, or compare what has that name."""
    key, name = next(iter(request.items()))
    try:
        with calling("ValidationException", "ResourceInUse"):
            create(**request)
            return
    except ClientError as refused:
        try:
            with calling("ValidationException", "ResourceNotFound"):
                existing = describe(**{key: name})
        except ClientError:
            raise translate(refused) from refused
    if not all(covers(existing[field], request[field]) for field in compared):
        raise NameTaken(f"{key} {name} exists with other content")


def covers(described: Any, requested: Any) -> bool:
    """Whether ``described`` has everything that was ``requested``; AWS adds defaults of its own."""
    if isinstance(requested, dict):
        return isinstance(described, dict) and all(
            covers(described.get(key), value) for key, value in requested.items()
        )
    if isinstance(requested, list):
        return len(described) == len(requested) and all(map(covers, described, requested))
    return bool(described == requested)


def create(name: str, config: str, tags: list[dict[str, str]]) -> None:
    """Create the endpoint.

    Raises:
        EndpointBusy: SageMaker does not admit it now; retry.
        EndpointFailed: it does not admit it at all, unless a change that is not described yet is why.
    """
    _change(client("sagemaker").create_endpoint, EndpointName=name, EndpointConfigName=config, Tags=tags)


def update(found: Endpoint, config: str, strategy: dict[str, Any], overridden: Sequence[str] = ()) -> None:
    """Update the endpoint blue/green; ``strategy`` is its DeploymentConfig.

    What was changed of its instances since they were made stays: the number that scaling chose, weights, data capture;
    but for the ``overridden`` properties, which are as the new configuration says. A serverless one has none of these.
    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateEndpoint.html

    Raises:
        EndpointBusy: SageMaker does not admit it now; retry.
        EndpointFailed: it does not admit it at all, unless a change that is not described yet is why.
    """
    request: dict[str, Any] = {"EndpointName": found.name, "EndpointConfigName": config}
    if found.instances:
        excluded = [{"VariantPropertyType": kind} for kind in overridden]
        request |= {"RetainAllVariantProperties": True}
        request |= {"ExcludeRetainedVariantProperties": excluded} if excluded else {}
    request |= {"DeploymentConfig": strategy} if strategy else {}
    _change(client("sagemaker").update_endpoint, **request)


def delete(name: str) -> None:
    """Delete the endpoint.

    Raises:
        EndpointBusy: SageMaker does not admit it now; look again.
        EndpointFailed: it does not admit it at all.
    """
    _change(client("sagemaker").delete_endpoint, EndpointName=name)


def _change(change: Callable[..., Any], **request: Any) -> None:
    try:
        with calling("ValidationException", "ResourceInUse"):
            change(**request)
    except ClientError as error:
        kind = EndpointBusy if is_out_of_date(str(error)) or is_scaled(str(error)) else EndpointFailed
        raise kind(f"endpoint {request['EndpointName']}: {error}") from error


def invoke(name: str, body: str, content_type: str) -> dict[str, Any]:
    """Invoke the endpoint with raw records; its JSON response, in which ``predictions`` is a list of objects.

    Raises:
        ContainerFailed: the container answers with an error, or with anything else.
    """
    with calling():
        response = client("sagemaker-runtime", PATIENT).invoke_endpoint(
            EndpointName=name, Body=body.encode(), ContentType=content_type, Accept="application/json"
        )
        answer = response["Body"].read()
    return parse_answer(answer)
