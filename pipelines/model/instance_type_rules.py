"""The instance types that SageMaker has, as the model of its API in botocore lists them; what names another is wrong.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ResourceConfig.html
"""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from typing import Any

SHAPES = {
    "processing": "ProcessingInstanceType",
    "training": "TrainingInstanceType",
    "transform": "TransformInstanceType",
    "endpoint": "ProductionVariantInstanceType",
}
Finding = tuple[tuple[str | int, ...], str, str]


@cache
def known(use: str) -> frozenset[str]:
    """The types that "processing", "training", "transform" jobs or an "endpoint" take."""
    return frozenset(_api().shape_for(SHAPES[use]).metadata["enum"])


@cache
def _api() -> Any:
    from botocore.loaders import Loader  # here: a third of a second, and only who checks a model file pays it
    from botocore.model import ServiceModel

    return ServiceModel(Loader().load_service_model("sagemaker", "service-2"))


# Families of instances that bring storage of their own, which their hardware encrypts: no key may be named for it.
# Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-store-volumes.html
LOCAL_STORAGE = re.compile(r"ml\.([a-z]+\d+[a-z]*d[a-z]*|(g[567]|gr6|p[56]|trn[12]|i\d)[a-z0-9-]*)\..+")


def has_local_storage(kind: str) -> bool:
    """Whether SageMaker refuses a key for the volume of such an instance. The app's rule says the same."""
    return LOCAL_STORAGE.fullmatch(kind) is not None


def uses_with_local_storage(model: Mapping[str, Any]) -> frozenset[str]:
    """The uses for which a run of the model may get an instance that brings storage of its own."""
    return frozenset(use for _, kind, use in _named(model) if has_local_storage(kind))


def wrong(kind: str, use: str) -> tuple[str, str] | None:
    """What is wrong with a type for a use, and what to do; None: it is one."""
    if kind in known(use):
        return None
    near = get_close_matches(kind, sorted(known(use)), 1, 0.5)
    what = f"{kind!r} is no instance type of SageMaker's for {use}"
    return what, f"did you mean {near[0]!r}?" if near else "write one as ml.m5.xlarge"


def findings(model: Mapping[str, Any]) -> Iterator[Finding]:
    """Where, what is wrong, and what to do."""
    told_of = set()
    for where, kind, use in _named(model):
        told = wrong(kind, use)
        if told is not None and where not in told_of:
            told_of.add(where)
            yield where, *told


def _named(model: Mapping[str, Any]) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
    """Each type in a model file: where, which, and what for."""
    wish = model["instances"]
    for use in ("processing", "training", "transform"):
        if use in wish:
            yield ("instances", use), wish[use], use
        if use in wish.get("large_data", {}):
            yield ("instances", "large_data", use), wish["large_data"][use], use
    for at, kind in enumerate(wish.get("fallback", [])):
        for use in ("processing", "training"):
            yield ("instances", "fallback", at), kind, use
    if kind := model["deployment"].get("instance_type"):
        use = "transform" if model["deployment"]["mode"] == "batch" else "endpoint"
        yield ("deployment", "instance_type"), kind, use
    for at, kind in enumerate(model["deployment"].get("fallback", [])):
        yield ("deployment", "fallback", at), kind, "endpoint"
    registered = model.get("registration") or {}
    for key, use in (("inference_instances", "endpoint"), ("transform_instances", "transform")):
        for at, kind in enumerate(registered.get(key, [])):
            yield ("registration", key, at), kind, use
