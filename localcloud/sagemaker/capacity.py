"""Where a job's or a fleet's instances come from: the types that it takes, and what is said when there are none.

A job that finds no capacity is accepted and fails; one beyond a quota is refused when it is asked for. Of a list of
types the first with capacity is taken, and each type's quota has to suffice.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/train-instance-preferences.html and
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ResourceConfig.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from localcloud import instance_limits
from localcloud.sagemaker.api_shapes import invalid, limit_exceeded

# Source: https://docs.aws.amazon.com/batch/latest/userguide/sm_job_stuck_in_runnable_capacity.html (how it begins) and
# https://github.com/DIAGNijmegen/rse-grand-challenge/issues/2631 (how it goes on)
CAPACITY_ERROR = "CapacityError"
NO_CAPACITY = (
    f"{CAPACITY_ERROR}: Unable to provision requested ML compute capacity. "
    "Please retry using a different ML instance type."
)
# Source: https://repost.aws/knowledge-center/sagemaker-endpoint-creation-fail
NO_FLEET = (
    "Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error. "
    "Please retry using a different ML instance type or after some time."
)
Wanted = tuple[str, int]  # instances of a type, and how many


def wanted(resources: Mapping[str, Any]) -> list[Wanted]:
    """The types that a job takes, the first with capacity of all; none where it names no type."""
    named = resources.get("InstancePreferences") or [resources]
    count = resources.get("InstanceCount") or 1
    return [
        (str(one["InstanceType"]), int(one.get("InstanceCount") or count)) for one in named if "InstanceType" in one
    ]


def instances_of(resources: Mapping[str, Any]) -> tuple[str | None, int]:
    """The type that a job runs on and how many of it; None: it names none."""
    if resources.get("SelectedInstanceType"):
        return resources["SelectedInstanceType"], int(resources["SelectedInstanceCount"])
    return resources.get("InstanceType"), int(resources.get("InstanceCount") or 1)


def placed(resources: Mapping[str, Any]) -> dict[str, Any] | None:
    """A job's resources with the first of its types that has capacity selected; None: none has any."""
    several = wanted(resources)
    at = instance_limits.current().first([kind for kind, _ in several])
    if several and at is None:
        return None
    if not resources.get("InstancePreferences"):
        return dict(resources)
    kind, count = several[at or 0]
    return {**resources, "SelectedInstanceType": kind, "SelectedInstanceCount": count}


def first_of(several: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The first of these resources with capacity, or the first of all."""
    return next((one for one in several if placed(one) is not None), several[0])


def refuse_list(resources: Mapping[str, Any], *, spot: bool = False) -> None:
    """A list of types stands alone, names a type once, and has its counts in one place."""
    several = resources.get("InstancePreferences")
    if not several:
        return
    if resources.get("InstanceType") or spot:
        raise invalid(f"InstancePreferences excludes {'EnableManagedSpotTraining' if spot else 'InstanceType'}")
    kinds = [one["InstanceType"] for one in several]
    if len(set(kinds)) < len(kinds):
        raise invalid("An instance type can appear only once in InstancePreferences")
    own = [bool(one.get("InstanceCount")) for one in several]
    if any(own) != all(own) or all(own) == bool(resources.get("InstanceCount")):
        raise invalid("InstanceCount is set on every one of InstancePreferences, or once beside them")


def refuse_excess(usage: str, asked: Iterable[Wanted], used: Mapping[str, int]) -> None:
    """Hold what is asked for against the quotas, each type by itself; ``used`` says what is in use.

    Raises:
        ResourceLimitExceeded: a quota does not suffice.
    """
    for kind, count in asked:
        words = instance_limits.current().excess(usage, kind, count, used.get(kind, 0))
        if words is not None:
            raise limit_exceeded(words)


def fleet_wanted(variants: Iterable[Mapping[str, Any]]) -> list[list[Wanted]]:
    """The types that each variant with instances takes, the first with capacity of all; serverless ones have none.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariant.html
    """
    found = []
    for variant in variants:
        pools = sorted(variant.get("InstancePools") or [], key=lambda pool: int(pool.get("Priority") or 0))
        kinds = [pool["InstanceType"] for pool in pools] or [variant.get("InstanceType")]
        found.append([(kind, int(variant.get("InitialInstanceCount") or 1)) for kind in kinds if kind])
    return [several for several in found if several]


def fleet_has_capacity(variants: Iterable[Mapping[str, Any]]) -> bool:
    """Whether each variant finds a type with capacity."""
    limits = instance_limits.current()
    return all(limits.first([kind for kind, _ in several]) is not None for several in fleet_wanted(variants))
