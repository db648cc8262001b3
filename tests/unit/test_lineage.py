"""Lineage from descriptions: what AWS makes by itself for a job and for a version."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from localcloud.sagemaker.lineage.entities import Place, entities, of_job, of_package

AT = datetime(2026, 3, 14, tzinfo=UTC)
PLACE = Place(lambda kind, name: f"arn:aws:sagemaker:us-east-1:123456789012:{kind}/{name}")
IMAGE, MODEL = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1", "s3://b/m/model.tar.gz"


def described(kind: str, **more: Any) -> dict[str, Any]:
    arn = PLACE.arn(f"{kind.lower()}-job", "Fit")
    return {f"{kind}JobName": "Fit", f"{kind}JobArn": arn, "CreationTime": AT, **more}


def source(uri: str) -> dict[str, Any]:
    return {"DataSource": {"S3DataSource": {"S3Uri": uri}}}


TRAINING = described(
    "Training",
    AlgorithmSpecification={"TrainingImage": IMAGE},
    InputDataConfig=[source("s3://b/train"), source("s3://b/validation"), source("s3://b/train")],
    ModelArtifacts={"S3ModelArtifacts": MODEL},
    CheckpointConfig={"S3Uri": "s3://b/checkpoints"},
)
PROCESSING = described(
    "Processing",
    AppSpecification={"ImageUri": IMAGE},
    ProcessingInputs=[{"S3Input": {"S3Uri": "s3://b/raw"}}],
    ProcessingOutputConfig={"Outputs": [{"S3Output": {"S3Uri": "s3://b/train"}}]},
)
TRANSFORM = described(
    "Transform", TransformInput=source("s3://b/batch"), TransformOutput={"S3OutputPath": "s3://b/out"}
)


@pytest.mark.parametrize(
    ("kind", "job", "inputs", "outputs"),
    [
        (
            "Training",
            TRAINING,
            [("Image", IMAGE), ("DataSet", "s3://b/train"), ("DataSet", "s3://b/validation")],
            [("Model", MODEL), ("Checkpoint", "s3://b/checkpoints")],
        ),
        ("Processing", PROCESSING, [("Image", IMAGE), ("DataSet", "s3://b/raw")], [("DataSet", "s3://b/train")]),
        ("Transform", TRANSFORM, [("DataSet", "s3://b/batch")], [("DataSet", "s3://b/out")]),
    ],
)
def test_what_goes_into_a_job_contributes_and_what_comes_out_is_produced(
    kind: str, job: dict[str, Any], inputs: list[tuple[str, str]], outputs: list[tuple[str, str]]
) -> None:
    found = of_job(kind, job, PLACE)

    into = [(each.source.type, each.source.source) for each in found if each.type == "ContributedTo"]
    out = [(each.destination.type, each.destination.source) for each in found if each.type == "Produced"]
    assert (into, out) == (inputs, outputs)
    (component,) = {end for each in found for end in (each.source, each.destination) if end.name}
    assert component.arn.endswith(f"experiment-trial-component/fit-aws-{kind.lower()}-job")


def test_a_version_has_its_model_and_image_a_decision_and_its_group() -> None:
    package = {
        "ModelPackageArn": PLACE.arn("model-package", "churn/2"), "ModelPackageVersion": 2, "CreationTime": AT,
        "ModelApprovalStatus": "Approved",
        "InferenceSpecification": {"Containers": [{"Image": IMAGE, "ModelDataUrl": MODEL}]},
    }  # fmt: skip
    group = {
        "ModelPackageGroupName": "churn", "CreationTime": AT,
        "ModelPackageGroupArn": PLACE.arn("model-package-group", "churn"),
    }  # fmt: skip

    found = of_package(package, group, PLACE)

    moment = int(AT.timestamp())
    assert [(each.source.type, each.type, each.destination.type) for each in found] == [
        ("Model", "ContributedTo", "Model"), ("Image", "ContributedTo", "Model"),
        ("Approval", "ContributedTo", "Model"), ("Model", "AssociatedWith", "ModelGroup"),
    ]  # fmt: skip
    assert found[2].source.name == f"churn-2-Approved-{moment}-aws-model-package"
    assert found[3].destination.name == f"churn-{moment}-aws-model-group"


def test_what_one_job_leaves_and_another_takes_is_one_artifact() -> None:
    known = entities(of_job("Training", TRAINING, PLACE) + of_job("Processing", PROCESSING, PLACE))

    assert [entity.source for entity in known.values()].count("s3://b/train") == 1
