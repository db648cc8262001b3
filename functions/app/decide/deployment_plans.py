"""Deployment plans: how a version is deployed, by its containers and the model file's ``deployment`` section. Pure."""

import math
from itertools import chain
from typing import Any, NamedTuple

from app.decide.deployment.deployment_alarms import WINDOW_S, alarms_of, with_rollback_alarms
from app.decide.deployment.scaling import first_instances, most_instances
from app.decide.deployment.shadows import SHADOW, shadow_span
from app.decide.messages import RunTask
from app.decide.names.bucket_keys import captured_prefix
from app.decide.names.resource_names import resource_name, versioned_name
from app.decide.protection.encryption import output_key, volumes_key
from app.settings import Settings

VARIANT = "AllTraffic"  # the one of an endpoint
FLEET_START_S = 3600  # at most, from an update's begin until its new instances answer
MOST_WAITS_S = 10_200  # all of an update together: the state that waits for it gives up after four hours


class Deployment(NamedTuple):
    """A version, ready to be put on an endpoint, or to score files where it has none."""

    endpoint: str
    config: str  # name of the SageMaker model and of the endpoint config
    mode: str  # realtime, serverless or batch
    containers: tuple[dict[str, Any], ...]  # each takes the output of the one before it
    role_arn: str
    variant: dict[str, Any]  # of the endpoint config; nothing of batch
    instance_type: str  # of a transform job
    strategy: dict[str, Any] = {}  # DeploymentConfig
    network: dict[str, Any] = {}  # what CreateModel says of it
    alarms: tuple[dict[str, Any], ...] = ()  # PutMetricAlarm's requests; while it is deployed they roll it back
    tags: tuple[dict[str, str], ...] = ()
    key_arn: str = ""  # under which a transform job writes
    volume_key_arn: str = ""  # of the volumes of an endpoint's instances
    capture: dict[str, Any] = {}  # DataCaptureConfig; nothing where nothing is captured
    autoscaling: dict[str, Any] = {}  # as the model file has it; nothing of what is not scaled
    shadow: dict[str, Any] = {}  # "for_s", "share", "agreement" of the time in shadow before it serves; nothing of none


class ConfigProperties(NamedTuple):
    """What an endpoint configuration says of that which an update may retain instead."""

    instances: int | None = None  # it begins with so many; None of a serverless one
    capture: dict[str, Any] | None = None  # DataCaptureConfig
    types: tuple[str, ...] = ()  # of instances, in the order in which they are tried
    shadow: tuple[float, int] | None = None  # weight and instances of its shadow; None of one without


def plan_deployment(
    settings: Settings,
    model: str,
    version: int,
    containers: tuple[dict[str, Any], ...],
    section: dict[str, Any],
    role_arn: str,
) -> Deployment:
    """Plan how ``version`` is deployed, by the model file's ``deployment`` section, under its model's role."""
    mode, count = str(section.get("mode") or "realtime"), first_instances(section)
    variant, network = production_variant(mode, section), network_config(settings)
    volume = volumes_key(settings.encryption_key_arn, instance_types(section)) if mode == "realtime" else ""
    capture = data_capture(settings, model, section) if mode == "realtime" else {}
    content = [*containers, variant, role_arn, *filter(None, (network, volume, capture))]
    config = versioned_name(settings.stack, model, version, content)
    alarms = alarms_of(settings, resource_name(settings.stack, model), config) if mode == "realtime" else ()
    strategy = (
        update_strategy(section.get("strategy") or "all_at_once", count, settings.bake_s, most_instances(section))
        if mode == "realtime"
        else {}
    )
    return Deployment(
        endpoint=resource_name(settings.stack, model),
        config=config,
        mode=mode,
        containers=containers,
        role_arn=role_arn,
        variant={**variant, "ModelName": config} if variant else {},
        instance_type=instance_type(section),
        strategy=with_rollback_alarms(strategy, alarms) if strategy else {},
        network=network,
        alarms=alarms,
        tags=resource_tags(settings),
        key_arn=settings.encryption_key_arn,
        volume_key_arn=volume,
        capture=capture,
        autoscaling=dict(section.get("autoscaling") or {}) if mode == "realtime" else {},
        shadow=shadow_wish(section) if mode == "realtime" else {},
    )


def shadow_wish(section: dict[str, Any]) -> dict[str, Any]:
    """How long a version is in shadow before it serves, of which share of the requests, and how often it has to agree
    with what serves; nothing where the model file asks for none.
    """
    wish = section.get("shadow")
    if not wish:
        return {}
    share, least = float(wish.get("share") or 1), float(wish.get("agreement") or 0)
    return {"for_s": int(shadow_span(section).total_seconds()), "share": share, "agreement": least}


