"""What must fit together in a model file's ``instances``. Pure.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/train-instance-preferences.html (spot capacity takes no list),
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTrainingJob.html (SageMaker's own algorithms that
make no checkpoints wait and run for an hour at most)
"""

from collections.abc import Iterator, Mapping
from typing import Any

Finding = tuple[tuple[str | int, ...], str, str]


def findings(model: Mapping[str, Any]) -> Iterator[Finding]:
    """Where, what is wrong, and what to do."""
    instances = model["instances"]
    others, large = instances.get("fallback", []), instances.get("large_data", {})
    if others and model["spot"]:
        remedy = "write spot: false, or remove the list"
        yield ("instances", "fallback"), "spot capacity takes no list of types", remedy
    if model["spot"] and instances["max_hours"] > 1:
        what = f"on spot capacity a job waits and runs for one hour at most, not {instances['max_hours']}"
        yield ("instances", "max_hours"), what, "write spot: false, or remove it"
    own = [instances["processing"], instances["training"], large.get("processing"), large.get("training")]
    for at, one in enumerate(others):
        if one in own:
            remedy = "remove it: a list names a type once"
            yield ("instances", "fallback", at), f"{one} is what a job takes first", remedy
