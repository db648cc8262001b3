"""What each algorithm needs of a pipeline: its image, its channels, its objective. Facts, no steps."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipelines.definition import placeholders as at
from pipelines.model.algorithm_kinds import KINDS, MULTICLASS, REGRESSION
from pipelines.model.eval_metrics import EVAL_METRICS


@dataclass(frozen=True)
class Algorithm:
    """One of the algorithms that a model file may name."""

    name: str
    label: str  # in step names
    image: str
    channels: Mapping[str, str]  # training channel -> preprocessing's output
    overridable: tuple[str, ...]  # hyperparameters that a run may set
    fixed: Mapping[str, Any]  # hyperparameters that are not the model file's

    @property
    def closed(self) -> bool:
        """Whether it cannot carry our code, and is served between two containers of ours."""
        return KINDS[self.name].closed

    def objective(self, hyperparameters: Mapping[str, Any], task: str = REGRESSION) -> tuple[str, str]:
        """What tuning looks at, and whether it is to be small or large."""
        if self.name in SCRIPTED:
            return f"validation:{'rmse' if task == REGRESSION else 'logloss'}", "Minimize"
        if self.name == "knn":
            return ("test:mse", "Minimize") if task == REGRESSION else ("test:accuracy", "Maximize")
        if self.name == "linear-learner":
            return "validation:objective_loss", "Minimize"
        metric = str(hyperparameters.get("eval_metric", "rmse"))
        return f"validation:{metric}", EVAL_METRICS[metric]


def of_task(name: str, model: Mapping[str, Any]) -> dict[str, Any]:
    """Hyperparameters of an algorithm that follow from the model's task.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/xgboost_hyperparameters.html (num_class),
    https://docs.aws.amazon.com/sagemaker/latest/dg/kNN_hyperparameters.html (predictor_type) and
    https://docs.aws.amazon.com/sagemaker/latest/dg/ll_hyperparameters.html (predictor_type, num_classes)
    """
    task = model["task"]
    labels = str(len(model["data"]["classes"]) if task == MULTICLASS else 2)
    if name in ("knn", "linear-learner"):
        counted = {"num_classes": labels} if name == "linear-learner" and task != REGRESSION else {}
        return {"predictor_type": PREDICTOR_TYPES[name, task]} | counted
    needs = task != REGRESSION if name in SCRIPTED else task == MULTICLASS
    return {"num_class": labels} if needs else {}


TREES = {"train": "train", "validation": "validation"}
FEATURE_DIM = {"Std:JsonGet": {"PropertyFile": {"Get": "Steps.Preprocess.PropertyFiles.Width"}, "Path": "dense"}}
DENSE = {"feature_dim": FEATURE_DIM}
PREDICTOR_TYPES = {
    ("knn", REGRESSION): "regressor", ("knn", MULTICLASS): "classifier",
    ("linear-learner", REGRESSION): "regressor", ("linear-learner", MULTICLASS): "multiclass_classifier",
}  # fmt: skip
SCRIPTED = {"sklearn": "train_sklearn.py", "forest": "train_forest.py"}  # what the scikit-learn image runs
# The region is where the toolkit fetches the code from, when the container's environment does not say one.
# Source: https://github.com/aws/sagemaker-training-toolkit/blob/master/src/sagemaker_training/files.py (s3_download)
SCRIPT = {
    "sagemaker_submit_directory": f"s3://{at.DATA_BUCKET}/code/{at.CODE_SHA256}.tar.gz",
    "sagemaker_region": at.REGION,
}
METRIC_DEFINITIONS = {
    name: [{"Name": f"validation:{error}", "Regex": f"validation-{error}: ([0-9.]+)"} for error in ("rmse", "logloss")]
    for name in SCRIPTED
}
ALGORITHMS = {
    one.name: one
    for one in (
        Algorithm(
            "xgboost", "Xgboost", at.image("xgboost:3.2-0"), TREES,
            ("max_depth", "num_round", "eta", "subsample", "colsample_bytree"), {},
        ),
        Algorithm(
            "sklearn", "Sklearn", at.image("sklearn:1.9-0"), TREES, ("n_estimators", "max_depth", "learning_rate"),
            SCRIPT | {"sagemaker_program": SCRIPTED["sklearn"]},
        ),
        Algorithm(
            "forest", "Forest", at.image("sklearn:1.9-0"), TREES, ("n_estimators", "max_depth", "min_samples_leaf"),
            SCRIPT | {"sagemaker_program": SCRIPTED["forest"]},
        ),
        Algorithm(
            "knn", "Knn", at.image("knn:1"), {"train": "dense_train", "test": "dense_validation"}, ("k", "sample_size"),
            DENSE,
        ),
        Algorithm(
            "linear-learner", "LinearLearner", at.image("linear-learner:1"),
            {"train": "dense_train", "validation": "dense_validation"}, ("mini_batch_size", "epochs"), DENSE,
        ),
    )
}  # fmt: skip
