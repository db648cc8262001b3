"""Texts in the compiled definitions have the form and length that AWS takes; botocore knows both and checks neither."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.contract.compiled_pipelines import COMPILED, filled, steps_of

OPERATIONS = {
    "Processing": "CreateProcessingJob", "Training": "CreateTrainingJob", "Tuning": "CreateHyperParameterTuningJob",
    "Transform": "CreateTransformJob", "Model": "CreateModel", "RegisterModel": "CreateModelPackage",
}  # fmt: skip
CLASSES = {r"\p{L}": r"\w", r"\p{N}": "", r"\p{Z}": " "}  # Java's, as far as the shapes of these operations have them
BOUND = re.compile(r"\$\{\d+,\d+\}$")  # a length behind the end, which min and max say too
SERVICE = boto3.client("sagemaker", region_name="us-east-1").meta.service_model


def texts(value: Any, shape: Any, where: str) -> Iterator[tuple[str, Any, str]]:
    """Every text with its shape and place; references are left out."""
    if isinstance(value, dict) and any(key == "Get" or key.startswith("Std:") for key in value):
        return
    if shape.type_name == "structure" and isinstance(value, dict):
        for key, inner in value.items():
            yield from texts(inner, shape.members[key], f"{where}.{key}")
    elif shape.type_name == "map":
        for key, inner in value.items():
            yield from texts(key, shape.key, f"{where} key")
            yield from texts(inner, shape.value, f"{where}.{key}")
    elif shape.type_name == "list":
        for at, inner in enumerate(value):
            yield from texts(inner, shape.member, f"{where}[{at}]")
    elif isinstance(value, str):
        yield value, shape, where


def wrong(text: str, shape: Any) -> str:
    """What AWS would have against a text; "" for nothing."""
    rules, pattern = shape.metadata, BOUND.sub("", shape.metadata.get("pattern", ""))
    for java, python in CLASSES.items():
        pattern = pattern.replace(java, python)
    if pattern and not re.fullmatch(pattern, text):
        return f"{text!r} is no {shape.name}: {rules['pattern']}"
    if not rules.get("min", 0) <= len(text) <= rules.get("max", len(text)):
        return f"{text!r} is too short or too long for {shape.name}"
    return ""


@pytest.mark.parametrize("path", COMPILED, ids=lambda path: path.stem)
def test_every_text_is_one_that_aws_takes(path: Path) -> None:
    found = [
        f"{where}: {problem}"
        for step in steps_of(filled(path)["Steps"])
        if step["Type"] in OPERATIONS  # a callback's arguments are a message of ours
        for text, shape, where in texts(
            step["Arguments"], SERVICE.operation_model(OPERATIONS[step["Type"]]).input_shape, step["Name"]
        )
        if (problem := wrong(text, shape))
    ]

    assert found == []


def test_a_comma_in_metadata_is_found() -> None:
    assert "is no CustomerMetadataValue" in wrong("people, pay", SERVICE.shape_for("CustomerMetadataValue"))