def why_no_shadow(settings: Settings, plan: Deployment, champion: dict[str, Any], containers: int) -> str:
    """Why the planned version cannot be the shadow of what serves, as ``champion`` describes its configuration, with so
    many ``containers``; "" where it can. One key is for the volumes of both, and storage of an instance's own takes
    none: where one of the two has such, either a request that AWS refuses or a volume without its key would follow.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/shadow-tests-exclusions.html (serverless endpoints, several
    containers, Inf1) and https://docs.aws.amazon.com/sagemaker/latest/dg/multi-container-create.html (an inference
    pipeline is such an endpoint)
    """
    variants = champion.get("ProductionVariants") or [{}]
    if len(variants) != 1 or not variants[0].get("InitialInstanceCount"):
        return "what serves takes no shadow beside it"
    if containers > 1:
        return f"what serves has {containers} containers, and SageMaker has shadows of one alone"
    if len(plan.containers) > 1:
        return f"it has {len(plan.containers)} containers, and SageMaker has shadows of one alone"
    both = variant_types(variants[0]), variant_types(plan.variant)
    if excluded := [kind for kind in chain(*both) if kind.startswith("ml.inf1.")]:
        return f"SageMaker has no shadows on {excluded[0]}"
    keys = {volumes_key(settings.encryption_key_arn, types) for types in both}
    return "" if len(keys) == 1 else "only one of the two has volumes that take the stack's key"


def shadow_request(settings: Settings, task: RunTask, plan: Deployment, champion: dict[str, Any]) -> dict[str, Any]:
    """CreateEndpointConfig's request for what serves, as ``champion`` describes its configuration, with the planned
    version as its shadow, where nothing is why there is none.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpointConfig.html (one production
    and one shadow variant) and https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-exclusions.html
    (an update must keep the production variant's name)
    """
    production = {**champion["ProductionVariants"][0], "InitialVariantWeight": 1.0}
    shadow = {**plan.variant, "VariantName": SHADOW, "InitialVariantWeight": plan.shadow["share"]}
    capture = plan.capture or champion.get("DataCaptureConfig") or {}
    own = output_key(plan.volume_key_arn) | ({"DataCaptureConfig": capture} if capture else {})
    members = {"ProductionVariants": [production], "ShadowProductionVariants": [shadow], **own}
    name = versioned_name(settings.stack, task.model, task.version, members)
    return {"EndpointConfigName": name, **members, "Tags": list(plan.tags)}


def data_capture(settings: Settings, model: str, section: dict[str, Any]) -> dict[str, Any]:
    """CreateEndpointConfig's data capture: requests and answers, as text, below the model's own prefix; nothing where
    the model file asks for none.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DataCaptureConfig.html
    """
    if not section.get("capture"):
        return {}
    key = {"KmsKeyId": settings.encryption_key_arn} if settings.encryption_key_arn else {}
    return {
        "EnableCapture": True,
        "InitialSamplingPercentage": int(section["capture"]["percent"]),
        "DestinationS3Uri": f"s3://{settings.data_bucket}/{captured_prefix(model)}",
        "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
        "CaptureContentTypeHeader": {"CsvContentTypes": ["text/csv"], "JsonContentTypes": ["application/json"]},
    } | key


def production_variant(mode: str, section: dict[str, Any]) -> dict[str, Any]:
    """CreateEndpointConfig's one production variant; nothing for a model that only scores files. Of several types
    SageMaker takes the first that it has.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/realtime-endpoints-heterogeneous.html
    """
    if mode == "batch":
        return {}
    if mode == "serverless":
        memory_mb, max_concurrency = int(section.get("memory_mb") or 2048), int(section.get("max_concurrency") or 5)
        serverless = {"MemorySizeInMB": memory_mb, "MaxConcurrency": max_concurrency}
        return {"VariantName": VARIANT, "ServerlessConfig": serverless}
    first, *others = instance_types(section)
    pools = [{"InstanceType": kind, "Priority": at} for at, kind in enumerate((first, *others), 1)]
    return {
        "VariantName": VARIANT,
        **({"InstancePools": pools} if others else {"InstanceType": first}),
        "InitialInstanceCount": first_instances(section),
        "InitialVariantWeight": 1.0,
    }


def instance_type(section: dict[str, Any]) -> str:
    """The instance type of the endpoint and of batch transforms."""
    return str(section.get("instance_type") or "ml.m5.large")


def instance_types(section: dict[str, Any]) -> tuple[str, ...]:
    """The instance types of the endpoint, in the order in which they are tried."""
    return instance_type(section), *map(str, section.get("fallback") or ())


