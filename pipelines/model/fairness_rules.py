"""What a JSON Schema cannot say about the groups that a model file compares. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from pipelines.model.model_rules import Finding, Where, kind_of, suggest

MEASURES = {
    "binary_classification": ("selection_rate", "true_positive_rate", "false_positive_rate"),
    "multiclass_classification": ("accuracy",),
    "regression": ("mean_error",),
}
"""What is measured of groups, by task; held equal to what jobs measure by a contract test."""
AGAINST_REST = MEASURES["binary_classification"]  # of several classes, of each one beside accuracy


def findings(model: Mapping[str, Any]) -> Iterator[Finding]:
    """Say what contradicts what."""
    wish, known = model.get("fairness"), MEASURES[model["task"]]
    if wish is None:
        return
    known += AGAINST_REST if model["task"] == "multiclass_classification" else ()
    for at, name in enumerate(wish["columns"]):
        yield from _of_column(("fairness", "columns", at), name, model["data"])
    for measure, bounds in wish["limits"].items():
        yield from _of_limit(("fairness", "limits", measure), measure, bounds, known)


def _of_column(where: Where, name: str, data: Mapping[str, Any]) -> Iterator[Finding]:
    for role in ("target", "id"):
        if name == data[role]:
            yield where, f"{name!r} is the {role}", "name a column whose values many rows share"
    kind = kind_of(data["columns"].get(name, "category"))
    if kind not in ("number", "category"):
        remedy = "derive bins or a year from it in data.derived, and name that"
        yield where, f"{name!r} is a column of kind {kind}, whose values rows hardly share", remedy


def _of_limit(where: Where, measure: str, bounds: Mapping[str, float], known: tuple[str, ...]) -> Iterator[Finding]:
    if measure not in known:
        yield where, f"{measure!r} is not measured in this task", suggest(measure, list(known))
        return
    if measure == "mean_error":
        if "ratio" in bounds:
            yield (*where, "ratio"), "errors lie on both sides of 0, so a ratio of them says nothing", "write gap"
    elif bounds.get("gap", 0) > 1:
        yield (*where, "gap"), f"{bounds['gap']:g} is out of range", "rates are at most 1 apart: write 0.1"
