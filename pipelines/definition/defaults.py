"""Default values of pipeline parameters that publishing takes from the model file: another costs no compiling. Pure."""

from collections.abc import Mapping
from typing import Any

from pipelines.definition.step_json import Json

PROCESSING_TYPE, PROCESSING_COUNT = "ProcessingInstanceType", "ProcessingInstanceCount"
TRAINING_TYPE = "TrainingInstanceType"
INSTANCES = {PROCESSING_TYPE: "processing", PROCESSING_COUNT: "processing_count", TRAINING_TYPE: "training"}


def values(model: Mapping[str, Any]) -> dict[str, Any]:
    """Default by the parameter's name, from the ``defaults`` view of a model file: instances, and the gate's limits."""
    limits = {
        limit["parameter"]: float(limit.get("at_least", limit.get("at_most")))
        for limit in model["gate"]
        if "parameter" in limit
    }
    return {name: model["instances"][key] for name, key in INSTANCES.items()} | limits


def filled(definition: Json, given: Mapping[str, Any]) -> Json:
    """The definition with the defaults that are ``given`` in those of its parameters that have none."""
    parameters = [
        one | ({"DefaultValue": given[one["Name"]]} if one["Name"] in given else {}) for one in definition["Parameters"]
    ]
    return definition | {"Parameters": parameters}
