"""What each algorithm needs of a pipeline: its image, its channels, its objective. Facts, no steps."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipelines.definition import placeholders as at

MAXIMISED = (
    "accuracy", "auc", "aucpr", "balanced_accuracy", "f1", "f1_binary", "f1_macro", "map", "ndcg", "precision", "r2",
    "recall", "precision_macro", "precision_micro", "recall_macro", "recall_micro",
)  # fmt: skip
MINIMISED = (
    "aft-nloglik", "cox-nloglik", "error", "gamma-deviance", "gamma-nloglik", "interval-regression-accuracy", "logloss",
    "mae", "mape", "merror", "mlogloss", "mphe", "mse", "poisson-nloglik", "rmse", "rmsle", "tweedie-nloglik",
)  # fmt: skip
EVAL_METRICS = dict.fromkeys(MAXIMISED, "Maximize") | dict.fromkeys(MINIMISED, "Minimize")
"""What XGBoost's image can watch, early stopping and tuning alike, and which way is better: its names, not the gate's.

Source: https://github.com/aws/sagemaker-xgboost-container/blob/master/src/sagemaker_xgboost_container/constants/xgb_constants.py
"""


@dataclass(frozen=True)
class Algorithm:
    """One of the algorithms that a model file may name."""

    name: str
    label: str  # in step names
    image: str
    channels: Mapping[str, str]  # training channel -> preprocessing's output
    overridable: tuple[str, ...]  # hyperparameters that a run may set
    fixed: Mapping[str, Any]  # hyperparameters that are not the model file's
    closed: bool = False  # cannot carry our code: served between two containers of ours

    def objective(self, hyperparameters: Mapping[str, Any]) -> tuple[str, str]:
        """What tuning looks at, and whether it is to be small or large."""
        if self.name == "knn":
            return "test:mse", "Minimize"
        if self.name == "linear-learner":
            return "validation:objective_loss", "Minimize"
        metric = str(hyperparameters.get("eval_metric", "rmse"))
        return f"validation:{metric}", EVAL_METRICS[metric]


TREES = {"train": "train", "validation": "validation"}
FEATURE_DIM = {"Std:JsonGet": {"PropertyFile": {"Get": "Steps.Preprocess.PropertyFiles.Width"}, "Path": "dense"}}
DENSE = {"predictor_type": "regressor", "feature_dim": FEATURE_DIM}
# The region is where the toolkit fetches the code from, when the container's environment does not say one.
# Source: https://github.com/aws/sagemaker-training-toolkit/blob/master/src/sagemaker_training/files.py (s3_download)
SCRIPT = {
    "sagemaker_program": "train_sklearn.py",
    "sagemaker_submit_directory": f"s3://{at.DATA_BUCKET}/code/{at.CODE_SHA256}.tar.gz",
    "sagemaker_region": at.REGION,
}
METRIC_DEFINITIONS = {"sklearn": [{"Name": "validation:rmse", "Regex": "validation-rmse: ([0-9.]+)"}]}
ALGORITHMS = {
    one.name: one
    for one in (
        Algorithm(
            "xgboost", "Xgboost", at.image("xgboost:3.2-0"), TREES,
            ("max_depth", "num_round", "eta", "subsample", "colsample_bytree"), {},
        ),
        Algorithm(
            "sklearn", "Sklearn", at.image("sklearn:1.9-0"), TREES, ("n_estimators", "max_depth", "learning_rate"),
            SCRIPT,
        ),
        Algorithm(
            "knn", "Knn", at.image("knn:1"), {"train": "dense_train", "test": "dense_validation"}, ("k", "sample_size"),
            DENSE, closed=True,
        ),
        Algorithm(
            "linear-learner", "LinearLearner", at.image("linear-learner:1"),
            {"train": "dense_train", "validation": "dense_validation"}, ("mini_batch_size", "epochs"), DENSE,
            closed=True,
        ),
    )
}  # fmt: skip
