"""Jobs that ran when the cloud was killed are Stopped when it starts again, each kind with its event."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from cloud import CloudServer, kill_cloud, start_cloud, stop_cloud
from sagemaker_requests import bucket, channel, processing, python, rows, training
from sagemaker_resources import FULL, STORE, own_training

pytestmark = pytest.mark.timeout(900)
SLEEP = "import time; time.sleep(600)"
WHY = "the local cloud was started again while this ran"
KINDS = ("Processing", "Training", "Transform", "HyperParameterTuning")


def start_jobs(cloud: CloudServer) -> None:
    """A job of each kind: the first two take this machine's places, the others wait for one."""
    sagemaker = cloud.client("sagemaker")
    bucket(cloud, STORE).put_object(Bucket=STORE, Key="train/rows.csv", Body=rows(60))
    sagemaker.create_processing_job(ProcessingJobName="cut-off", **processing(python(SLEEP)))
    sagemaker.create_training_job(TrainingJobName="cut-off", **own_training(SLEEP))
    sagemaker.create_transform_job(**FULL["transform_job"][1](cloud) | {"TransformJobName": "cut-off"})
    definition = training(f"s3://{STORE}/out", [channel("train", f"s3://{STORE}/train")], {})
    del definition["HyperParameters"]
    config = {
        "Strategy": "Random", "ResourceLimits": {"MaxNumberOfTrainingJobs": 1, "MaxParallelTrainingJobs": 1},
        "HyperParameterTuningJobObjective": {"Type": "Minimize", "MetricName": "validation:logloss"},
        "ParameterRanges": {"ContinuousParameterRanges": [{"Name": "eta", "MinValue": "0.1", "MaxValue": "0.5"}]},
    }  # fmt: skip
    sagemaker.create_hyper_parameter_tuning_job(
        HyperParameterTuningJobName="cut-off",
        HyperParameterTuningJobConfig=config,
        TrainingJobDefinition=definition | {"StaticHyperParameters": {"num_round": "2"}},
    )


def described(cloud: CloudServer) -> dict[str, dict[str, Any]]:
    sagemaker = cloud.client("sagemaker")
    return {
        "Processing": sagemaker.describe_processing_job(ProcessingJobName="cut-off"),
        "Training": sagemaker.describe_training_job(TrainingJobName="cut-off"),
        "Transform": sagemaker.describe_transform_job(TransformJobName="cut-off"),
        "HyperParameterTuning": sagemaker.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName="cut-off"),
    }


def test_jobs_that_were_cut_off_are_stopped_and_told_of(tmp_path: Path) -> None:
    first = start_cloud(tmp_path, 0, "--keep")
    start_jobs(first)
    kill_cloud(first)
    second = start_cloud(tmp_path, 0, "--keep")
    try:
        found, told = described(second), second.page("events")
    finally:
        stop_cloud(second)

    assert {kind: found[kind][f"{kind}JobStatus"] for kind in KINDS} == dict.fromkeys(KINDS, "Stopped")
    assert {kind: found[kind]["FailureReason"] for kind in KINDS} == dict.fromkeys(KINDS, WHY)
    assert found["Processing"]["ExitMessage"] == WHY
    assert found["Training"]["SecondaryStatus"] == "Stopped"
    assert all("EndTime" in change for change in found["Training"]["SecondaryStatusTransitions"])
    stopped = {
        event["detail-type"]
        for event in told
        if "Stopped" in (event["detail"].get(f"{kind}JobStatus") for kind in KINDS)
    }
    assert stopped == {
        "SageMaker Processing Job State Change",
        "SageMaker Training Job State Change",
        "SageMaker Transform Job State Change",
        "SageMaker HyperParameter Tuning Job State Change",
    }
