"""The registry of metrics: everything that any part of the project knows about one stands here, once.

Gate, comparison, slices, report, mails and the check of model files derive from it: evaluation.json carries what its
readers show, and ``make schema`` writes what a model file may say into models/model.schema.json. A new metric is an
entry of ``METRICS``.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from job.refusals import Refused

from evaluation import formulas
from evaluation.classes import formulas as of_classes
from evaluation.formulas import Formula, Mean, RootMean
from evaluation.rows import Floats, Rows

BINARY, MULTICLASS, REGRESSION = "binary_classification", "multiclass_classification", "regression"
SECTIONS = {task: f"{task}_metrics" for task in (BINARY, MULTICLASS, REGRESSION)}
"""What SageMaker's model quality statistics call the metrics of a task."""


@dataclass(frozen=True)
class Metric:
    """One metric of a task. ``low`` and ``high`` are the ends of its range, inclusive."""

    name: str  # in model files and evaluation.json
    label: str  # for people
    task: str
    formula: Formula
    lower_is_better: bool = False
    low: float = 0
    high: float = math.inf
    published_as: str = ""  # in SageMaker's model quality statistics; blank where they have no such metric
    compact: bool = True  # shown where there is little room
    of_rows: bool = True  # it is at its end only where rows are right; means may agree by chance

    @property
    def worse_side(self) -> str:
        """Name the side of a limit on which a model is too bad."""
        return "above" if self.lower_is_better else "below"

    def loss(self, value: float, reference: float) -> float:
        """Compute by how much ``value`` is worse than ``reference``; below 0 it is better."""
        return value - reference if self.lower_is_better else reference - value

    def document(self) -> dict[str, Any]:
        """Describe the metric to those who read model files, as JSON; null is an end that is open."""
        ends = [end if math.isfinite(end) else None for end in (self.low, self.high)]
        return {
            "name": self.name, "label": self.label, "task": self.task, "lower_is_better": self.lower_is_better,
            "range": ends,
        }  # fmt: skip


METRICS = (
    Metric("accuracy", "accuracy", BINARY, Mean(formulas.correct, share=True), high=1, published_as="accuracy"),
    Metric(
        "precision", "precision", BINARY, Mean(formulas.actual, among=formulas.predicted, share=True), high=1,
        published_as="precision", compact=False,
    ),
    Metric(
        "recall", "recall", BINARY, Mean(formulas.predicted, among=formulas.actual, share=True), high=1,
        published_as="recall",
    ),
    Metric("f1", "F1", BINARY, formulas.F1(), high=1, published_as="f1", compact=False),
    Metric("roc_auc", "ROC-AUC", BINARY, formulas.RocAuc(), high=1, published_as="auc"),
    Metric("brier", "Brier score", BINARY, Mean(formulas.probability_error), lower_is_better=True, high=1,
           compact=False),
    Metric("mean_ratio", "mean predicted to true", BINARY, formulas.MeanRatio(), high=1, compact=False,
           of_rows=False),
    Metric("accuracy", "accuracy", MULTICLASS, Mean(formulas.correct, share=True), high=1, published_as="accuracy"),
    Metric("macro_f1", "macro F1", MULTICLASS, of_classes.MacroF1(), high=1),
    Metric("weighted_f1", "weighted F1", MULTICLASS, of_classes.WeightedF1(), high=1, published_as="weighted_f1",
           compact=False),
    Metric("log_loss", "log loss", MULTICLASS, Mean(of_classes.log_loss), lower_is_better=True),
    Metric("roc_auc_ovr", "ROC-AUC, each against the rest", MULTICLASS, of_classes.RocAucOverRest(), high=1,
           compact=False),
    Metric("rmse", "RMSE", REGRESSION, RootMean(Mean(formulas.squared_error)), lower_is_better=True,
           published_as="rmse"),
    Metric("mae", "MAE", REGRESSION, Mean(formulas.absolute_error), lower_is_better=True, published_as="mae"),
    Metric("mse", "MSE", REGRESSION, Mean(formulas.squared_error), lower_is_better=True, published_as="mse",
           compact=False),
    Metric("r2", "R²", REGRESSION, formulas.R2(), low=-math.inf, high=1, published_as="r2"),
)  # fmt: skip
"""In the order in which people read them. What has one name in two tasks has one meaning, range and direction.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-model-quality-metrics.html (published_as)
"""


def of_task(task: str) -> dict[str, Metric]:
    """List the metrics of a task by name."""
    return {metric.name: metric for metric in METRICS if metric.task == task}


def named(name: str, known: Iterable[str] | None = None) -> Metric:
    """Look a metric up.

    Raises:
        Refused: when there is none of that name; the message lists those that are ``known`` (all, by itself).
    """
    for metric in METRICS:
        if metric.name == name and (known is None or name in known):
            return metric
    there = known if known is not None else [metric.name for metric in METRICS]
    raise Refused(f"there is no metric {name!r}; known here: {', '.join(there)}")


def label(name: str) -> str:
    """Name a metric for people; one of another release goes by its own name."""
    return next((metric.label for metric in METRICS if metric.name == name), name)


def in_order(names: Iterable[str]) -> list[str]:
    """Sort names as people read metrics; those of another release are last."""
    order = [metric.name for metric in METRICS]
    return sorted(names, key=lambda name: order.index(name) if name in order else len(order))


def metric_function(task: str, rows: Rows) -> Callable[[Floats], dict[str, float]]:
    """Prepare all metrics of a task, so that many weightings of the same rows are cheap."""
    prepared = {name: metric.formula.prepare(rows) for name, metric in of_task(task).items()}
    return lambda weights: {name: weighted(weights) for name, weighted in prepared.items()}


def unweighted(task: str, rows: Rows) -> dict[str, float]:
    """Measure the rows as they are; a metric that is not defined on them is NaN."""
    return metric_function(task, rows)(np.ones(len(rows)))


def deviations(task: str, rows: Rows) -> dict[str, float]:
    """Compute the standard deviation of each metric; NaN where it is not defined."""
    return {name: metric.formula.deviation(rows) for name, metric in of_task(task).items()}


def counted(task: str, rows: Rows) -> list[int]:
    """Count the rows that each share of a task is of; 0 of metrics that are no share."""
    formulas_of = [metric.formula for metric in of_task(task).values()]
    return [formula.counted(rows) if isinstance(formula, Mean) and formula.share else 0 for formula in formulas_of]
