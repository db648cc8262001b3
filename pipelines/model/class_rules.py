"""What a JSON Schema cannot say about labels: a target's two or several, and those of bands. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pipelines.model.algorithm_kinds import CLASSIFICATION, MULTICLASS
from pipelines.model.eval_metrics import OF_CLASSES
from pipelines.model.model_rules import Finding, Where, suggest

FEWEST = 3
OF_PROBABILITIES = ("log_loss", "roc_auc_ovr")
OF_TWO_LABELS = ("scale_pos_weight", "base_score")
NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)")
TRUTHS = ("true", "false")


def findings(model: Mapping[str, Any]) -> Iterator[Finding]:
    """Say what contradicts what."""
    data, where = model["data"], ("data", "classes")
    yield from _of_two_labels(data)
    if model["task"] != MULTICLASS:
        if "classes" in data:
            yield where, f"{model['task']} has no list of classes", f"remove it, or set task: {MULTICLASS}"
        return
    if "classes" not in data:
        remedy = "add it: classes: [low, middle, high] names all that the target may say"
        yield ("data",), "no 'classes'", remedy
        return
    yield from _of_classes(data, where)
    for at, algorithm in enumerate(model["algorithms"]):
        place, given = ("algorithms", at, "hyperparameters"), algorithm["hyperparameters"]
        if algorithm["name"] == "xgboost":
            yield from _of_xgboost(place, given)
        if algorithm["name"] == "linear-learner" and given.get("loss", "auto") != "auto":
            yield (*place, "loss"), f"{given['loss']} is not of several classes", "write loss: auto, which is softmax"
        if algorithm["name"] == "knn":
            yield from _without_probabilities(model)


def reading(label: str) -> str:
    """What a label is read as: a number without idle noughts and signs, true and false small, any other text as it is.
    Jobs and endpoints read levels so, which a test holds equal.
    """
    text = label.strip()
    if text.casefold() in TRUTHS:
        return text.casefold()
    if not NUMBER.fullmatch(text):
        return text
    whole, _, part = text.lstrip("+-").partition(".")
    digits = (whole.lstrip("0") or "0") + (f".{part}" if (part := part.rstrip("0")) else "")
    return f"-{digits}" if text.startswith("-") and digits != "0" else digits


def alike(labels: Sequence[str], where: Where) -> Iterator[Finding]:
    """Say which of ``labels`` one reading makes equal to one before it."""
    known: dict[str, str] = {}
    for at, label in enumerate(labels):
        before = known.setdefault(reading(label), label)
        if before != label:
            remedy = "write each answer in one way, here and in the data, and keep one of them"
            yield (*where, at), f"{label!r} is read as {before!r} is, which is one of them too", remedy


def _of_two_labels(data: Mapping[str, Any]) -> Iterator[Finding]:
    keys = [key for key in ("positive_label", "negative_label") if key in data]
    for key in keys:
        if data[key] != data[key].strip():
            what = f"{data[key]!r} begins or ends with a blank, without which targets are read"
            yield ("data", key), what, f"write {data[key].strip()!r}"
        elif data[key] in data["missing"]:
            what = f"{data[key]!r} is a mark for a missing value too"
            yield ("data", key), what, "keep it in one of data.missing and this"
    names = [data[key] for key in keys]
    if len(set(names)) == 2:  # that they are the very same is said of all data
        yield from ((("data", keys[1]), *finding[1:]) for finding in alike(names, ("data",)))


def _without_probabilities(model: Mapping[str, Any]) -> Iterator[Finding]:
    """Refuse what is measured of probabilities where k-NN answers the label alone.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/kNN-inference-formats.html
    """
    named: list[tuple[Where, str]] = [
        (("gate", at, "metric"), limit["metric"]) for at, limit in enumerate(model["gate"])
    ]
    comparison = model.get("comparison")
    named += [(("comparison", "metric"), comparison["metric"])] if comparison else []
    for where, metric in named:
        if metric in OF_PROBABILITIES:
            what = f"knn answers classes without probabilities, so {metric} is not defined"
            yield where, what, "name accuracy or macro_f1, or remove knn"


def _of_classes(data: Mapping[str, Any], where: Where) -> Iterator[Finding]:
    classes = data["classes"]
    if len(classes) < FEWEST:
        remedy = f"write positive_label: and negative_label: in its place, and task: {CLASSIFICATION}"
        yield where, f"{len(classes)} are no several classes", remedy
    for at, name in enumerate(classes):
        if name != name.strip():
            what = f"{name!r} begins or ends with a blank, without which targets are read"
            yield (*where, at), what, f"write {name.strip()!r}"
        elif name in data["missing"]:
            yield (*where, at), f"{name!r} is a mark for a missing value too", "keep it in one of data.missing and this"
    yield from alike([name.strip() for name in classes], where)
    if data["threshold"] != 0.5:
        yield ("data", "threshold"), "of several classes the likeliest is the answer", "remove it"


def _of_xgboost(where: Where, given: Mapping[str, Any]) -> Iterator[Finding]:
    for name in filter(None, str(given.get("eval_metric", "")).split(",")):
        if name not in OF_CLASSES:
            yield (*where, "eval_metric"), f"{name!r} is not of several classes", suggest(name, list(OF_CLASSES))
    for key in OF_TWO_LABELS:
        if key in given:
            yield (*where, key), f"{key} is of two labels", "remove it"
