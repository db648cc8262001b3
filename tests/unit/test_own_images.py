"""What a pipeline's definition says of images that nobody here can run, by table."""

from __future__ import annotations

from typing import Any

import pytest

from localcloud.sagemaker.pipelines.definition import parse
from localcloud.sagemaker.pipelines.step_types.registry import STEP_TYPES, problems

OWN = "123456789012.dkr.ecr.us-east-1.amazonaws.com/mine:latest"
XGBOOST = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"
SCRIPT = {"sagemaker_program": "train.py"}
PROGRAM = ["python3", "/opt/ml/processing/input/code/run.py"]


def processing(**specification: Any) -> dict[str, Any]:
    return {"Type": "Processing", "Arguments": {"AppSpecification": specification}}


def training(image: Any, hyperparameters: dict[str, str] | None = None) -> dict[str, Any]:
    specification = {"TrainingImage": image, "TrainingInputMode": "File"}
    return {
        "Type": "Training",
        "Arguments": {"AlgorithmSpecification": specification, "HyperParameters": hyperparameters or {}},
    }


def tuning(image: str, static: dict[str, str]) -> dict[str, Any]:
    job = {"AlgorithmSpecification": {"TrainingImage": image}, "StaticHyperParameters": static}
    return {"Type": "Tuning", "Arguments": {"TrainingJobDefinition": job}}


@pytest.mark.parametrize(
    ("step", "refused"),
    [
        (processing(ImageUri=XGBOOST, ContainerEntrypoint=PROGRAM), False),
        (processing(ImageUri=OWN, ContainerEntrypoint=PROGRAM), False),
        (processing(ImageUri=OWN), True),
        (processing(ImageUri={"Get": "Parameters.Image"}), False),
        (training(XGBOOST), False),
        (training(OWN), True),
        (training(OWN, SCRIPT), False),
        (training({"Get": "Parameters.Image"}), False),
        (tuning(XGBOOST, {}), False),
        (tuning(OWN, {}), True),
        (tuning(OWN, SCRIPT), False),
    ],
)
def test_an_image_of_ones_own_is_refused_where_nothing_says_what_to_run(step: dict[str, Any], refused: bool) -> None:
    document = {
        "Version": "2020-12-01",
        "Parameters": [{"Name": "Image", "Type": "String"}],
        "Steps": [{"Name": "Step", **step}],
    }

    found = problems(parse(document, STEP_TYPES).steps.values())

    assert [OWN in sentence and sentence.startswith("step Step: ") for sentence in found] == ([True] if refused else [])
