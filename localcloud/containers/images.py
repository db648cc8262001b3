"""Which stand-in runs for which image. An image without one is refused by name, never pretended."""

from __future__ import annotations

import re
from dataclasses import dataclass

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
REPOSITORY = re.compile(r"(?:.*/)?([^/:@]+)(?:[:@].*)?")


def image_of(uri: str) -> Image | None:
    """The stand-in for an image URI, ``<account>.dkr.ecr.<region>.amazonaws.com/sagemaker-xgboost:3.2-0`` for one."""
    matched = REPOSITORY.fullmatch(uri)
    return BY_REPOSITORY.get(matched[1]) if matched else None
