"""Shadow variants: they are asked a share of what the production variant is asked, and nobody hears their answers.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/model-shadow-deployment.html and
https://docs.aws.amazon.com/sagemaker/latest/dg/shadow-tests-create.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from localcloud.sagemaker.endpoints.variant_properties import SHADOW, BadVariants, Variants


def declared(config: Mapping[str, Any]) -> Variants:
    """All variants of CreateEndpointConfig's request, production first; those in shadow are marked so."""
    shadows = [{**variant, SHADOW: True} for variant in config.get("ShadowProductionVariants") or []]
    return [*map(dict, config["ProductionVariants"]), *shadows]


def refuse_misfits(config: Mapping[str, Any]) -> None:
    """Hold the variants of a configuration against each other.

    Raises:
        BadVariants: two have one name; a shadow is not beside exactly one production variant; or a serverless one is
            beside another.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpointConfig.html and
    https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html (feature exclusions)
    """
    variants = declared(config)
    names = [variant["VariantName"] for variant in variants]
    if len(set(names)) < len(names):
        raise BadVariants("Each variant of an endpoint configuration must have a name of its own.")
    shadows = sum(SHADOW in variant for variant in variants)
    if shadows and (shadows, len(variants)) != (1, 2):
        raise BadVariants(
            "If you use ShadowProductionVariants, you can only specify one variant for ProductionVariants and one"
            " variant for ShadowProductionVariants."
        )
    if len(variants) > 1 and any(variant.get("ServerlessConfig") for variant in variants):
        kind = "Shadow variants are" if shadows else "Multiple production variants are"
        raise BadVariants(f"{kind} not supported for serverless endpoints.")


def sampled(production: Sequence[float], shadow: float) -> float:
    """The share of the requests that a shadow is asked, in [0, 1]: its weight by that of the production variants."""
    whole = sum(production)
    return min(1.0, shadow / whole) if whole > 0 else 0.0
