"""Scalable targets and their policies, as Application Auto Scaling tells them, and what it refuses. Pure.

Source: https://docs.aws.amazon.com/autoscaling/application/APIReference/API_ScalableTarget.html and
https://docs.aws.amazon.com/autoscaling/application/APIReference/API_ScalingPolicy.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Any

SERVICE, DIMENSION = "sagemaker", "sagemaker:variant:DesiredInstanceCount"
METRIC = "SageMakerVariantInvocationsPerInstance"
UNSUSPENDED = dict.fromkeys(
    ("DynamicScalingInSuspended", "DynamicScalingOutSuspended", "ScheduledScalingSuspended"), False
)
_VARIANT = re.compile(r"endpoint/([^/]+)/variant/([^/]+)")
_TRACKED = ("TargetValue", "PredefinedMetricSpecification", "ScaleOutCooldown", "ScaleInCooldown", "DisableScaleIn")

Asked = Mapping[str, Any]


class Refused(Exception):
    """What the service answers instead: its code, its status and its words."""

    def __init__(self, code: str, said: str, status: int = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(said)
        self.code, self.status = code, status


@dataclass
class ScalingPolicy:
    """A policy that follows a target value."""

    name: str
    arn: str
    created: datetime
    tracking: dict[str, Any]  # TargetTrackingScalingPolicyConfiguration


@dataclass
class ScalableTarget:
    """A variant whose number of instances may be scaled."""

    resource: str
    arn: str
    role_arn: str
    created: datetime
    least: int
    most: int
    suspended: dict[str, bool] = field(default_factory=lambda: dict(UNSUSPENDED))
    policies: dict[str, ScalingPolicy] = field(default_factory=dict)


def invalid(said: str) -> Refused:
    """ValidationException."""
    return Refused("ValidationException", said)


def unplayed(said: str) -> Refused:
    """501: AWS has it, and nobody plays it here."""
    return Refused("NotImplemented", f"{said} does not run outside AWS", HTTPStatus.NOT_IMPLEMENTED)


def not_found(asked: Asked, what: str) -> Refused:
    """ObjectNotFoundException, in the service's own words."""
    where = f"service namespace: {SERVICE}, resource ID: {asked['ResourceId']}, scalable dimension: {DIMENSION}"
    name = f", policy name: {asked['PolicyName']}" if "PolicyName" in asked else ""
    return Refused("ObjectNotFoundException", f"No {what} found for {where}{name}")


def look_at_kind(asked: Asked) -> None:
    """Look at what is to be scaled.

    Raises:
        Refused: of a service or a dimension that nobody plays.
    """
    if asked["ServiceNamespace"] != SERVICE:
        raise unplayed(f"ServiceNamespace {asked['ServiceNamespace']}")
    if asked.get("ScalableDimension", DIMENSION) != DIMENSION:
        raise unplayed(f"ScalableDimension {asked['ScalableDimension']}")


def variant_of(asked: Asked) -> tuple[str, str]:
    """The endpoint and the variant that a request names.

    Raises:
        Refused: it names none, or what nobody plays.
    """
    look_at_kind(asked)
    named = _VARIANT.fullmatch(str(asked["ResourceId"]))
    if named is None:
        raise invalid("Unsupported service namespace, resource type or scalable dimension")
    return named[1], named[2]


def bounds_of(asked: Asked, before: ScalableTarget | None) -> tuple[int, int]:
    """The bounds that a target has from now on: what is not said stays.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-add-policy.html (1 at least)

    Raises:
        Refused: a new one lacks one, or they are not in order.
    """
    least = asked.get("MinCapacity", before.least if before else None)
    most = asked.get("MaxCapacity", before.most if before else None)
    if least is None or most is None:
        raise invalid("Both minimum and maximum capacity must be specified for a new scalable target")
    if not 1 <= least <= most:
        raise invalid("Minimum capacity must be at least 1, and cannot be greater than maximum capacity")
    return int(least), int(most)


def tracking_of(asked: Asked) -> dict[str, Any]:
    """The configuration of a policy that follows a target value.

    Source: https://docs.aws.amazon.com/autoscaling/application/APIReference/API_TargetTrackingScalingPolicyConfiguration.html

    Raises:
        Refused: it is of another type, or follows another metric.
    """
    if (kind := asked.get("PolicyType", "StepScaling")) != "TargetTrackingScaling":
        raise unplayed(f"PolicyType {kind}")
    found: dict[str, Any] = dict(asked.get("TargetTrackingScalingPolicyConfiguration") or {})
    if not found:
        raise invalid("A target tracking scaling policy configuration must be specified")
    if other := sorted(set(found) - set(_TRACKED)):
        raise unplayed(f"TargetTrackingScalingPolicyConfiguration.{other[0]}")
    metric = dict(found.get("PredefinedMetricSpecification") or {})
    if metric != {"PredefinedMetricType": METRIC}:
        named = metric.get("PredefinedMetricType") or "PredefinedMetricSpecification, which is missing,"
        raise unplayed(f"{named} with {', '.join(metric) or 'nothing'}") if metric else invalid(f"{named} is required")
    return {"ScaleOutCooldown": 300, "ScaleInCooldown": 300, "DisableScaleIn": False} | found


def target_shown(target: ScalableTarget) -> dict[str, Any]:
    """A target as DescribeScalableTargets shows it."""
    return {
        "ServiceNamespace": SERVICE, "ResourceId": target.resource, "ScalableDimension": DIMENSION,
        "MinCapacity": target.least, "MaxCapacity": target.most, "RoleARN": target.role_arn,
        "CreationTime": target.created.timestamp(), "SuspendedState": target.suspended,
        "ScalableTargetARN": target.arn,
    }  # fmt: skip


def policy_shown(target: ScalableTarget, policy: ScalingPolicy) -> dict[str, Any]:
    """A policy as DescribeScalingPolicies shows it. No alarm watches for it: nothing is scaled by load here."""
    return {
        "PolicyARN": policy.arn, "PolicyName": policy.name, "ServiceNamespace": SERVICE,
        "ResourceId": target.resource, "ScalableDimension": DIMENSION, "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": policy.tracking, "Alarms": [],
        "CreationTime": policy.created.timestamp(),
    }  # fmt: skip
