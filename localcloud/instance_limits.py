"""Which instances are to be had here: types that lack capacity, and quotas of how many are in use at once.

A laptop never lacks instances, AWS does: what is said here makes the local cloud answer as AWS then does.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/train-instance-preferences.html and
https://docs.aws.amazon.com/sagemaker/latest/dg/pipelines-retry-policy.html
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from botocore.loaders import Loader
from botocore.model import ServiceModel
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Request

SHAPES = ("TrainingInstanceType", "ProcessingInstanceType", "TransformInstanceType", "ProductionVariantInstanceType")
KEYS = ("no_capacity", "quotas")


class BadLimits(ValueError):
    """What is asked for are no instance types, or no numbers of them."""


@dataclass(frozen=True)
class Limits:
    """``no_capacity`` types have no capacity; of a type in ``quotas`` so many may be in use at once, for each usage."""

    no_capacity: frozenset[str] = frozenset()
    quotas: Mapping[str, int] = field(default_factory=dict)

    def first(self, kinds: Sequence[str]) -> int | None:
        """Where the first type with capacity stands in a list of types; None: none has any."""
        return next((at for at, kind in enumerate(kinds) if kind not in self.no_capacity), None)

    def excess(self, usage: str, kind: str, wanted: int, in_use: int) -> str | None:
        """Why ``wanted`` more of a type are too many, in AWS's words; None: they are not.

        Source: https://github.com/gabehollombe-aws/jupyter-notebooks/issues/1
        """
        quota = self.quotas.get(kind)
        if quota is None or in_use + wanted <= quota:
            return None
        return (
            f"The account-level service limit '{kind} for {usage} usage' is {quota} Instances, with current "
            f"utilization of {in_use} Instances and a request delta of {wanted} Instances. Please contact AWS support "
            f"to request an increase for this limit."
        )


def parse(document: Any) -> Limits:
    """``{"no_capacity": [type, ...], "quotas": {type: number, ...}}``, either of them absent.

    Raises:
        BadLimits: it is something else, or names a type that SageMaker does not have.
    """
    if not isinstance(document, Mapping) or (unknown := [name for name in document if name not in KEYS]):
        wrong = f"unknown key {unknown[0]!r}" if isinstance(document, Mapping) else "not an object"
        raise BadLimits(f'{wrong}; say {{"no_capacity": ["ml.m5.xlarge"], "quotas": {{"ml.m5.2xlarge": 0}}}}')
    no_capacity, quotas = document.get("no_capacity", []), document.get("quotas", {})
    if not isinstance(no_capacity, list) or not isinstance(quotas, Mapping):
        raise BadLimits("no_capacity is a list of instance types, quotas an object of instance types and numbers")
    for kind in [*no_capacity, *quotas]:
        _check(kind)
    for kind, quota in quotas.items():
        if type(quota) is not int or quota < 0:
            raise BadLimits(f"the quota of {kind} is {quota!r}; it takes a number from 0 on")
    return Limits(frozenset(no_capacity), dict(quotas))


def of_arguments(no_capacity: Iterable[str], quotas: Iterable[str]) -> Limits:
    """What a command line says: ``TYPE[,TYPE]`` and ``TYPE=NUMBER``.

    Raises:
        BadLimits: it cannot be understood.
    """
    pairs = [one.partition("=") for one in quotas]
    if bad := [word for word, _, number in pairs if not number.isdecimal()]:
        raise BadLimits(f"a quota is TYPE=NUMBER, such as ml.m5.xlarge=0; {bad[0]!r} has no number")
    kinds = [kind.strip() for one in no_capacity for kind in one.split(",") if kind.strip()]
    return parse({"no_capacity": kinds, "quotas": {kind: int(number) for kind, _, number in pairs}})


def _check(kind: Any) -> None:
    if kind in known_types():
        return
    whole = f"ml.{kind}"  # EC2's name of the same
    near = [whole] if whole in known_types() else difflib.get_close_matches(str(kind), known_types(), 1, 0.5)
    raise BadLimits(f"{kind!r} is no instance type of SageMaker" + (f"; did you mean {near[0]}?" if near else ""))


@cache
def known_types() -> frozenset[str]:
    """Every instance type that SageMaker's API takes."""
    model = ServiceModel(Loader().load_service_model("sagemaker", "service-2"))
    return frozenset(kind for shape in SHAPES for kind in model.shape_for(shape).metadata["enum"])


_limits = [Limits()]


def current() -> Limits:
    """What holds now."""
    return _limits[0]


def change(limits: Limits) -> None:
    """From now on this holds; what runs goes on."""
    _limits[0] = limits


def page(request: Request) -> dict[str, Any]:
    """``/_localcloud/capacity``: GET says what holds, PUT changes it.

    Raises:
        BadRequest: what is put cannot be understood.
    """
    if request.method == "PUT":
        try:
            change(parse(json.loads(request.get_data() or b"{}")))
        except (BadLimits, ValueError, RecursionError) as error:
            raise BadRequest(str(error)) from error
    return {"no_capacity": sorted(current().no_capacity), "quotas": dict(current().quotas)}
