"""The quotas of instances that model files need, by the names that Service Quotas has for them. Pure.

SageMaker has a quota for each instance type and usage; most are 0 in a new account.
Source: https://docs.aws.amazon.com/general/latest/gr/sagemaker.html and
https://docs.aws.amazon.com/sagemaker/latest/dg/train-instance-preferences.html (each type of a list needs its own)
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from pipelines.model.algorithm_kinds import KINDS
from pipelines.model.deployment_rules import first_instances, most_instances


class Need(NamedTuple):
    """A quota, how many instances it has to admit at the least, and the models that ask for them."""

    quota: str
    instances: int
    models: tuple[str, ...]

    @property
    def spot(self) -> bool:
        """Whether it is of spot capacity."""
        return " for spot " in self.quota


def needs(models: Sequence[Mapping[str, Any]]) -> list[Need]:
    """What all of these models need: of jobs the most that one asks for, as others wait; of endpoints all together.

    While an endpoint is updated, as many new instances run beside the old ones: one update at a time is counted. Where
    a version is tried in shadow, its instances run beside what serves for hours, and in both updates around them.
    """
    asked: dict[str, dict[str, int]] = defaultdict(dict)
    beside = {model["name"]: _in_shadow(model) for model in models}
    for model in models:
        for kind, usage, count in [*_of_jobs(model), *_of_endpoint(model)]:
            name = f"{kind} for {usage} usage"
            asked[name][model["name"]] = max(count, asked[name].get(model["name"], 0))
    return [
        Need(name, _together(name, counts, beside), tuple(sorted(counts))) for name, counts in sorted(asked.items())
    ]


def _together(quota: str, counts: Mapping[str, int], beside: Mapping[str, int]) -> int:
    most = max(counts.values())
    if not quota.endswith(" for endpoint usage"):
        return most
    return sum(count + beside[model] for model, count in counts.items()) + most


def _in_shadow(model: Mapping[str, Any]) -> int:
    """With how many instances a version of the model is in shadow.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/model-shadow-deployment.html
    """
    deployment = model["deployment"]
    return first_instances(deployment) if deployment["mode"] == "realtime" and "shadow" in deployment else 0


def _of_jobs(model: Mapping[str, Any]) -> Iterator[tuple[str, str, int]]:
    wish = model["instances"]
    large, others = wish.get("large_data", {}), wish.get("fallback", [])
    training = "spot training job" if model["spot"] else "training job"
    trials = model["tuning"]["parallel_jobs"] if any("tuning" in one for one in model["algorithms"]) else 1
    for kind in filter(None, [wish["processing"], large.get("processing"), *others]):
        yield kind, "processing job", wish["processing_count"]
    for kind in filter(None, [wish["training"], large.get("training"), *others]):
        yield kind, training, trials
    if any(KINDS[one["name"]].closed for one in model["algorithms"]):
        yield wish["transform"], "transform job", 1


def _of_endpoint(model: Mapping[str, Any]) -> Iterator[tuple[str, str, int]]:
    deployment = model["deployment"]
    if deployment["mode"] == "realtime":
        for kind in (deployment["instance_type"], *deployment.get("fallback", [])):
            yield kind, "endpoint", most_instances(deployment)
    if deployment["mode"] == "batch":
        yield deployment["instance_type"], "transform job", 1


class Missing(NamedTuple):
    """A quota that does not suffice, and the request that raises it."""

    need: Need
    value: int
    code: str  # "" where Service Quotas has no such quota

    def command(self, region: str) -> str:
        """What requests the raise."""
        return (
            f"aws service-quotas request-service-quota-increase --service-code sagemaker --quota-code {self.code} "
            f"--desired-value {self.need.instances} --region {region}"
        )


def missing(wanted: Sequence[Need], found: Mapping[str, tuple[str, float]]) -> list[Missing]:
    """The needs that quotas do not meet; ``found`` has code and value of each quota by its name."""
    known = {need: found.get(need.quota, ("", 0.0)) for need in wanted}
    return [Missing(need, int(value), code) for need, (code, value) in known.items() if value < need.instances]
