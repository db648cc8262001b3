"""What a JSON Schema cannot say about a model file: names that must agree, and numbers that must fit together. Pure."""

import difflib
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pipelines.model import deployment_rules, instance_rules, instance_type_rules, review_rules
from pipelines.model.algorithm_kinds import CLASSIFICATION, KINDS, MULTICLASS, REGRESSION

OBJECTIVES = {  # how those of a task begin, and the usual one
    CLASSIFICATION: ("binary:", "binary:logistic"), MULTICLASS: ("multi:", "multi:softprob"),
    REGRESSION: ("reg:", "reg:squarederror"),
}  # fmt: skip

Where = tuple[str | int, ...]
Finding = tuple[Where, str, str]
"""Where in the file, what is wrong, what to do."""


def findings(
    model: Mapping[str, Any], path: Path, scripts: Path, hyperparameters: Mapping[str, Any]
) -> Iterator[Finding]:
    """Say what contradicts what; ``hyperparameters`` are the schema's, by algorithm."""
    yield from _of_names(model, path, scripts)
    yield from _of_model_step(model)
    yield from _of_data(model["data"], model["task"])
    yield from _of_checks(model)
    yield from _of_limits(model)
    yield from review_rules.findings(model)
    yield from _of_algorithms(model)
    yield from deployment_rules.findings(model)
    yield from instance_rules.findings(model)
    yield from instance_type_rules.findings(model)
    for at, algorithm in enumerate(model["algorithms"]):
        known = hyperparameters[algorithm["name"]]["properties"]
        yield from _of_ranges(("algorithms", at), algorithm, known, model["tuning"])


def kind_of(column: str | Mapping[str, Any]) -> str:
    """Number or category: a column is its kind, or a mapping that names it."""
    return column if isinstance(column, str) else str(column["kind"])


def suggest(value: Any, known: list[Any]) -> str:
    """What was probably meant, or all that is known."""
    close = difflib.get_close_matches(str(value), [str(option) for option in known], 1, 0.6)
    if close:
        return f"did you mean {close[0]!r}?"
    return f"known here: {', '.join(str(option) for option in known)}"


def _of_names(model: Mapping[str, Any], path: Path, scripts: Path) -> Iterator[Finding]:
    if model["name"] != path.stem:
        yield ("name",), f"{model['name']!r} is not the file's name", f"call it {path.stem!r}, or rename the file"
    script = model["preprocessing"]["script"]
    if not (scripts / script).is_file():
        there = sorted(found.name for found in scripts.glob("*.py"))
        yield ("preprocessing", "script"), f"there is no processing_scripts/{script}", suggest(script, there)
    seen: set[str | None] = set()
    for at, limit in enumerate(model["gate"]):
        parameter = limit.get("parameter")
        if parameter and parameter in seen:
            yield ("gate", at, "parameter"), f"{parameter!r} is another limit's parameter too", "give each its own"
        seen.add(parameter)


def _of_model_step(model: Mapping[str, Any]) -> Iterator[Finding]:
    first, *others = model["algorithms"]
    if model["create_model"] and (others or first["name"] != "xgboost" or "tuning" in first):
        what = "a Model step is made for one XGBoost without ranges"
        yield ("create_model",), what, "remove it: the version can be tried from the registry"


def _of_data(data: Mapping[str, Any], task: str) -> Iterator[Finding]:
    if data["target"] == data["id"]:
        yield ("data", "id"), f"{data['id']!r} is the target too", "an id says which row it is; name another column"
    for role in ("target", "id"):
        if data[role] in data["columns"]:
            remedy = "remove it from the columns: the model would see the answer" if role == "target" else (
                "remove it from the columns: an id tells nothing about new rows"
            )  # fmt: skip
            yield ("data", "columns", data[role]), f"{data[role]!r} is the {role} too", remedy
    for name in (name for name in data["columns"] if name != name.strip()):
        what = f"{name!r} begins or ends with a blank, which names in files are read without"
        yield ("data", "columns", name), what, f"write {name.strip()!r}"
    if task != REGRESSION and data["target_transform"] != "none":
        yield ("data", "target_transform"), "labels have no logarithm", "remove it, or set task: regression"
    yield from _of_labels(data, task)


def _of_labels(data: Mapping[str, Any], task: str) -> Iterator[Finding]:
    labels = [key for key in ("positive_label", "negative_label") if key in data]
    if task != CLASSIFICATION:
        has = "no labels" if task == REGRESSION else "classes, none of which is the positive one"
        for key in labels:
            yield ("data", key), f"{task} has {has}", f"remove it, or set task: {CLASSIFICATION}"
        return
    for key in {"positive_label", "negative_label"} - set(labels):
        yield ("data",), f"no {key!r}", "add it: binary_classification answers with one of two labels"
    if len(labels) == 2 and data["positive_label"] == data["negative_label"]:
        yield ("data", "negative_label"), "the same as positive_label", "name the two answers of the target column"


