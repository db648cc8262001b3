"""Metrics stand in one list, processing_scripts/evaluation/metrics.py; whatever else knows one derives from it."""

import ast
import json
from pathlib import Path

from evaluation.metrics import METRICS, Metric
from hypothesis import given
from hypothesis import strategies as st

from localcloud.containers.algorithms import xgboost_hyperparameters
from pipelines import schema
from pipelines.definition import algorithms
from pipelines.model import eval_metrics, metric_rules, model_file

ROOT = Path(__file__).parents[2]
CODE = ("functions", "processing_scripts", "pipelines", "cli")  # the local cloud's metrics are those of AWS's images
NAMES = {name for metric in METRICS for name in (metric.name, metric.label, metric.published_as) if name}
OTHERS = {  # what names several metrics, and why that is no second list
    "processing_scripts/evaluation/metrics.py": "the registry",
    "pipelines/model/eval_metrics.py": "what XGBoost's image can watch, by its own names",
    "processing_scripts/report/plots.py": "the axes of curves",
    "processing_scripts/evaluation/answer_fitting.py": "the aims of a chosen threshold, as model files name them",
    "pipelines/model/class_rules.py": "those of probabilities, which k-NN's answers have not",
    "functions/app/decide/watching/label_metrics.py": "those of late labels, which a function measures without numpy",
    "cli/guess/model_text.py": "the metric that a first model file begins with, one a task",
}


def constants(path: Path) -> set[str]:
    """Texts in code that are a metric's name, its label or what SageMaker calls it."""
    nodes = ast.walk(ast.parse(path.read_text("utf-8")))
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)} & NAMES


def test_no_module_but_the_registry_lists_metrics() -> None:
    found = {
        path.relative_to(ROOT).as_posix(): sorted(names)
        for folder in CODE
        for path in sorted((ROOT / folder).rglob("*.py"))
        if len(names := constants(path)) > 1
    }

    assert {path: names for path, names in found.items() if path not in OTHERS} == {}
    assert set(OTHERS) - set(found) == set()


def test_the_schema_of_model_files_has_the_metrics_of_the_registry() -> None:
    known = model_file.schema()["$defs"]["metric"]

    assert known["metrics"] == json.loads(json.dumps([metric.document() for metric in METRICS])), "run make schema"
    assert schema.with_metrics(schema.PATH.read_text("utf-8"), known["metrics"]) == schema.PATH.read_text("utf-8")


def test_rules_of_model_files_know_what_the_registry_says() -> None:
    for metric in METRICS:
        known = metric_rules.metrics_of(model_file.schema(), metric.task)[metric.name]

        assert (known.label, known.lower_is_better) == (metric.label, metric.lower_is_better)
        assert known.bound == ("at_most" if metric.worse_side == "above" else "at_least")


@given(st.sampled_from(METRICS), st.floats(-2, 2))
def test_a_limit_is_in_range_where_the_metric_can_be(metric: Metric, value: float) -> None:
    known = metric_rules.metrics_of(model_file.schema(), metric.task)[metric.name]

    assert known.has(value) == (metric.low <= value <= metric.high)


def test_what_xgboost_can_watch_is_what_its_image_can_watch() -> None:
    assert set(eval_metrics.MAXIMISED) == xgboost_hyperparameters.MAXIMISED
    assert set(eval_metrics.MINIMISED) == xgboost_hyperparameters.MINIMISED


def test_a_search_for_recall_looks_for_the_highest() -> None:
    xgboost = algorithms.ALGORITHMS["xgboost"]

    assert xgboost.objective({"eval_metric": "recall"}) == ("validation:recall", "Maximize")
    assert xgboost.objective({"eval_metric": "logloss"}) == ("validation:logloss", "Minimize")
