"""Resources of SageMaker with everything set that may be, and waiting for what becomes of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cloud import CloudServer, eventually
from packing import tar_gz
from sagemaker_requests import ROLE, XGBOOST, bucket, definition, processing, python, s3_output, training

STORE = "members"
VPC = {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]}
KEY = "arn:aws:kms:us-east-1:123456789012:key/0"
SCRIPT = "def model_fn(folder):\n    return 1\ndef predict_fn(data, model):\n    return [1.0]\n"
FAIL = {"Name": "Stop", "Type": "Fail", "Arguments": {"ErrorMessage": "over"}}


def ended(cloud: CloudServer, kind: str, name: str) -> dict[str, Any]:
    describe = getattr(cloud.client("sagemaker"), f"describe_{kind}_job")

    def look() -> dict[str, Any] | None:
        found: dict[str, Any] = describe(**{f"{kind.title()}JobName": name})
        return found if found[f"{kind.title()}JobStatus"] in ("Completed", "Failed", "Stopped") else None

    return eventually(look, 60, name)


def own_training(source: str, **more: Any) -> dict[str, Any]:
    """A training job that is a script of ours, without data."""
    request = training(f"s3://{STORE}/out", [], {}, **more)
    del request["InputDataConfig"]
    request["AlgorithmSpecification"] |= {"ContainerEntrypoint": python(source)}
    return request


def settled(cloud: CloudServer, name: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        found: dict[str, Any] = cloud.client("sagemaker").describe_endpoint(EndpointName=name)
        return found if found["EndpointStatus"] in ("InService", "Failed") else None

    return eventually(look, 60, name)


def script_model(cloud: CloudServer, name: str = "members") -> str:
    """A model in script mode, made once."""
    sagemaker, s3 = cloud.client("sagemaker"), bucket(cloud, STORE)
    if not sagemaker.list_models(NameContains=name)["Models"]:
        s3.put_object(Bucket=STORE, Key="model.tar.gz", Body=tar_gz({"code/inference.py": SCRIPT.encode()}))
        environment = {"SAGEMAKER_PROGRAM": "inference.py", "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code"}
        container = {"Image": XGBOOST, "ModelDataUrl": f"s3://{STORE}/model.tar.gz", "Environment": environment}
        sagemaker.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=container)
    return name


def variant(name: str, model: str, count: int = 1, weight: float = 1.0, **more: Any) -> dict[str, Any]:
    return {
        "VariantName": name, "ModelName": model, "InstanceType": "ml.m5.large", "InitialInstanceCount": count,
        "InitialVariantWeight": weight,
    } | more  # fmt: skip


NETWORK = {"EnableNetworkIsolation": True, "VpcConfig": VPC, "EnableInterContainerTrafficEncryption": True}
COMPONENT = {"TrialComponentDisplayName": "First"}
DISK = {"VolumeSizeInGB": 7, "VolumeKmsKeyId": KEY}


def full_processing(cloud: CloudServer) -> dict[str, Any]:
    request = processing(python("1"), outputs=[s3_output("o", f"s3://{STORE}/o")], NetworkConfig=NETWORK)
    request["ProcessingResources"] = {"ClusterConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, **DISK}}
    request["ProcessingOutputConfig"]["KmsKeyId"] = KEY
    return {"ProcessingJobName": "full", "ExperimentConfig": COMPONENT, **request}


def full_training(cloud: CloudServer) -> dict[str, Any]:
    request = own_training("1", **NETWORK, RetryStrategy={"MaximumRetryAttempts": 3})
    request["ResourceConfig"] = {"InstanceType": "ml.m5.large", "InstanceCount": 1, **DISK}
    request["OutputDataConfig"]["KmsKeyId"] = KEY
    return {"TrainingJobName": "full", "ExperimentConfig": COMPONENT, **request}


def full_transform(cloud: CloudServer) -> dict[str, Any]:
    source = {"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{STORE}/nothing"}}}
    return {
        "TransformJobName": "full", "ModelName": script_model(cloud), "TransformInput": source,
        "TransformOutput": {"S3OutputPath": f"s3://{STORE}/out", "KmsKeyId": KEY},
        "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeKmsKeyId": KEY},
        "ExperimentConfig": COMPONENT,
    }  # fmt: skip


def full_model(cloud: CloudServer) -> dict[str, Any]:
    script_model(cloud)
    container = {
        "Image": XGBOOST, "ModelDataUrl": f"s3://{STORE}/model.tar.gz", "ContainerHostname": "first",
        "ImageConfig": {"RepositoryAccessMode": "Platform"},
    }  # fmt: skip
    return {
        "ModelName": "full", "ExecutionRoleArn": ROLE, "PrimaryContainer": container, "VpcConfig": VPC,
        "EnableNetworkIsolation": True,
    }  # fmt: skip


def full_config(cloud: CloudServer) -> dict[str, Any]:
    own = {
        "VolumeSizeInGB": 7, "ModelDataDownloadTimeoutInSeconds": 100,
        "RoutingConfig": {"RoutingStrategy": "LEAST_OUTSTANDING_REQUESTS"},
    }  # fmt: skip
    return {
        "EndpointConfigName": "full",
        "ProductionVariants": [variant("a", script_model(cloud), **own)],
        "KmsKeyId": KEY,
    }


def full_group(cloud: CloudServer) -> dict[str, Any]:
    return {"ModelPackageGroupName": "full", "ModelPackageGroupDescription": "all that can be said"}


def full_package(cloud: CloudServer) -> dict[str, Any]:
    report = {"ContentType": "application/json", "S3Uri": f"s3://{STORE}/report.json"}
    containers = [{"Image": XGBOOST, "ModelDataUrl": f"s3://{STORE}/model.tar.gz"}]
    return {
        "ModelPackageName": "full", "ModelPackageDescription": "all that can be said",
        "InferenceSpecification": {"Containers": containers, "SupportedContentTypes": ["text/csv"]},
        "CustomerMetadataProperties": {"a": "b"}, "SourceUri": "https://example.com",
        "ModelCard": {"ModelCardContent": "{}", "ModelCardStatus": "Draft"},
        "ModelLifeCycle": {"Stage": "Development", "StageStatus": "Approved"},
        "MetadataProperties": {"CommitId": "abc"}, "ModelMetrics": {"ModelQuality": {"Statistics": report}},
        "Domain": "MACHINE_LEARNING", "Task": "CLASSIFICATION", "SamplePayloadUrl": f"s3://{STORE}/sample",
        "DriftCheckBaselines": {"ModelQuality": {"Statistics": report}},
        "AdditionalInferenceSpecifications": [{"Name": "other", "Containers": containers}],
        "SkipModelValidation": "All", "SecurityConfig": {"KmsKeyId": KEY},
    }  # fmt: skip


def full_pipeline(cloud: CloudServer) -> dict[str, Any]:
    return {
        "PipelineName": "full", "PipelineDisplayName": "Full", "PipelineDescription": "all that can be said",
        "PipelineDefinition": definition(FAIL), "RoleArn": ROLE,
    }  # fmt: skip


FULL: dict[str, tuple[str, Callable[[CloudServer], dict[str, Any]]]] = {
    "processing_job": ("ProcessingJobName", full_processing),
    "training_job": ("TrainingJobName", full_training),
    "transform_job": ("TransformJobName", full_transform),
    "model": ("ModelName", full_model),
    "endpoint_config": ("EndpointConfigName", full_config),
    "model_package_group": ("ModelPackageGroupName", full_group),
    "model_package": ("ModelPackageName", full_package),
    "pipeline": ("PipelineName", full_pipeline),
}


def over(cloud: CloudServer, arn: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        found: dict[str, Any] = cloud.client("sagemaker").describe_pipeline_execution(PipelineExecutionArn=arn)
        return found if found["PipelineExecutionStatus"] in ("Failed", "Succeeded", "Stopped") else None

    return eventually(look, 60, arn)
