"""How a version is served, worked out from its containers and the model file's wishes. Pure: nothing is done here."""

import json
from typing import Any, NamedTuple

from app.decide.deployment_alarms import alarms_of, guarded
from app.decide.rules import resource_name, same_answer, versioned_name
from app.settings import Settings


class Deployment(NamedTuple):
    """A version, ready to be put on an endpoint, or to score files where it has none."""

    endpoint: str
    config: str  # name of the SageMaker model and of the endpoint config
    mode: str  # realtime, serverless or batch
    containers: tuple[dict[str, Any], ...]  # each answers to what the one before it said
    role_arn: str
    variant: dict[str, Any]  # of the endpoint config; nothing of batch
    instance_type: str  # of a transform job
    strategy: dict[str, Any] = {}  # DeploymentConfig
    network: dict[str, Any] = {}  # what CreateModel says of it
    alarms: tuple[
        dict[str, Any], ...
    ] = ()  # PutMetricAlarm's requests; while it is deployed they bring the old one back
    tags: tuple[dict[str, str], ...] = ()


def deployment(
    settings: Settings, model: str, version: int, containers: tuple[dict[str, Any], ...], wish: dict[str, Any]
) -> Deployment:
    """How ``version`` is served, as the model file's ``deployment`` section wishes."""
    mode, count = str(wish.get("mode") or "realtime"), int(wish.get("instance_count") or 1)
    variant, network = variant_of(mode, wish), network_of(settings)
    content = [*containers, variant, settings.endpoint_role_arn, *([network] if network else [])]
    config = versioned_name(settings.stack, model, version, content)
    guards = alarms_of(settings, resource_name(settings.stack, model), config) if mode == "realtime" else ()
    moves = guarded(traffic(wish.get("strategy") or "all_at_once", count), guards) if mode == "realtime" else {}
    return Deployment(
        endpoint=resource_name(settings.stack, model),
        config=config,
        mode=mode,
        containers=containers,
        role_arn=settings.endpoint_role_arn,
        variant={**variant, "ModelName": config} if variant else {},
        instance_type=instance_of(wish),
        strategy=moves,
        network=network,
        alarms=guards,
        tags=tags_of(settings),
    )


def variant_of(mode: str, wish: dict[str, Any]) -> dict[str, Any]:
    """What the endpoint config says of its one variant; nothing for a model that only scores files."""
    if mode == "batch":
        return {}
    if mode == "serverless":
        memory, most = int(wish.get("memory_mb") or 2048), int(wish.get("max_concurrency") or 5)
        return {"VariantName": "AllTraffic", "ServerlessConfig": {"MemorySizeInMB": memory, "MaxConcurrency": most}}
    return {
        "VariantName": "AllTraffic",
        "InstanceType": instance_of(wish),
        "InitialInstanceCount": int(wish.get("instance_count") or 1),
        "InitialVariantWeight": 1.0,
    }


def instance_of(wish: dict[str, Any]) -> str:
    """What the model's containers answer on, on an endpoint and in a batch transform."""
    return str(wish.get("instance_type") or "ml.m5.large")


def tags_of(settings: Settings) -> tuple[dict[str, str], ...]:
    """Whose it is."""
    return {"Key": "app", "Value": "retrain"}, {"Key": "retrain-stack", "Value": settings.stack}


def network_of(settings: Settings) -> dict[str, Any]:
    """What CreateModel says of the network: the stack's subnets, and whether containers reach anything at all."""
    inside = {"Subnets": list(settings.subnet_ids), "SecurityGroupIds": list(settings.security_group_ids)}
    vpc = {"VpcConfig": inside} if settings.subnet_ids else {}
    return vpc | ({"EnableNetworkIsolation": True} if settings.network_isolation else {})


def traffic(strategy: str | dict[str, Any], instances: int) -> dict[str, Any]:
    """DeploymentConfig of a blue/green update. Canary and linear need two instances; one moves all at once.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_TrafficRoutingConfig.html
    """
    wish = strategy if isinstance(strategy, dict) else {"type": strategy}
    kind = str(wish.get("type", "all_at_once")).lower() if instances > 1 else "all_at_once"
    wait_s = int(wish.get("wait_s", 0 if kind == "all_at_once" else 300))
    routing: dict[str, Any] = {"Type": kind.upper(), "WaitIntervalInSeconds": wait_s}
    if kind != "all_at_once":
        size = {"Type": "CAPACITY_PERCENT", "Value": int(wish.get("percent", 10 if kind == "canary" else 25))}
        routing["CanarySize" if kind == "canary" else "LinearStepSize"] = size
    return {"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing, "TerminationWaitInSeconds": 0}}


def superseded(version: int, wanted: int | None) -> dict[str, Any]:
    """The answer to a state whose version is not the one to serve."""
    why = f"version {wanted} is the one to serve" if wanted else "it is not approved any more"
    return {"in_service": False, "reasons": [f"version {version} is superseded: {why}"]}


def differing(stored: list[dict[str, Any]], found: list[dict[str, Any]]) -> str:
    """How many answers are not those that evaluation stored, and the first beside it; "" when all are."""
    wrong = [at for at, one in enumerate(stored) if at >= len(found) or not same_answer(found[at], one)]
    if not wrong and len(found) == len(stored):
        return ""
    first = wrong[0] if wrong else len(stored)
    pair = (f"{json.dumps(some[first : first + 1])[:300]}" for some in (stored, found))
    return f"answers {len(wrong)} of {len(stored)} records otherwise: stored {next(pair)}, answered {next(pair)}"
