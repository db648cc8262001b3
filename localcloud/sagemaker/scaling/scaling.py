"""Scalable targets: registered with bounds that hold at once, given policies, deregistered; gone with their endpoint.

Nothing is scaled by load: a policy is kept and told, and no alarm watches for it.

Source: https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html,
https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-scaling-update.html and
https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-delete-with-scaling.html
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from moto.sagemaker.exceptions import SagemakerClientError

from localcloud.iam.permissions import Place
from localcloud.iam.sagemaker_actions import linked_role_arn, scalable_target_arn
from localcloud.sagemaker import api_shapes
from localcloud.sagemaker.api_shapes import Context, now
from localcloud.sagemaker.endpoints.endpoint_records import IN_SERVICE, Endpoint
from localcloud.sagemaker.endpoints.endpoints import Endpoints
from localcloud.sagemaker.endpoints.variant_properties import Variants, count_of
from localcloud.sagemaker.scaling.records import (
    DIMENSION,
    SERVICE,
    Asked,
    Refused,
    ScalableTarget,
    ScalingPolicy,
    bounds_of,
    invalid,
    look_at_kind,
    not_found,
    policy_shown,
    target_shown,
    tracking_of,
    variant_of,
)

MOST_SHOWN = 50  # of a page, where nothing is said
KIND = ("InstanceType", "InstancePools")  # of a variant, what an update may not change while it is scaled
T = TypeVar("T")


class Scaling:
    """All scalable targets of this cloud, by what they scale."""

    def __init__(self, context: Context, endpoints: Endpoints) -> None:
        self.context = context
        self.endpoints = endpoints
        self.targets: dict[str, ScalableTarget] = {}
        endpoints.refuse_update, endpoints.deleted = self._refuse_update, self._forget

    def operations(self) -> Mapping[str, Callable[[Asked], dict[str, Any]]]:
        """The API's operations."""
        return {
            "RegisterScalableTarget": self.register, "DeregisterScalableTarget": self.deregister,
            "DescribeScalableTargets": self.describe_targets, "PutScalingPolicy": self.put_policy,
            "DeleteScalingPolicy": self.delete_policy, "DescribeScalingPolicies": self.describe_policies,
        }  # fmt: skip

    def register(self, asked: Asked) -> dict[str, Any]:
        """RegisterScalableTarget: an endpoint in service has a number of instances within the bounds from now on."""
        name, variant = variant_of(asked)
        resource = asked["ResourceId"]
        with self.context.lock:
            endpoint, count = self._running(name, variant)
            before = self.targets.get(resource)
            least, most = bounds_of(asked, before)
            target = before or self._made(resource, least, most)
            target.least, target.most = least, most
            target.suspended |= asked.get("SuspendedState") or {}
            wanted = min(max(count, least), most)
            if wanted != count and endpoint.status == IN_SERVICE:
                self._resize(name, variant, wanted)
            self.targets[resource] = target
        return {"ScalableTargetARN": target.arn}

    def deregister(self, asked: Asked) -> dict[str, Any]:
        """DeregisterScalableTarget: its policies go with it; the instances stay as they are."""
        variant_of(asked)
        with self.context.lock:
            if self.targets.pop(asked["ResourceId"], None) is None:
                raise not_found(asked, "scalable target")
        return {}

    def describe_targets(self, asked: Asked) -> dict[str, Any]:
        """DescribeScalableTargets, by what they scale."""
        look_at_kind(asked)
        wanted = asked.get("ResourceIds")
        with self.context.lock:
            found = [one for name, one in sorted(self.targets.items()) if not wanted or name in wanted]
        return _page("ScalableTargets", [target_shown(one) for one in found], asked)

    def put_policy(self, asked: Asked) -> dict[str, Any]:
        """PutScalingPolicy; one of the same name is replaced."""
        variant_of(asked)
        tracking, name = tracking_of(asked), asked["PolicyName"]
        with self.context.lock:
            target = self.targets.get(asked["ResourceId"])
            if target is None:
                raise not_found({"ResourceId": asked["ResourceId"]}, "scalable target")
            if others := sorted(set(target.policies) - {name}):
                raise invalid(f"Only one target tracking scaling policy of a metric is allowed: {others[0]} follows it")
            policy = target.policies.get(name) or ScalingPolicy(name, self._policy_arn(target, name), now(), tracking)
            policy.tracking = tracking
            target.policies[name] = policy
        return {"PolicyARN": policy.arn, "Alarms": []}

    def delete_policy(self, asked: Asked) -> dict[str, Any]:
        """DeleteScalingPolicy."""
        variant_of(asked)
        with self.context.lock:
            target = self.targets.get(asked["ResourceId"])
            if target is None or target.policies.pop(asked["PolicyName"], None) is None:
                raise not_found(asked, "scaling policy")
        return {}

    def describe_policies(self, asked: Asked) -> dict[str, Any]:
        """DescribeScalingPolicies, of one target or of all."""
        look_at_kind(asked)
        names, resource = asked.get("PolicyNames"), asked.get("ResourceId")
        with self.context.lock:
            found = [
                policy_shown(target, policy)
                for _, target in sorted(self.targets.items())
                for _, policy in sorted(target.policies.items())
                if resource in (None, target.resource) and (not names or policy.name in names)
            ]
        return _page("ScalingPolicies", found, asked)

    def _running(self, name: str, variant: str) -> tuple[Endpoint, int]:
        """The endpoint of a variant, and how many instances it has now."""
        endpoint = self.endpoints.endpoints.get(name)
        if endpoint is None:
            raise invalid(f'Could not find endpoint "{self.context.arn("endpoint", name)}".')
        found = next((one for one in endpoint.variants if one["VariantName"] == variant), None)
        if found is None:
            raise invalid(f"The variant name(s) {variant} is/are not present within endpoint configuration")
        if found.get("ServerlessConfig"):
            raise invalid(f"{DIMENSION} does not go with the serverless variant {variant}")
        return endpoint, count_of(found)

    def _resize(self, name: str, variant: str, count: int) -> None:
        wanted = [{"VariantName": variant, "DesiredInstanceCount": count}]
        try:
            self.endpoints.update_weights({"EndpointName": name, "DesiredWeightsAndCapacities": wanted})
        except SagemakerClientError as error:
            raise Refused("FailedResourceAccessException", str(error.message)) from error

    def _made(self, resource: str, least: int, most: int) -> ScalableTarget:
        place = Place(self.context.cloud.region, self.context.cloud.account_id)
        role = linked_role_arn(place)
        return ScalableTarget(resource, scalable_target_arn(resource, DIMENSION, place), role, now(), least, most)

    def _policy_arn(self, target: ScalableTarget, name: str) -> str:
        where = f"resource/{SERVICE}/{target.resource}:policyName/{name}"
        start = f"arn:aws:autoscaling:{self.context.cloud.region}:{self.context.cloud.account_id}:scalingPolicy"
        return f"{start}:{uuid.uuid4()}:{where}"

    def _refuse_update(self, endpoint: Endpoint, new: Variants) -> None:
        """Refuse what would change the instances of a variant that is scaled.

        Raises:
            ValidationException: it would.
        """
        after = {one["VariantName"]: one for one in new}
        for before in endpoint.variants:
            name = before["VariantName"]
            kind = [after.get(name, {}).get(member) for member in KIND]
            if f"endpoint/{endpoint.name}/variant/{name}" in self.targets and kind != [before.get(one) for one in KIND]:
                raise api_shapes.invalid(
                    f"The variant(s) {name} must be deregistered as scalable target(s) with Application Auto Scaling"
                    " before its instance type is changed or it is removed."
                )

    def _forget(self, name: str) -> None:
        """Deregister the targets of an endpoint that is deleted."""
        for resource in [one for one in self.targets if one.startswith(f"endpoint/{name}/")]:
            self.targets.pop(resource, None)


def _page(name: str, found: list[T], asked: Asked) -> dict[str, Any]:
    token = str(asked.get("NextToken") or "0")
    if not token.isascii() or not token.isdigit():
        raise Refused("InvalidNextTokenException", "The next token supplied was invalid")
    end = int(token) + int(asked.get("MaxResults") or MOST_SHOWN)
    following = {"NextToken": str(end)} if end < len(found) else {}
    return {name: found[int(token) : end], **following}
