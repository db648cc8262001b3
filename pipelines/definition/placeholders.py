"""The names that stand in compiled definitions for what only a stack and a region know."""

import json
import re
from collections.abc import Mapping

STACK = "@{Stack}"
REGION = "@{Region}"
DATA_BUCKET = "@{DataBucket}"
JOBS_ROLE = "@{JobsRole}"
CHAMPION_QUEUE = "@{ChampionQueueUrl}"
CODE_SHA256 = "@{CodeSha256}"
PREPARATION_SHA256 = "@{PreparationSha256}"
EVALUATION_SHA256 = "@{EvaluationSha256}"

IMAGES = {  # placeholder name -> framework and version as the SDK names them
    "xgboost:3.2-0": ("xgboost", "3.2-0"),
    "sklearn:1.9-0": ("sklearn", "1.9-0"),
    "knn:1": ("knn", None),
    "linear-learner:1": ("linear-learner", None),
}
PATTERN = re.compile(r"@\{([A-Za-z0-9]+(?::[^}]+)?)\}")


class UnknownPlaceholder(KeyError):
    """A compiled definition names something that nobody fills."""


def image(name: str) -> str:
    """The placeholder of an image of ``IMAGES``."""
    if name not in IMAGES:
        raise UnknownPlaceholder(name)
    return f"@{{Image:{name}}}"


def fill(text: str, values: Mapping[str, str]) -> str:
    """Replace every placeholder in JSON text; values are escaped as JSON strings.

    Raises:
        UnknownPlaceholder: when ``values`` has no such name.
    """

    def value(match: re.Match[str]) -> str:
        if match[1] not in values:
            raise UnknownPlaceholder(match[1])
        return json.dumps(values[match[1]])[1:-1]

    return PATTERN.sub(value, text)
