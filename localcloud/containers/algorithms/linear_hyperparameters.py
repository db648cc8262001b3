"""The hyperparameters of SageMaker's linear learner: names, ranges, defaults and what depends on what.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/ll_hyperparameters.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localcloud.containers.algorithms.hyperparameters import (
    Hyperparameter,
    Interval,
    OrWord,
    UserError,
    integer,
    number,
    one_of,
    or_auto,
    parse_hyperparameters,
)

REGRESSION_LOSSES = (
    "squared_loss", "absolute_loss", "eps_insensitive_squared_loss", "eps_insensitive_absolute_loss", "quantile_loss",
    "huber_loss",
)  # fmt: skip
LOSSES: Mapping[str, tuple[str, ...]] = {  # the first is what auto means
    "regressor": REGRESSION_LOSSES,
    "binary_classifier": ("logistic", "hinge_loss"),
    "multiclass_classifier": ("softmax_loss",),
}
CRITERIA = ("accuracy", "f_beta", "precision_at_target_recall", "recall_at_target_precision", "loss_function")
_FLAG = one_of("true", "false")
_AUTO_FLAG = one_of("auto", "true", "false")
_SHARE = number(0, 1)
_POSITIVE = number(0, None, "(]")
TABLE: Mapping[str, Hyperparameter] = {
    "feature_dim": or_auto(integer()), "num_classes": integer(1), "predictor_type": one_of(*LOSSES),
    "accuracy_top_k": integer(), "balance_multiclass_weights": _FLAG, "beta_1": or_auto(_SHARE),
    "beta_2": or_auto(_SHARE), "bias_lr_mult": or_auto(_POSITIVE), "bias_wd_mult": or_auto(number(0)),
    "binary_classifier_model_selection_criteria": one_of(*CRITERIA), "early_stopping_patience": integer(),
    "early_stopping_tolerance": _POSITIVE, "epochs": integer(), "f_beta": _POSITIVE, "huber_delta": _POSITIVE,
    "init_bias": number(None), "init_method": one_of("uniform", "normal"), "init_scale": _POSITIVE,
    "init_sigma": _POSITIVE, "l1": or_auto(number(0)), "learning_rate": or_auto(_POSITIVE),
    "loss": one_of("auto", *(loss for losses in LOSSES.values() for loss in losses)), "loss_insensitivity": _POSITIVE,
    "lr_scheduler_factor": or_auto(_SHARE), "lr_scheduler_minimum_lr": or_auto(_POSITIVE),
    "lr_scheduler_step": or_auto(integer()), "margin": _POSITIVE, "mini_batch_size": integer(),
    "momentum": or_auto(_SHARE), "normalize_data": _AUTO_FLAG, "normalize_label": _AUTO_FLAG,
    "num_calibration_samples": or_auto(integer()), "num_models": or_auto(integer()), "num_point_for_scaler": integer(),
    "optimizer": one_of("auto", "sgd", "adam", "rmsprop"),
    "positive_example_weight_mult": Hyperparameter(
        lambda text: text if text in ("balanced", "auto") else float(text),
        OrWord(Interval(0, None, "(]"), ("balanced", "auto")),
    ),
    "quantile": number(0, 1, "()"), "target_precision": _SHARE, "target_recall": _SHARE, "unbias_data": _AUTO_FLAG,
    "unbias_label": _AUTO_FLAG, "use_bias": _FLAG, "use_lr_scheduler": _FLAG, "wd": or_auto(number(0)),
}  # fmt: skip
DEFAULTS: Mapping[str, Any] = {
    "feature_dim": "auto", "accuracy_top_k": 3, "balance_multiclass_weights": "false",
    "binary_classifier_model_selection_criteria": "accuracy", "epochs": 15, "f_beta": 1.0, "huber_delta": 1.0,
    "l1": "auto", "loss": "auto", "loss_insensitivity": 0.01, "mini_batch_size": 1000, "normalize_data": "true",
    "normalize_label": "auto", "positive_example_weight_mult": 1.0, "quantile": 0.5, "target_precision": 0.8,
    "target_recall": 0.8, "unbias_data": "auto", "unbias_label": "auto", "use_bias": "true", "wd": "auto",
}  # fmt: skip


def validate(given: Mapping[str, str]) -> dict[str, Any]:
    """The hyperparameters as values, with defaults; ``loss`` is never ``auto``.

    Raises:
        UserError: one is unknown, missing or out of range, or does not go with the predictor type.
    """
    found = dict(DEFAULTS) | parse_hyperparameters(TABLE, ("predictor_type",), given)
    kind = found["predictor_type"]
    if found["loss"] == "auto":
        found["loss"] = LOSSES[kind][0]
    if found["loss"] not in LOSSES[kind]:
        raise UserError(f"loss {found['loss']} does not go with predictor_type {kind}: use {', '.join(LOSSES[kind])}")
    if kind == "multiclass_classifier" and found.get("num_classes", 0) < 3:
        raise UserError("num_classes must be at least 3 when predictor_type is multiclass_classifier")
    return found
