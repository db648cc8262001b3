"""Which stand-in runs for which image. An image without one is refused by name, never pretended."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Image:
    """What stands in for one of AWS's images: entry points as ``module:function``."""

    name: str
    training: str | None  # in algorithm mode
    script_training: str | None
    serving: str | None


XGBOOST = Image(
    "xgboost",
    "localcloud.containers.xgboost_training:main",
    "localcloud.containers.script_training:main",
    "localcloud.containers.serving:xgboost",
)
SCIKIT_LEARN = Image(
    "scikit-learn", None, "localcloud.containers.script_training:main", "localcloud.containers.serving:scikit_learn"
)
BY_REPOSITORY = {
    "sagemaker-xgboost": XGBOOST,
    "xgboost": XGBOOST,
    "sagemaker-scikit-learn": SCIKIT_LEARN,
    "scikit-learn": SCIKIT_LEARN,
}
REPOSITORY = re.compile(r"(?:.*/)?([^/:@]+)(?:[:@].*)?")


def image_of(uri: str) -> Image | None:
    """The stand-in for an image URI, ``<account>.dkr.ecr.<region>.amazonaws.com/sagemaker-xgboost:3.2-0`` for one."""
    matched = REPOSITORY.fullmatch(uri)
    return BY_REPOSITORY.get(matched[1]) if matched else None
