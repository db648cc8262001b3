"""The hyperparameters of AWS's XGBoost image: names, types, ranges and what depends on what.

Source: https://github.com/aws/sagemaker-xgboost-container, algorithm_mode/hyperparameter_validation.py, and
https://docs.aws.amazon.com/sagemaker/latest/dg/xgboost_hyperparameters.html
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from localcloud.containers.algorithms.hyperparameters import Hyperparameter, Interval, UserError

MAXIMISED = frozenset({
    "accuracy", "auc", "aucpr", "balanced_accuracy", "f1", "f1_binary", "f1_macro", "map", "ndcg", "precision", "r2",
    "recall", "precision_macro", "precision_micro", "recall_macro", "recall_micro",
})  # fmt: skip
MINIMISED = frozenset({
    "aft-nloglik", "cox-nloglik", "error", "gamma-deviance", "gamma-nloglik", "interval-regression-accuracy", "logloss",
    "mae", "mape", "merror", "mlogloss", "mphe", "mse", "poisson-nloglik", "rmse", "rmsle", "tweedie-nloglik",
})  # fmt: skip
WITH_THRESHOLD = ("error", "ndcg", "map")
OBJECTIVES = frozenset({
    "aft_loss_distribution", "binary:logistic", "binary:logitraw", "binary:hinge", "count:poisson", "multi:softmax",
    "multi:softprob", "rank:pairwise", "rank:ndcg", "rank:map", "reg:linear", "reg:squarederror", "reg:logistic",
    "reg:gamma", "reg:pseudohubererror", "reg:squaredlogerror", "reg:absoluteerror", "reg:tweedie", "survival:aft",
    "survival:cox",
})  # fmt: skip
TREE_UPDATERS = frozenset({
    "grow_colmaker", "distcol", "grow_histmaker", "grow_skmaker", "grow_quantile_histmaker", "sync", "refresh", "prune",
})  # fmt: skip
TREE_BUILDERS = frozenset({"grow_colmaker", "distcol", "grow_histmaker", "grow_quantile_histmaker"})
LINEAR_UPDATERS = frozenset(("shotgun", "coord_descent"))
ALIASES = {"learning_rate": "eta", "min_split_loss": "gamma", "reg_lambda": "lambda", "reg_alpha": "alpha"}


def _list(text: str) -> list[str]:
    return text.split(",")


def _literal(text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except SyntaxError as error:
        raise ValueError(text) from error


def _whole(low: float | None = None, high: float | None = None, ends: str = "[]") -> Hyperparameter:
    return Hyperparameter(int, Interval(low, high, ends))


def _real(low: float | None = None, high: float | None = None, ends: str = "[]") -> Hyperparameter:
    return Hyperparameter(float, Interval(low, high, ends))


def _one_of(*values: str) -> Hyperparameter:
    return Hyperparameter(str, values)


_FRACTION = _real(0, 1, "(]")
_FLAG = _one_of("true", "false")
TABLE: Mapping[str, Hyperparameter] = {
    "num_round": _whole(1), "csv_weights": _whole(0, 1), "early_stopping_rounds": _whole(1),
    "booster": _one_of("gbtree", "gblinear", "dart"), "verbosity": _whole(0, 3), "nthread": _whole(1),
    "eta": _real(0, 1), "gamma": _real(0), "max_depth": _whole(0), "min_child_weight": _real(0),
    "max_delta_step": _real(0), "subsample": _FRACTION, "colsample_bytree": _FRACTION, "colsample_bylevel": _FRACTION,
    "colsample_bynode": _FRACTION, "lambda": _real(0), "alpha": _real(0),
    "tree_method": _one_of("auto", "exact", "approx", "hist", "gpu_hist"), "sketch_eps": _real(0, 1, "()"),
    "scale_pos_weight": _real(0, None, "(]"), "updater": Hyperparameter(_list, TREE_UPDATERS | LINEAR_UPDATERS),
    "dsplit": _one_of("row", "col"), "refresh_leaf": _whole(0, 1), "process_type": _one_of("default", "update"),
    "grow_policy": _one_of("depthwise", "lossguide"), "max_leaves": _whole(0), "max_bin": _whole(0),
    "predictor": _one_of("auto", "cpu_predictor", "gpu_predictor"),
    "monotone_constraints": Hyperparameter(_literal, (-1, 0, 1)),
    "interaction_constraints": Hyperparameter(_literal, Interval(1)),
    "sample_type": _one_of("uniform", "weighted"), "normalize_type": _one_of("tree", "forest"),
    "rate_drop": _real(0, 1), "one_drop": _whole(0, 1), "skip_drop": _real(0, 1), "lambda_bias": _real(0, 1),
    "tweedie_variance_power": _real(1, 2, "()"),
    "objective": Hyperparameter(str, OBJECTIVES), "num_class": _whole(2), "base_score": _real(0),
    "_kfold": _whole(2), "_num_cv_round": _whole(1),
    "_tuning_objective_metric": Hyperparameter(str, frozenset(f"validation:{m}" for m in MAXIMISED | MINIMISED)),
    "eval_metric": Hyperparameter(_list, MAXIMISED | MINIMISED), "seed": _whole(-(2**31), 2**31 - 1, "()"),
    "num_parallel_tree": _whole(1), "save_model_on_termination": _FLAG,
    "aft_loss_distribution": _one_of("normal", "logistic", "extreme"), "aft_loss_distribution_scale": _real(0),
    "deterministic_histogram": _FLAG, "sampling_method": _one_of("uniform", "gradient_based"),
    "prob_buffer_row": _whole(1, None, "(]"), "use_dask_gpu_training": _FLAG,
}  # fmt: skip
FORMER: Mapping[str, Hyperparameter] = {"silent": _whole(0, 1)}  # of images before 1.2, as branch 1.0-1 has it


def validate(given: Mapping[str, str], *, former: bool = False) -> dict[str, Any]:
    """The job's hyperparameters as numbers, names and lists; ``former``: of an image before 1.2.

    Raises:
        UserError: an unknown name, a missing ``num_round``, a value out of range, or values that do not go together.
    """
    named = {ALIASES.get(name, name): text for name, text in given.items()}
    if "num_round" not in named:
        raise UserError("Missing required hyperparameter: num_round")
    table = {**TABLE, **FORMER} if former else TABLE
    values = {name: _read(table, name, text) for name, text in named.items()}
    for name, value in values.items():
        _check_range(table, name, value)
    for rule in (_check_objective, _check_metrics, _check_constraints, _check_updater):
        rule(values)
    if "eval_metric" in values and "objective" not in values and not former:
        raise UserError(
            "eval_metric needs an objective: without one the image's own check fails (KeyError: 'objective')"
        )
    return values


def _read(table: Mapping[str, Hyperparameter], name: str, text: str) -> Any:
    if name not in table:
        raise UserError(f"Extraneous hyperparameter found: {name}")
    try:
        return table[name].parse(str(text))
    except ValueError as error:
        raise UserError(f"Hyperparameter {name}: could not parse value (caused by {type(error).__name__})") from error


def _check_range(table: Mapping[str, Hyperparameter], name: str, value: Any) -> None:
    if name == "eval_metric":
        return  # its thresholds (error@0.3) are judged with the other rules of metrics
    allowed = table[name].allowed
    elements = _flat(value) if isinstance(value, (list, tuple)) else [value]
    if any(element not in allowed for element in elements):
        shown = allowed if isinstance(allowed, Interval) else sorted(allowed, key=str)
        raise UserError(f"Hyperparameter {name}: {value} is not in {shown}")


def _flat(value: Any) -> list[Any]:
    return [leaf for item in value for leaf in (_flat(item) if isinstance(item, (list, tuple)) else [item])]


def _check_objective(values: Mapping[str, Any]) -> None:
    if values.get("objective") in ("multi:softmax", "multi:softprob") and "num_class" not in values:
        raise UserError("Require input for parameter 'num_class' for multi-classification")


def _check_metrics(values: Mapping[str, Any]) -> None:
    objective = values.get("objective", "reg:squarederror")
    for metric in values.get("eval_metric", []):
        name, at, threshold = metric.partition("@")
        if at and name not in WITH_THRESHOLD:
            raise UserError(
                f"Metric '{metric}' is not supported. Parameter 'eval_metric' with customized threshold should be one "
                f"of these options: 'error', 'ndcg', 'map'."
            )
        if at and not _is_number(threshold):
            raise UserError(f"Threshold value 't' in '{name}@t' expects float input.")
        if not at and name not in MAXIMISED | MINIMISED:
            shown = sorted(MAXIMISED | MINIMISED)
            raise UserError(f"Hyperparameter eval_metric: value {values['eval_metric']} not in range {shown}")
        if name == "auc" and not objective.startswith(("binary:", "rank:")):
            raise UserError("Metric 'auc' can only be applied for classification and ranking problems.")
        if name == "aft-nloglik" and objective != "survival:aft":
            raise UserError("Metric 'aft-nloglik' can only be applied for 'survival:aft' objective.")


def _check_constraints(values: Mapping[str, Any]) -> None:
    method, groups = values.get("tree_method"), values.get("interaction_constraints", [])
    if not isinstance(values.get("monotone_constraints", ()), (list, tuple)):
        raise UserError("monotone_constraints takes a tuple, as (1, 0, -1)")
    if not (isinstance(groups, (list, tuple)) and all(isinstance(group, (list, tuple)) for group in groups)):
        raise UserError("interaction_constraints takes a list of lists, as [[1, 2], [3, 4]]")
    if "monotone_constraints" in values and method not in ("exact", "hist"):
        raise UserError(
            "monotone_constraints can be used only when the tree_method parameter is set to either 'exact' or 'hist'."
        )
    if "interaction_constraints" in values and method not in ("exact", "hist", "approx"):
        raise UserError(
            "interaction_constraints can be used only when the tree_method parameter is set to either 'exact', 'hist' "
            "or 'approx'."
        )


def _check_updater(values: Mapping[str, Any]) -> None:
    updaters = values.get("updater")
    if updaters is None:
        return
    if values.get("booster") == "gblinear":
        if len(updaters) != 1 or updaters[0] not in LINEAR_UPDATERS:
            raise UserError(f"Linear updater should be one of these options: {', '.join(sorted(LINEAR_UPDATERS))}.")
    elif values.get("process_type") == "update":
        if not set(updaters) <= {"refresh", "prune"}:
            raise UserError("process_type 'update' can only be used with updater 'refresh' and 'prune'")
    elif not set(updaters) <= TREE_UPDATERS:
        raise UserError(f"Tree updater should be selected from these options: {', '.join(sorted(TREE_UPDATERS))}.")
    elif len(TREE_BUILDERS.intersection(updaters)) > 1:
        raise UserError(
            f"Only one tree grow plugin can be selected. Choose one from: {', '.join(sorted(TREE_BUILDERS))}"
        )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
