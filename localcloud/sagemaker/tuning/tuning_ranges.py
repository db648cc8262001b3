"""What a tuning job may vary: ranges as the API has them, and a value of one as a hyperparameter's text. Pure.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/automatic-model-tuning-define-ranges.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LONGEST = 30  # hyperparameters at once


class BadTuning(ValueError):
    """A tuning job that cannot run; the message says which part and why."""


@dataclass(frozen=True)
class Numbers:
    """Numbers from ``low`` to ``high``, both included; ``scaling`` says where the draws are dense."""

    name: str
    low: float
    high: float
    whole: bool
    scaling: str  # Linear, Logarithmic, ReverseLogarithmic

    def text(self, value: float) -> str:
        """A drawn value as the hyperparameter's text."""
        return str(int(value)) if self.whole else repr(float(value))


@dataclass(frozen=True)
class Words:
    """One of some texts."""

    name: str
    values: tuple[str, ...]

    def text(self, value: str) -> str:
        """A drawn value as the hyperparameter's text."""
        return value


Range = Numbers | Words


def ranges_of(raw: Mapping[str, Any] | None, static: Mapping[str, str]) -> tuple[Range, ...]:
    """A ParameterRanges structure, checked.

    Raises:
        BadTuning: nothing to vary, a name twice, an empty or impossible range.
    """
    raw = raw or {}
    if raw.get("AutoParameters"):
        raise BadTuning("AutoParameters do not run outside AWS: give each hyperparameter its range")
    found: list[Range] = [
        *(_numbers(entry, whole=True) for entry in raw.get("IntegerParameterRanges") or []),
        *(_numbers(entry, whole=False) for entry in raw.get("ContinuousParameterRanges") or []),
        *(Words(entry["Name"], tuple(entry["Values"])) for entry in raw.get("CategoricalParameterRanges") or []),
    ]
    names = [entry.name for entry in found]
    for name in names:
        if names.count(name) > 1 or name in static:
            raise BadTuning(f"Hyperparameter {name} is given more than once, as a range or as a static value")
    if not found or len(found) > LONGEST:
        raise BadTuning(f"A tuning job varies 1 to {LONGEST} hyperparameters, found {len(found)}")
    return tuple(found)


def _numbers(raw: Mapping[str, Any], *, whole: bool) -> Numbers:
    name, scaling = raw["Name"], raw.get("ScalingType") or "Auto"
    try:
        low, high = (int(raw[end]) if whole else float(raw[end]) for end in ("MinValue", "MaxValue"))
    except ValueError as error:
        kind = "integers" if whole else "numbers"
        raise BadTuning(f"Range of {name}: {raw['MinValue']} and {raw['MaxValue']} must be {kind}") from error
    if not low <= high:
        raise BadTuning(f"Range of {name}: MinValue {raw['MinValue']} is greater than MaxValue {raw['MaxValue']}")
    if scaling == "Logarithmic" and low <= 0:
        raise BadTuning(f"Range of {name}: Logarithmic scaling needs a MinValue greater than 0, found {low}")
    if scaling == "ReverseLogarithmic" and not (low >= 0 and high < 1 and not whole):
        raise BadTuning(f"Range of {name}: ReverseLogarithmic scaling needs numbers in [0, 1), found {low} to {high}")
    return Numbers(name, low, high, whole, "Linear" if scaling == "Auto" else scaling)
