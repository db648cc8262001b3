"""Application Auto Scaling in memory: scalable targets of variants, their policies, and what it refuses.

Source: https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html and
https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-scaling-update.html
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

from tests.torture.fakes.endpoints import Endpoints
from tests.torture.fakes.resources import invalid
from tests.torture.faults import Faults, refusal

REFUSES = 0.3  # of the schedules: each call is refused now and then, with what no retry gets over
A_CALL = 0.4  # of such a schedule's calls


@dataclass
class Target:
    """What is registered of a variant."""

    least: int
    most: int
    per_instance: float | None = None  # that its policy follows; None without one


class Scaling:
    """All scalable targets, by what they scale."""

    def __init__(self, seed: int, faults: Faults, endpoints: Endpoints) -> None:
        self._faults, self._endpoints, self._random = faults, endpoints, Random(f"scaling {seed}")
        self._refuses = self._random.random() < REFUSES
        self.targets: dict[str, Target] = {}
        self.by_people: set[str] = set()  # what people changed since the app did: their word stands until then
        endpoints.is_scaled, endpoints.deleted = self._is_scaled, self._forget

    def register_scalable_target(
        self, *, ResourceId: str, MinCapacity: int, MaxCapacity: int, **_: Any
    ) -> dict[str, Any]:
        """RegisterScalableTarget; the policy of what is registered already stays."""
        self._refuse("LimitExceededException", "RegisterScalableTarget")
        if ResourceId.split("/")[1] not in self._endpoints.endpoints:
            raise invalid(f"Could not find endpoint of {ResourceId}")
        self.by_people.discard(ResourceId)
        target = self.targets.setdefault(ResourceId, Target(MinCapacity, MaxCapacity))
        target.least, target.most = MinCapacity, MaxCapacity
        return {}

    def put_scaling_policy(self, *, ResourceId: str, **request: Any) -> dict[str, Any]:
        """PutScalingPolicy."""
        self._refuse("FailedResourceAccessException", "PutScalingPolicy")
        tracking = request["TargetTrackingScalingPolicyConfiguration"]
        self._registered(ResourceId).per_instance = tracking["TargetValue"]
        return {}

    def deregister_scalable_target(self, *, ResourceId: str, **_: Any) -> dict[str, Any]:
        """DeregisterScalableTarget: its policy goes along."""
        self._registered(ResourceId)
        self.by_people.discard(ResourceId)
        del self.targets[ResourceId]
        return {}

    def set_by_hand(self, name: str, target: Target | None) -> None:
        """Somebody scales an endpoint in the console, or scales it no more."""
        self.by_people.add(resource_of(name))
        self.targets.pop(resource_of(name), None)
        if target:
            self.targets[resource_of(name)] = target

    def _registered(self, resource: str) -> Target:
        if resource not in self.targets:
            raise refusal("ObjectNotFoundException", f"No scalable target found for {resource}")
        return self.targets[resource]

    def _refuse(self, code: str, operation: str) -> None:
        if self._refuses and not self._faults.over and self._random.random() < A_CALL:
            raise refusal(code, operation=operation)

    def _is_scaled(self, name: str) -> bool:
        return resource_of(name) in self.targets

    def _forget(self, name: str) -> None:
        self.targets.pop(resource_of(name), None)
        self.by_people.discard(resource_of(name))


def resource_of(name: str) -> str:
    """How an endpoint's variant is named."""
    return f"endpoint/{name}/variant/AllTraffic"
