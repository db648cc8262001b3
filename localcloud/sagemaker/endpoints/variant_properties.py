"""A variant's weight and number of instances: what a configuration begins with, and what is asked for later. Pure.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateEndpointWeightsAndCapacities.html and
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateEndpoint.html (RetainAllVariantProperties)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

COUNT, WEIGHT = "InitialInstanceCount", "InitialVariantWeight"
CAPTURE = "DataCaptureConfig"  # a property of the endpoint, not of a variant
SHADOW = "Shadow"  # a member of our own: this one is of ShadowProductionVariants
BY_PROPERTY_TYPE = {"DesiredInstanceCount": COUNT, "DesiredWeight": WEIGHT}
Variants = list[dict[str, Any]]  # AWS's ProductionVariant, with the weights and counts of now


class BadVariants(ValueError):
    """What is asked for does not go with the endpoint's variants."""


def retained(old: Iterable[Mapping[str, Any]], new: Iterable[Mapping[str, Any]], excluded: Iterable[str]) -> Variants:
    """New variants with what they keep of old ones of their name: all properties but the types that are excluded."""
    left_out = set(excluded)
    names = [member for kind, member in BY_PROPERTY_TYPE.items() if kind not in left_out]
    before = {variant["VariantName"]: variant for variant in old}
    found = []
    for variant in new:
        own = before.get(variant["VariantName"], {})
        kept = {name: own[name] for name in names if name in own}
        if variant.get("ServerlessConfig"):
            kept.pop(COUNT, None)
        found.append({**variant, **kept})
    return found


def resized(variants: Sequence[Mapping[str, Any]], entries: Iterable[Mapping[str, Any]]) -> Variants:
    """The variants with the DesiredWeightsAndCapacities that were asked for.

    Raises:
        BadVariants: no such variant, or a number of instances for a serverless one.
    """
    found = {variant["VariantName"]: dict(variant) for variant in variants}
    for entry in entries:
        name = entry["VariantName"]
        if name not in found:
            raise BadVariants(f"The variant name(s) {name} is/are not present within endpoint configuration")
        if entry.get("DesiredInstanceCount") is not None and found[name].get("ServerlessConfig"):
            raise BadVariants(f"DesiredInstanceCount does not go with the serverless variant {name}")
        given = {COUNT: entry.get("DesiredInstanceCount"), WEIGHT: entry.get("DesiredWeight")}
        found[name] |= {member: value for member, value in given.items() if value is not None}
    return list(found.values())


def count_of(variant: Mapping[str, Any]) -> int:
    """How many instances a variant has."""
    return int(variant.get(COUNT) or 1)


def weight_of(variant: Mapping[str, Any]) -> float:
    """A variant's share of the traffic, relative to the others'."""
    return float(variant.get(WEIGHT, 1.0))
