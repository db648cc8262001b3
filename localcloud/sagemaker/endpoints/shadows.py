"""Shadow variants: they are asked a share of what the production variant is asked, and nobody hears their answers.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/model-shadow-deployment.html and
https://docs.aws.amazon.com/sagemaker/latest/dg/shadow-tests-create.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from localcloud.sagemaker.endpoints.variant_properties import SHADOW, BadVariants, Variants

# Families whose hardware brings storage: a "d" after the generation, or one of these.
LOCAL_STORAGE = re.compile(r"ml\.([a-z]+\d+[a-z]*d|g[567]|gr6|p[56]|trn[12]|i\d)")


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


def refuse_excluded(config: Mapping[str, Any], containers: Mapping[str, int]) -> None:
    """Hold what a configuration with a shadow names against what SageMaker has shadows of; ``containers`` says how many
    each of its models has.

    Raises:
        BadVariants: a model has several containers, or a variant is on Inf1.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/shadow-tests-exclusions.html
    """
    if not config.get("ShadowProductionVariants"):
        return
    for variant in declared(config):
        if containers[variant["ModelName"]] > 1:
            raise BadVariants(
                f"Shadow variants are not supported for model {variant['ModelName']}: it has several containers."
            )
        if any(kind.startswith("ml.inf1.") for kind in types_of(variant)):
            raise BadVariants("Shadow variants are not supported on Inf1 instances.")


def refuse_key(config: Mapping[str, Any]) -> None:
    """Hold the key of a configuration's volumes against its instances.

    Raises:
        BadVariants: the key does not go with the local storage of one's instances. Newer texts of the reference say
            that it leaves such storage alone; a caller who relies on that is not served by every account.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpointConfig.html (KmsKeyId) and
    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-store-volumes.html
    """
    for kind in (kind for variant in declared(config) for kind in types_of(variant)):
        if config.get("KmsKeyId") and LOCAL_STORAGE.match(kind):
            raise BadVariants(f"KmsKeyId cannot be specified for {kind}, whose instances have local storage.")


def types_of(variant: Mapping[str, Any]) -> list[str]:
    """The instance types that a variant names; none of a serverless one."""
    return [one["InstanceType"] for one in variant.get("InstancePools") or [variant] if "InstanceType" in one]


def sampled(production: Sequence[float], shadow: float) -> float:
    """The share of the requests that a shadow is asked, in [0, 1]: its weight by that of the production variants."""
    whole = sum(production)
    return min(1.0, shadow / whole) if whole > 0 else 0.0
