"""What was used of instances, and what that costs. Pure.

A job bills each of its instances from its start to its end; training on spot bills less, and says how much.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from app.decide.costs.prices import Prices

HOUR_S = 3_600.0
TRAINING, PROCESSING, TRANSFORM, ENDPOINT = "training", "processing", "transform", "endpoint"
_TIMES = {  # kind -> where a description says when its instances began and ended
    TRAINING: ("TrainingStartTime", "TrainingEndTime"),
    PROCESSING: ("ProcessingStartTime", "ProcessingEndTime"),
    TRANSFORM: ("TransformStartTime", "TransformEndTime"),
}


class Use(NamedTuple):
    """Instances for a time."""

    what: str  # a step of a pipeline, or whatever else they were for
    kind: str
    name: str  # of the job or endpoint
    instance_type: str
    instances: int
    billed_s: float  # of each instance

    @property
    def instance_s(self) -> float:
        """Seconds of all its instances."""
        return self.instances * self.billed_s


class Sum(NamedTuple):
    """What uses cost together."""

    usd: float  # of those that have a price
    instance_s: float  # of all
    unpriced: tuple[str, ...] = ()  # instance types that the table lacks

    @property
    def whole_usd(self) -> float | None:
        """What all of it costs; None where something has no price."""
        return None if self.unpriced else self.usd


def job_use(what: str, kind: str, description: Mapping[str, Any], now: datetime) -> Use:
    """What a job billed, as SageMaker describes it; one that runs bills until ``now``, one that never began nothing.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeTrainingJob.html
    (BillableTimeInSeconds, to be multiplied by the number of instances) and
    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeTransformJob.html (TransformStartTime)
    """
    kind_type, instances = _instances(kind, description)
    name = str(description[f"{kind.capitalize()}JobName"])
    return Use(what, kind, name, kind_type, instances, _billed_s(kind, description, now))


def _instances(kind: str, description: Mapping[str, Any]) -> tuple[str, int]:
    """Type and number; of a list of types the one that SageMaker took, or the first where it has not said yet.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/train-instance-preferences.html
    """
    resources: Mapping[str, Any] = {
        TRAINING: description.get("ResourceConfig") or {},
        PROCESSING: (description.get("ProcessingResources") or {}).get("ClusterConfig") or {},
        TRANSFORM: description.get("TransformResources") or {},
    }[kind]
    first = (resources.get("InstancePreferences") or [{}])[0]
    chosen = resources.get("SelectedInstanceType") or resources.get("InstanceType") or first.get("InstanceType")
    counts = (resources.get("SelectedInstanceCount"), resources.get("InstanceCount"), first.get("InstanceCount"))
    return str(chosen or "unknown"), int(next(filter(None, counts), 1))


def _billed_s(kind: str, description: Mapping[str, Any], now: datetime) -> float:
    if "BillableTimeInSeconds" in description:
        return float(description["BillableTimeInSeconds"])
    began, ended = (description.get(name) for name in _TIMES[kind])
    return max(0.0, ((ended or now) - began).total_seconds()) if began else 0.0


def cost(use: Use, prices: Prices) -> float | None:
    """What a use costs, in dollars; None where the table lacks its instance type."""
    hour = prices.hour_usd.get(use.instance_type)
    return None if hour is None else hour * use.instance_s / HOUR_S


def total(uses: Iterable[Use], prices: Prices) -> Sum:
    """What uses cost together. A type that the table lacks is named, and never counted as nothing."""
    found = list(uses)
    costs = [(use, cost(use, prices)) for use in found]
    unpriced = sorted({use.instance_type for use, usd in costs if usd is None})
    return Sum(sum(usd for _, usd in costs if usd is not None), sum(use.instance_s for use in found), tuple(unpriced))


def money_text(usd: float) -> str:
    """Dollars for a person: to the cent, and of less than a dollar to two digits that say something."""
    if usd >= 1 or usd == 0:
        return f"{usd:,.2f} USD"
    return f"{usd:.4f} USD" if usd >= 0.0001 else "less than 0.0001 USD"


def sum_text(found: Sum) -> str:
    """What uses cost, for a person, with what is not in it."""
    lacks = f"the price table lacks {', '.join(found.unpriced)}"
    if found.unpriced and not found.usd:
        return f"unknown: {lacks}"
    return f"at least {money_text(found.usd)}: {lacks}" if found.unpriced else money_text(found.usd)