def variant_types(variant: dict[str, Any]) -> tuple[str, ...]:
    """The instance types that a variant of an endpoint configuration names; none of a serverless one."""
    return tuple(one["InstanceType"] for one in variant.get("InstancePools") or [variant] if "InstanceType" in one)


def resource_tags(settings: Settings) -> tuple[dict[str, str], ...]:
    """Tags of everything that the stack creates at run time: they name the stack as the owner."""
    return {"Key": "app", "Value": "retrain"}, {"Key": "retrain-stack", "Value": settings.stack}


def network_config(settings: Settings) -> dict[str, Any]:
    """CreateModel's network members: the stack's subnets, and whether containers are isolated from the network."""
    subnets = {"Subnets": list(settings.subnet_ids), "SecurityGroupIds": list(settings.security_group_ids)}
    vpc = {"VpcConfig": subnets} if settings.subnet_ids else {}
    return vpc | ({"EnableNetworkIsolation": True} if settings.network_isolation else {})


def update_strategy(strategy: str | dict[str, Any], instances: int, bake_s: int, at_most: int = 0) -> dict[str, Any]:
    """DeploymentConfig of a blue/green update. Canary and linear need two instances; one moves all at once. Scaling may
    have chosen any number up to ``at_most``: there is time for the steps of each.

    ``bake_s`` is how long alarms watch the new instances before the old ones end, unless the strategy says ``wait_s``.
    A share of the traffic is watched for as long as its alarms look back, or it would pass unseen. The time limit is
    more than the new instances' start and all waits together; what is later is rolled back.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-blue-green.html (baking period),
    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_TrafficRoutingConfig.html (0 to 3,600 s) and
    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_BlueGreenUpdatePolicy.html (600 to 28,800 s)
    """
    options = strategy if isinstance(strategy, dict) else {"type": strategy}
    kind = str(options.get("type", "all_at_once")).lower() if instances > 1 else "all_at_once"
    percent = int(options.get("percent", 10 if kind == "canary" else 25))
    waits = max(_waits(kind, percent, number) for number in range(instances, max(instances, at_most) + 1))
    wait_s = min(int(options.get("wait_s", bake_s)), MOST_WAITS_S // waits)
    routing: dict[str, Any] = {"Type": kind.upper(), "WaitIntervalInSeconds": wait_s}
    if kind != "all_at_once":
        size = {"Type": "CAPACITY_PERCENT", "Value": percent}
        routing |= {"WaitIntervalInSeconds": max(wait_s, WINDOW_S)}
        routing["CanarySize" if kind == "canary" else "LinearStepSize"] = size
    limit_s = FLEET_START_S + waits * routing["WaitIntervalInSeconds"]
    policy = {"TrafficRoutingConfiguration": routing, "TerminationWaitInSeconds": 0}
    return {"BlueGreenUpdatePolicy": policy | {"MaximumExecutionTimeoutInSeconds": limit_s}}


def _waits(kind: str, percent: int, instances: int) -> int:
    """How often an update waits: after each share of the instances that takes traffic."""
    if kind == "linear":
        return math.ceil(instances / math.ceil(instances * percent / 100))
    return 2 if kind == "canary" else 1


def overridden_properties(
    strategy: dict[str, Any],
    running: int,
    before: ConfigProperties,
    new: ConfigProperties,
    *,
    scaled: bool = False,
    scales: bool = False,
) -> list[str]:
    """What an update takes from the new configuration rather than from what runs: the number of instances, if the model
    file's changed from ``before`` to ``new``, or where fewer than two are ``running`` and a share is to move; and what
    is captured, if the model file's changed. The number that scaling chose stays as long as it ``scales``, and goes
    with it where the endpoint was ``scaled``; beside a new shadow what serves stays as it is, scaled or not. All
    shadows have one name: a later one takes its own share rather than that of the one before it, and its own number
    where that does not undo what scaling chose.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_VariantProperty.html
    """
    routing = strategy.get("BlueGreenUpdatePolicy", {}).get("TrafficRoutingConfiguration", {})
    shares = routing.get("Type", "ALL_AT_ONCE") != "ALL_AT_ONCE"
    earlier = before.shadow or new.shadow
    said = before.instances != new.instances or (scaled and not new.shadow)
    resized = bool(new.shadow and earlier and earlier[1] != new.shadow[1] and not scaled)
    counted = (said and not scales) or resized or (shares and running < 2)
    weighed = bool(new.shadow and earlier and earlier[0] != new.shadow[0])
    found = {
        "DesiredInstanceCount": counted,
        "DesiredWeight": weighed,
        "DataCaptureConfig": before.capture != new.capture,
    }
    return [name for name, overridden in found.items() if overridden]
