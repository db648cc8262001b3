"""What each reader of a model file gets of it. Pure.

A job's cache key and a definition's fingerprint are hashes of a view, so an edit costs what it changes: of a new title
the evaluation is made again, of a new deadline nothing. A key is in the view of whoever reads it, and in no other.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any


class View(StrEnum):
    """Who reads."""

    PREPARATION = "preparation"  # the scripts that clean, split and fit
    EVALUATION = "evaluation"  # the script that evaluates, and the report
    DEFINITION = "definition"  # the compiler, with the SageMaker SDK
    DEFAULTS = "defaults"  # publishing: default values of the pipeline's parameters
    APP = "app"  # the functions; their document holds the whole model file


KEYS: Mapping[View, str] = {
    View.PREPARATION: """
        name task split algorithms.name preprocessing.one_hot_levels
        data.target data.target_transform data.positive_label data.negative_label data.classes data.threshold data.id
        data.missing
        data.without_target data.sensitive data.columns data.derived data.group
        fairness.columns
    """,
    View.EVALUATION: """
        name title owner task algorithms.name algorithms.hyperparameters data.missing data.sensitive data.columns
        data.group split.by split.periods split.cuts gate slices fairness decision calibrate
        checks.drift.psi registration
    """,
    View.DEFINITION: """
        name task split.train split.validation split.test split.salt
        algorithms tuning comparison spot create_model registration data.derived data.target_transform data.classes
        decision.threshold calibrate gate.parameter
        preprocessing.script preprocessing.split preprocessing.image
        instances.transform instances.volume_gb instances.max_hours instances.fallback deployment.instance_type
    """,
    View.DEFAULTS: """
        instances.processing instances.processing_count instances.training gate.parameter gate.at_least gate.at_most
    """,
    View.APP: """
        name title owner approval deployment checks gate retrain
        data.target data.target_transform data.id data.positive_label data.negative_label data.classes data.missing
        data.columns
        data.mode data.without_target data.sensitive data.group data.derived split fairness.columns
        instances
    """,
}
"""Paths of keys, each with all below it; through a list, the key of each of its entries."""


def document(view: View, model: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a checked model file that ``view`` has; entries of a list of which it has nothing are left out."""
    selected: dict[str, Any] = _selected(model, [path.split(".") for path in KEYS[view].split()])
    return selected


def _selected(value: Any, paths: list[list[str]]) -> Any:
    if [] in paths:
        return value
    if isinstance(value, list):
        return [kept for item in value if (kept := _selected(item, paths))]
    heads = dict.fromkeys(path[0] for path in paths)
    return {key: _selected(value[key], [path[1:] for path in paths if path[0] == key]) for key in heads if key in value}


def content(view: View, model: Mapping[str, Any]) -> bytes:
    """The view as JSON: equal views are equal bytes, whatever the order of keys that order does not matter to."""
    return json.dumps(document(view, model), ensure_ascii=False).encode("utf-8")


def sha256(view: View, model: Mapping[str, Any]) -> str:
    """Hash a view's content."""
    return hashlib.sha256(content(view, model)).hexdigest()


def hashes(views: Iterable[View], model: Mapping[str, Any]) -> dict[View, str]:
    """Hash of each of ``views``."""
    return {view: sha256(view, model) for view in views}
