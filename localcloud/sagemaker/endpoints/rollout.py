"""How traffic moves from an old fleet to a new one: at once, by a canary, or in equal steps. Pure.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-blue-green.html
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


class BadPolicy(ValueError):
    """The deployment policy does not fit the fleet."""


@dataclass(frozen=True)
class Shift:
    """Give the new fleet this share of the traffic, then watch for so long."""

    share: float  # in (0, 1]
    bake_s: float
    what: str  # "canary", "linear step", "all"
    instances: int  # of the new fleet that take traffic


@dataclass(frozen=True)
class Rollout:
    """The shifts in order, how long the old fleet stays after the last, and the alarms that undo it."""

    shifts: tuple[Shift, ...]
    termination_wait_s: float
    alarms: tuple[str, ...]
    timeout_s: float | None = None  # of the whole deployment, after which it is rolled back


def rollback_reason(alarms: Sequence[str], *, timed_out: bool) -> str | None:
    """Why a deployment is to be rolled back now; None: it goes on. ``alarms`` are those in ALARM."""
    if alarms:
        return f"Endpoint update was rolled back because these alarms are in ALARM: {', '.join(alarms)}"
    return "Endpoint update was rolled back because it exceeded its maximum execution timeout" if timed_out else None


def plan(deployment: Mapping[str, Any] | None, instances: int) -> Rollout:
    """The rollout that a DeploymentConfig asks for; ``instances`` of the smallest variant.

    Raises:
        BadPolicy: a canary or a step larger than half the fleet, or a policy that does not run here.
    """
    deployment = deployment or {}
    if deployment.get("RollingUpdatePolicy"):
        raise BadPolicy("RollingUpdatePolicy does not run outside AWS yet: use BlueGreenUpdatePolicy")
    policy = deployment.get("BlueGreenUpdatePolicy") or {}
    routing = policy.get("TrafficRoutingConfiguration") or {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0}
    bake_s = float(routing.get("WaitIntervalInSeconds") or 0)
    rollback = deployment.get("AutoRollbackConfiguration") or {}
    alarms = tuple(alarm["AlarmName"] for alarm in rollback.get("Alarms") or [])
    waits = float(policy.get("TerminationWaitInSeconds") or 0)
    return Rollout(_shifts(routing, instances, bake_s), waits, alarms, policy.get("MaximumExecutionTimeoutInSeconds"))


def _shifts(routing: Mapping[str, Any], instances: int, bake_s: float) -> tuple[Shift, ...]:
    last = Shift(1.0, bake_s, "all", instances)
    if routing["Type"] == "ALL_AT_ONCE":
        return (last,)
    name = "CanarySize" if routing["Type"] == "CANARY" else "LinearStepSize"
    size = routing.get(name)
    if not size:
        raise BadPolicy(f"{name} is required for traffic routing of type {routing['Type']}")
    taken = _instances(size, instances)
    if taken * 2 > instances:
        raise BadPolicy(
            f"{name} must be less than or equal to 50% of the fleet's instances: {size['Value']} "
            f"({size['Type']}) of {instances} is {taken}"
        )
    if routing["Type"] == "CANARY":
        return (Shift(taken / instances, bake_s, "canary", taken), last)
    steps = math.ceil(instances / taken)
    return tuple(
        Shift(min(1.0, taken * step / instances), bake_s, "linear step", min(instances, taken * step))
        for step in range(1, steps + 1)
    )


def _instances(size: Mapping[str, Any], instances: int) -> int:
    if size["Type"] == "INSTANCE_COUNT":
        return int(size["Value"])
    return math.ceil(instances * int(size["Value"]) / 100)
