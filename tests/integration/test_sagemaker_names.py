"""Names that AWS's API refuses are refused by every operation that makes something, before it makes anything."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from cloud import CloudServer
from sagemaker_requests import CLUSTER, ROLE, XGBOOST, channel, definition, processing, training

ROWS = [channel("train", "s3://names/in/")]
TUNED = {
    "HyperParameterTuningJobConfig": {"Strategy": "Random", "ResourceLimits": {"MaxParallelTrainingJobs": 1}},
    "TrainingJobDefinition": {
        name: given for name, given in training("s3://names/out", ROWS, {}).items() if name != "HyperParameters"
    },
}
ANSWERED = {
    "ModelName": "none",
    "TransformInput": {"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://names/in/"}}},
    "TransformOutput": {"S3OutputPath": "s3://names/out"},
    "TransformResources": {"InstanceType": CLUSTER["InstanceType"], "InstanceCount": 1},
}
PIPELINE = {"PipelineDefinition": definition(), "RoleArn": ROLE}
MADE = {  # operation -> what names the thing, its longest, all else that a client wants
    "create_training_job": ("TrainingJobName", 63, training("s3://names/out", ROWS, {})),
    "create_processing_job": ("ProcessingJobName", 63, processing(["true"])),
    "create_hyper_parameter_tuning_job": ("HyperParameterTuningJobName", 32, TUNED),
    "create_transform_job": ("TransformJobName", 63, ANSWERED),
    "create_model": ("ModelName", 63, {"ExecutionRoleArn": ROLE, "PrimaryContainer": {"Image": XGBOOST}}),
    "create_endpoint_config": ("EndpointConfigName", 63, {"ProductionVariants": [{"VariantName": "one"}]}),
    "create_endpoint": ("EndpointName", 63, {"EndpointConfigName": "none"}),
    "create_model_package_group": ("ModelPackageGroupName", 63, {}),
    "create_pipeline": ("PipelineName", 256, PIPELINE),
}


@pytest.mark.parametrize("operation", MADE)
def test_a_name_of_one_character_too_many_makes_nothing(cloud_server: CloudServer, operation: str) -> None:
    assert f"Member must have length less than or equal to {MADE[operation][1]}" in refusal(
        cloud_server, operation, "n" * (MADE[operation][1] + 1)
    )


@pytest.mark.parametrize("operation", MADE)
@pytest.mark.parametrize("name", ["under_score", "back-", "a b"])
def test_a_name_of_another_form_makes_nothing(cloud_server: CloudServer, operation: str, name: str) -> None:
    assert "Member must satisfy regular expression pattern: [a-zA-Z0-9]" in refusal(cloud_server, operation, name)


def refusal(cloud: CloudServer, operation: str, name: str) -> str:
    parameter, _, more = MADE[operation]
    call: Any = getattr(cloud.client("sagemaker"), operation)
    with pytest.raises(ClientError) as refused:
        call(**{parameter: name, **more})
    assert refused.value.response["Error"]["Code"] == "ValidationException"
    return str(refused.value)
