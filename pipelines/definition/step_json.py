"""Pieces of a pipeline definition's JSON: references, conditions, inputs and outputs.

Source: https://aws-sagemaker-mlops.github.io/sagemaker-model-building-pipeline-definition-JSON-schema/
"""

import copy
from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]
PROCESSING = "/opt/ml/processing"
SCALES = {"auto": "Auto", "linear": "Linear", "logarithmic": "Logarithmic"}


def get(path: str) -> Json:
    """A reference."""
    return {"Get": path}


def join(values: list[Any], on: str = "/") -> Json:
    """Texts and references as one text."""
    return {"Std:Join": {"On": on, "Values": values}}


def output(step: str, name: str) -> Json:
    """Where a processing step's output lies."""
    return get(f"Steps.{step}.ProcessingOutputConfig.Outputs['{name}'].S3Output.S3Uri")


def json_get(step: str, file: str, path: str) -> Json:
    """A value in a property file."""
    return {"Std:JsonGet": {"PropertyFile": get(f"Steps.{step}.PropertyFiles.{file}"), "Path": path}}


def condition(name: str, conditions: list[Json], then: list[Json], otherwise: list[Json]) -> Json:
    """A condition step."""
    arguments = {"Conditions": conditions, "IfSteps": then, "ElseSteps": otherwise}
    return {"Name": name, "Type": "Condition", "Arguments": arguments}


def property_file(name: str, of: str, path: str) -> Json:
    """A file of a processing step that later steps may look into."""
    return {"PropertyFileName": name, "OutputName": of, "FilePath": path}


def told(hyperparameters: Mapping[str, Any]) -> list[Any]:
    """A job's arguments that say which hyperparameters a run used in the place of the model file's."""
    return [part for name, value in hyperparameters.items() for part in ("--hyperparameter", name, value)]


def s3_input(like: Json, name: str, uri: Any) -> Json:
    """A processing input like another one."""
    made: Json = copy.deepcopy(like) | {"InputName": name}
    made["S3Input"] |= {"LocalPath": f"{PROCESSING}/{name}", "S3Uri": uri, "S3DataType": "S3Prefix"}
    return made


def retargeted(like: Json, step: str, name: str) -> Json:
    """A processing output like another one."""
    made: Json = copy.deepcopy(like) | {"OutputName": name}
    values = made["S3Output"]["S3Uri"]["Std:Join"]["Values"]
    made["S3Output"] |= {"LocalPath": f"{PROCESSING}/{name}", "S3Uri": join([*values[:2], step, name])}
    return made


def parameter_ranges(one: Mapping[str, Any]) -> Json:
    """A model file's ranges as the API takes them; whole numbers where the hyperparameter's own value is one."""
    found: dict[str, list[Json]] = {"IntegerParameterRanges": [], "ContinuousParameterRanges": []}
    for name, ends in one["tuning"]["ranges"].items():
        whole = isinstance(one["hyperparameters"].get(name, ends["min"]), int)
        scale = SCALES[ends.get("scale", "auto")]
        ends_as_text = {"MinValue": str(ends["min"]), "MaxValue": str(ends["max"]), "ScalingType": scale}
        kind = "IntegerParameterRanges" if whole else "ContinuousParameterRanges"
        found[kind].append({"Name": name, **ends_as_text})
    return {kind: ranges for kind, ranges in found.items() if ranges}
