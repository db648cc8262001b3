"""Which stand-in runs for which image. An image without one is refused by name, never pretended."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from localcloud.containers.algorithms import metric_definitions


@dataclass(frozen=True)
class Image:
    """What stands in for one of AWS's images: entry points as ``module:function``."""

    name: str
    training: str | None  # in algorithm mode
    script_training: str | None
    serving: str | None
    metrics: metric_definitions.Definitions = ()  # that the algorithm brings


XGBOOST = Image(
    "xgboost",
    "localcloud.containers.algorithms.xgboost_training:main",
    "localcloud.containers.script_training:main",
    "localcloud.containers.algorithms.xgboost_serving:serve",
    metric_definitions.XGBOOST,
)
XGBOOST_PICKLING = replace(XGBOOST, training="localcloud.containers.algorithms.xgboost_training:main_pickling")
XGBOOST_FORMER = replace(XGBOOST, training="localcloud.containers.algorithms.xgboost_training:main_former")
SCIKIT_LEARN = Image(
    "scikit-learn",
    None,
    "localcloud.containers.script_training:main",
    "localcloud.containers.serving.script:serve_scikit_learn",
)
KNN = Image(
    "knn",
    "localcloud.containers.algorithms.knn:main",
    None,
    "localcloud.containers.algorithms.knn:serve",
    metric_definitions.KNN,
)
LINEAR_LEARNER = Image(
    "linear-learner",
    "localcloud.containers.algorithms.linear_learner:main",
    None,
    "localcloud.containers.algorithms.linear_learner:serve",
    metric_definitions.LINEAR_LEARNER,
)
BY_REPOSITORY = {
    "sagemaker-xgboost": XGBOOST,
    "xgboost": XGBOOST,
    "sagemaker-scikit-learn": SCIKIT_LEARN,
    "scikit-learn": SCIKIT_LEARN,
    "knn": KNN,
    "linear-learner": LINEAR_LEARNER,
}
REPOSITORY = re.compile(r"(?:.*/)?([^/:@]+)(?::([^@]+))?(?:@.*)?")
PICKLED_BEFORE = (1, 3)  # XGBoost's images; a model of later ones is in XGBoost's own format
SILENT_BEFORE = (1, 2)  # of which the hyperparameter silent was taken


def image_of(uri: str) -> Image | None:
    """The stand-in for an image URI, ``<account>.dkr.ecr.<region>.amazonaws.com/sagemaker-xgboost:3.2-0`` for one."""
    matched = REPOSITORY.fullmatch(uri)
    found = BY_REPOSITORY.get(matched[1]) if matched else None
    return _xgboost(matched[2]) if found is XGBOOST and matched else found


def _xgboost(tag: str | None) -> Image:
    """XGBoost's image of this tag: earlier ones write their models with Python's pickle; ``latest`` is version 0.72.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/xgboost.html ("SageMaker AI XGBoost 1.3-1 or later uses the
    XGBoost internal binary format while previous versions use the Python pickle module"), and for ``silent`` branches
    1.0-1 and 1.2-1 of https://github.com/aws/sagemaker-xgboost-container, algorithm_mode/hyperparameter_validation.py
    """
    numbers = re.match(r"(\d+)(?:\.(\d+))?", tag or "")
    if numbers is None:
        return XGBOOST_FORMER if tag == "latest" else XGBOOST
    version = int(numbers[1]), int(numbers[2] or 0)
    if version < SILENT_BEFORE:
        return XGBOOST_FORMER
    return XGBOOST_PICKLING if version < PICKLED_BEFORE else XGBOOST
