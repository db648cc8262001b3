"""What DescribeTrainingJob says beyond what was asked for: defaults filled in, and a sentence for each status. Pure.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeTrainingJob.html,
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_SecondaryStatusTransition.html, and answers of real
accounts in public, for which members are there when they were not asked for: a ``KmsKeyId`` without a key is ``""``,
and SDK v2 reads it unasked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localcloud.sagemaker.jobs.job_requests import metric_definitions

MESSAGES: Mapping[str, str] = {  # by secondary status
    "Starting": "Preparing the instances for training",
    "Downloading": "Downloading input data",
    "Training": "Training image download completed. Training in progress.",
    "Uploading": "Uploading generated training model",
    "Stopping": "Stopping the training job",
    "Completed": "Training job completed",
    "Failed": "Training job failed",
    "Stopped": "Training job stopped",
    "MaxRuntimeExceeded": "Training job runtime exceeded MaxRuntimeInSeconds provided",
}
FLAGS = ("EnableNetworkIsolation", "EnableInterContainerTrafficEncryption", "EnableManagedSpotTraining")


def training_description(request: Mapping[str, Any]) -> dict[str, Any]:
    """A CreateTrainingJob request as it is described."""
    found = filled_in(request)
    found["AlgorithmSpecification"] = {"EnableSageMakerMetricsTimeSeries": False, **found["AlgorithmSpecification"]}
    found["ProfilingStatus"] = "Disabled"  # nobody profiles here
    return found


def filled_in(training: Mapping[str, Any]) -> dict[str, Any]:
    """What a training job and a tuning job's definition of its training jobs have alike, with its defaults."""
    found = dict.fromkeys(FLAGS, False) | dict(training)
    specification = training["AlgorithmSpecification"]
    found["AlgorithmSpecification"] = dict(specification)
    if definitions := metric_definitions(specification):
        found["AlgorithmSpecification"]["MetricDefinitions"] = definitions
    found["OutputDataConfig"] = {"KmsKeyId": "", "CompressionType": "GZIP", **training["OutputDataConfig"]}
    if training.get("InputDataConfig"):
        found["InputDataConfig"] = [_channel(channel) for channel in training["InputDataConfig"]]
    return found


def _channel(channel: Mapping[str, Any]) -> dict[str, Any]:
    found = {"CompressionType": "None", "RecordWrapperType": "None", **channel}
    source = (channel.get("DataSource") or {}).get("S3DataSource")
    if source:
        found["DataSource"] = {"S3DataSource": {"S3DataDistributionType": "FullyReplicated", **source}}
    return found