def _of_checks(model: Mapping[str, Any]) -> Iterator[Finding]:
    columns = model["data"]["columns"]
    for at, column in enumerate(model["slices"]):
        if column not in columns:
            yield ("slices", at), f"there is no column {column!r} in data.columns", suggest(column, list(columns))
    numbers = [name for name, given in columns.items() if kind_of(given) == "number"]
    for column, rule in model["checks"]["ranges"].items():
        where = ("checks", "ranges", column)
        if column not in numbers:
            yield where, f"{column!r} is no column of numbers in data.columns", suggest(column, numbers)
        if rule.get("at_least", -math.inf) > rule.get("at_most", math.inf):
            yield where, f"at_least {rule['at_least']:g} is above at_most {rule['at_most']:g}", "swap them"


def _of_limits(model: Mapping[str, Any]) -> Iterator[Finding]:
    split = model["split"]
    total = split["train"] + split["validation"] + split["test"]
    if abs(total - 1) > 1e-9:
        yield ("split",), f"train, validation and test sum to {total:g}", "make them sum to 1"
    yield from _of_validation(model) if split["validation"] == 0 else ()


def _of_validation(model: Mapping[str, Any]) -> Iterator[Finding]:
    """Who looks at validation rows although there are none."""
    for at, algorithm in enumerate(model["algorithms"]):
        name, given = algorithm["name"], algorithm["hyperparameters"]
        remedy = "give it some rows: split: {validation: 0.15, …}"
        if name != "xgboost":
            yield ("algorithms", at, "name"), f"{name} takes validation rows, and split leaves it none", remedy
        if "early_stopping_rounds" in given:
            where: Where = ("algorithms", at, "hyperparameters", "early_stopping_rounds")
            yield where, "it watches validation rows, and split leaves it none", f"remove it, or {remedy}"
        if "tuning" in algorithm:
            yield ("algorithms", at, "tuning"), "tuning looks at validation rows, and split leaves it none", remedy


def _of_algorithms(model: Mapping[str, Any]) -> Iterator[Finding]:
    task, several = model["task"], len(model["algorithms"]) > 1
    seen: set[str] = set()
    for at, algorithm in enumerate(model["algorithms"]):
        name, objective = algorithm["name"], algorithm["hyperparameters"].get("objective")
        if name in seen:
            yield ("algorithms", at, "name"), f"{name!r} is there twice", "keep one; tuning tries other hyperparameters"
        seen.add(name)
        if task not in KINDS[name].tasks:
            fitting = ", ".join(other for other, kind in KINDS.items() if task in kind.tasks)
            yield ("algorithms", at, "name"), f"{name} is not set up for {task}", f"set up for it: {fitting}"
        begins, wanted = OBJECTIVES[task]
        if name == "xgboost" and not str(objective or "").startswith(begins):
            where: Where = ("algorithms", at, "hyperparameters", *(["objective"] if objective else []))
            yield where, f"objective {objective} is not one of {task}", f"write objective: {wanted}"
    if several and not model.get("comparison"):
        yield ("algorithms",), "several algorithms and no comparison", "add comparison: {metric: …}, which decides"


def _of_ranges(
    where: Where, algorithm: Mapping[str, Any], known: Mapping[str, Any], tuning: Mapping[str, Any]
) -> Iterator[Finding]:
    wish = algorithm.get("tuning")
    if not wish:
        return
    strategy = wish.get("strategy", tuning["strategy"])
    name, iterative = algorithm["name"], KINDS[algorithm["name"]].iterative
    if strategy == "hyperband" and (not iterative or tuning["early_stopping"]):
        why = "by itself; early_stopping must be false" if iterative else f"which {name} is not"
        yield (*where, "tuning"), f"hyperband stops algorithms that learn round by round, {why}", "choose bayesian"
    for name, ends in wish["ranges"].items():
        place = (*where, "tuning", "ranges", name)
        rule = known.get(name, {})
        if rule.get("type") not in ("integer", "number"):
            numeric = [key for key, one in known.items() if one.get("type") in ("integer", "number")]
            yield place, f"{algorithm['name']} has no numeric hyperparameter {name!r}", suggest(name, numeric)
            continue
        yield from _of_range(place, ends, rule)


def _of_range(place: Where, ends: Mapping[str, Any], rule: Mapping[str, Any]) -> Iterator[Finding]:
    low, high = ends["min"], ends["max"]
    if low >= high:
        yield place, f"the range is upside down: min {low:g} is not below max {high:g}", "swap them, or widen the range"
    elif rule["type"] == "integer" and not (float(low).is_integer() and float(high).is_integer()):
        yield place, "the hyperparameter takes whole numbers", "write whole numbers as min and max"
    elif low < rule.get("minimum", low) or high > rule.get("maximum", high):
        bounds = " and ".join(f"{word} {rule[key]}" for key, word in BOUNDS.items() if key in rule)
        yield place, f"{low:g} to {high:g} leaves what the algorithm takes", f"stay within {bounds}"
    elif low <= rule.get("exclusiveMinimum", low - 1):
        yield place, f"min {low:g} is not above {rule['exclusiveMinimum']}", "choose a greater min"
    elif ends.get("scale") == "logarithmic" and low <= 0:
        yield place, "a logarithmic scale begins above 0", "choose a min above 0, or scale: linear"


BOUNDS = {"minimum": "at least", "maximum": "at most"}
