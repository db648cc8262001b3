"""Requests for jobs and pipelines, small enough to read, and scripts that name /opt/ml outright."""

from __future__ import annotations

import json
import random
from typing import Any

ROLE = "arn:aws:iam::123456789012:role/jobs"
XGBOOST = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.2-0"
CLUSTER = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 30}
ENDED = ("Completed", "Failed", "Stopped")


def bucket(cloud: Any, name: str) -> Any:
    """An S3 client, with the bucket there."""
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket=name)
    return s3


def s3_input(name: str, uri: str, **more: Any) -> dict[str, Any]:
    source = {"S3Uri": uri, "LocalPath": f"/opt/ml/processing/{name}", "S3DataType": "S3Prefix", "S3InputMode": "File"}
    return {"InputName": name, "S3Input": source | more}


def s3_output(name: str, uri: str, mode: str = "EndOfJob") -> dict[str, Any]:
    return {
        "OutputName": name,
        "S3Output": {"S3Uri": uri, "LocalPath": f"/opt/ml/processing/{name}", "S3UploadMode": mode},
    }


def processing(command: list[str], inputs: Any = (), outputs: Any = (), **more: Any) -> dict[str, Any]:
    return {
        "ProcessingResources": {"ClusterConfig": CLUSTER},
        "AppSpecification": {"ImageUri": XGBOOST, "ContainerEntrypoint": command},
        "RoleArn": ROLE,
        "ProcessingInputs": list(inputs),
        "ProcessingOutputConfig": {"Outputs": list(outputs)},
    } | more


def python(source: str) -> list[str]:
    return ["python3", "-c", source]


def channel(name: str, uri: Any) -> dict[str, Any]:
    source = {"S3DataType": "S3Prefix", "S3Uri": uri, "S3DataDistributionType": "FullyReplicated"}
    return {"ChannelName": name, "ContentType": "text/csv", "DataSource": {"S3DataSource": source}}


def training(output: Any, channels: list[Any], hyperparameters: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "AlgorithmSpecification": {"TrainingImage": XGBOOST, "TrainingInputMode": "File"},
        "RoleArn": ROLE,
        "OutputDataConfig": {"S3OutputPath": output},
        "ResourceConfig": CLUSTER,
        "StoppingCondition": {"MaxRuntimeInSeconds": 300},
        "HyperParameters": hyperparameters,
        "InputDataConfig": channels,
    } | more


def rows(count: int, seed: int = 1) -> str:
    """Label first: whether two numbers sum to more than one."""
    chance = random.Random(seed)
    drawn = [(chance.random(), chance.random()) for _ in range(count)]
    return "\n".join(f"{int(x + y > 1)},{x:.4f},{y:.4f}" for x, y in drawn)


def definition(*steps: dict[str, Any], parameters: Any = ()) -> str:
    return json.dumps({"Version": "2020-12-01", "Metadata": {}, "Parameters": list(parameters), "Steps": list(steps)})


def join(*values: Any) -> dict[str, Any]:
    return {"Std:Join": {"On": "/", "Values": list(values)}}


EXECUTION = {"Get": "Execution.PipelineExecutionId"}
