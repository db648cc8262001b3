"""What a model file may say of metrics: their names, their ranges, and which way is better. Pure.

The metrics are those of the schema, where ``make schema`` writes the registry of
processing_scripts/evaluation/metrics.py.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from pipelines.model.eval_metrics import EVAL_METRICS
from pipelines.model.model_rules import Finding, Where, suggest


class Metric(NamedTuple):
    """A metric as the schema describes it; None is an end of its range that is open."""

    name: str
    label: str
    task: str
    lower_is_better: bool
    low: float | None
    high: float | None

    @property
    def bound(self) -> str:
        """The limit that keeps bad models out."""
        return "at_most" if self.lower_is_better else "at_least"

    @property
    def parameter(self) -> str:
        """The usual name of the pipeline parameter that overrides the limit."""
        return f"{self.name.title().replace('_', '')}Threshold"

    def has(self, value: float) -> bool:
        """Whether ``value`` is one that the metric can have."""
        return (self.low is None or self.low <= value) and (self.high is None or value <= self.high)


def metrics_of(schema: Mapping[str, Any], task: str) -> dict[str, Metric]:
    """List the metrics of a task by name."""
    known = schema["$defs"]["metric"]["metrics"]
    return {
        entry["name"]: Metric(entry["name"], entry["label"], task, entry["lower_is_better"], *entry["range"])
        for entry in known
        if entry["task"] == task
    }


def findings(model: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[Finding]:
    """Say what contradicts what."""
    known = metrics_of(schema, model["task"])
    for at, limit in enumerate(model["gate"]):
        where: Where = ("gate", at)
        metric = known.get(limit["metric"])
        if metric is None:
            yield _unknown((*where, "metric"), limit["metric"], known, model["task"])
        else:
            yield from _of_limit(where, limit, metric)
        if "parameter" in limit and not {"at_least", "at_most"} & set(limit):
            remedy = "remove it: a parameter overrides at_least or at_most"
            yield (*where, "parameter"), "no parameter overrides this limit", remedy
    comparison = model.get("comparison")
    if comparison and comparison["metric"] not in known:
        yield _unknown(("comparison", "metric"), comparison["metric"], known, model["task"])
    for at, algorithm in enumerate(model["algorithms"]):
        if algorithm["name"] == "xgboost":
            yield from _of_eval_metric(("algorithms", at), algorithm)


def _unknown(where: Where, name: str, known: Mapping[str, Metric], task: str) -> Finding:
    return where, f"{task} has no metric {name!r}", suggest(name, list(known))


def _of_limit(where: Where, limit: Mapping[str, Any], metric: Metric) -> Iterator[Finding]:
    """Hold the numbers of a limit against the metric's range and direction."""
    for bound in {"at_least", "at_most"} & set(limit):
        yield from _of_number((*where, bound), limit[bound], metric)
        if bound != metric.bound:
            better = "lower" if metric.lower_is_better else "higher"
            remedy = f"write {metric.bound}: {limit[bound]:g}"
            yield (*where, bound), f"of {metric.name}, {better} is better", remedy
    if "slice_limit" in limit:
        yield from _of_number((*where, "slice_limit", "limit"), limit["slice_limit"]["limit"], metric)


def _of_number(where: Where, number: float, metric: Metric) -> Iterator[Finding]:
    if not metric.has(number):
        yield where, f"{number:g} is out of range", _remedy(metric)


def _remedy(metric: Metric) -> str:
    if (metric.low, metric.high) == (0, 1):
        return "choose a fraction from 0 to 1"
    if metric.high is not None and metric.low is None:
        return f"{metric.label} is at most {metric.high:g}; choose a value like 0.8"
    return f"{metric.label} is at least {metric.low:g}; choose a value in the target's unit"


def _of_eval_metric(where: Where, algorithm: Mapping[str, Any]) -> Iterator[Finding]:
    """Hold what XGBoost watches against its own metrics: early stopping and tuning have to know which way is better."""
    given = str(algorithm["hyperparameters"].get("eval_metric", ""))
    place: Where = (*where, "hyperparameters", "eval_metric")
    for name in filter(None, given.split(",")):
        if name.partition("@")[0] not in EVAL_METRICS:
            yield place, f"xgboost has no eval_metric {name!r}", suggest(name, list(EVAL_METRICS))
    if "tuning" in algorithm and given and given not in EVAL_METRICS:
        yield place, f"tuning cannot look at {given!r}", "name one metric, without a threshold"
