"""How many instances an endpoint may have, and by what load: Application Auto Scaling's requests. Pure.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-add-policy.html and
https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-add-code-define.html
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

METRIC = "SageMakerVariantInvocationsPerInstance"


class Scaling(NamedTuple):
    """What a model file's ``autoscaling`` says."""

    least: int  # instances
    most: int
    per_instance: float  # invocations per instance and minute that are aimed at


class KeptScaling(NamedTuple):
    """What the ledger says of a model's endpoint."""

    config: str  # the configuration for which it was set; "" while nobody knows, as AWS is asked, or refused it
    scaling: Scaling | None  # that it has, or may have; None: nothing is registered for that configuration


def scaling_of(section: Mapping[str, Any]) -> Scaling | None:
    """The scaling that a model file's ``deployment`` asks for; None where it asks for none."""
    wish = section.get("autoscaling")
    if not wish or str(section.get("mode") or "realtime") != "realtime":
        return None
    return Scaling(int(wish["min"]), int(wish["max"]), float(wish["per_instance"]))


def first_instances(section: Mapping[str, Any]) -> int:
    """With how many instances a new endpoint begins."""
    scaling = scaling_of(section)
    return int(section.get("instance_count") or (scaling.least if scaling else 1))


def most_instances(section: Mapping[str, Any]) -> int:
    """How many instances an endpoint may have."""
    scaling = scaling_of(section)
    return scaling.most if scaling else first_instances(section)


def target(endpoint: str, variant: str) -> dict[str, str]:
    """How each request names what is scaled."""
    return {
        "ServiceNamespace": "sagemaker",
        "ResourceId": f"endpoint/{endpoint}/variant/{variant}",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
    }


def bounds(scaling: Scaling) -> dict[str, int]:
    """RegisterScalableTarget's bounds."""
    return {"MinCapacity": scaling.least, "MaxCapacity": scaling.most}


def policy(scaling: Scaling) -> dict[str, Any]:
    """PutScalingPolicy's policy: follow so many invocations an instance."""
    tracking = {
        "TargetValue": scaling.per_instance,
        "PredefinedMetricSpecification": {"PredefinedMetricType": METRIC},
    }
    return {
        "PolicyName": "invocations-per-instance",
        "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": tracking,
    }


def scaling_text(scaling: Scaling) -> str:
    """A scaling for a person."""
    return f"{scaling.least} to {scaling.most} instances, by {scaling.per_instance:g} requests an instance and minute"
