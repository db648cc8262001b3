"""Tuning jobs: real training jobs, the best of them first, through the API and as a pipeline's step."""

from __future__ import annotations

import random
import re
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cloud import CloudServer, eventually
from sagemaker_requests import CLUSTER, EXECUTION, ROLE, XGBOOST, bucket, channel, definition, join
from test_sagemaker_pipelines import create, finish, start, step, steps

pytestmark = pytest.mark.timeout(900)
KNN = "382416733822.dkr.ecr.us-east-1.amazonaws.com/knn:1"
ENDED = ("Completed", "Failed", "Stopped")


def curve(count: int, seed: int) -> str:
    """Label first: a bent function of two numbers."""
    chance = random.Random(seed)
    drawn = [(chance.uniform(-2, 2), chance.uniform(-2, 2)) for _ in range(count)]
    return "\n".join(f"{x * x + y + chance.gauss(0, 0.1):.4f},{x:.4f},{y:.4f}" for x, y in drawn)


@pytest.fixture(scope="module")
def store(cloud_server: CloudServer) -> str:
    s3 = bucket(cloud_server, "tuning")
    for name, seed in (("train", 1), ("test", 2), ("validation", 3)):
        s3.put_object(Bucket="tuning", Key=f"{name}/rows.csv", Body=curve(300, seed))
    return "tuning"


def tuned(image: str, objective: str, ranges: dict[str, Any], static: dict[str, str], **config: Any) -> dict[str, Any]:
    second = objective.partition(":")[0]
    return {
        "HyperParameterTuningJobConfig": {
            "Strategy": "Bayesian",
            "HyperParameterTuningJobObjective": {"Type": "Minimize", "MetricName": objective},
            "ResourceLimits": {"MaxNumberOfTrainingJobs": 5, "MaxParallelTrainingJobs": 1},
            "ParameterRanges": ranges,
            "RandomSeed": 3,
        }
        | config,
        "TrainingJobDefinition": {
            "StaticHyperParameters": static,
            "AlgorithmSpecification": {"TrainingImage": image, "TrainingInputMode": "File"},
            "RoleArn": ROLE,
            "InputDataConfig": [channel("train", "s3://tuning/train"), channel(second, f"s3://tuning/{second}")],
            "OutputDataConfig": {"S3OutputPath": "s3://tuning/models"},
            "ResourceConfig": CLUSTER,
            "StoppingCondition": {"MaxRuntimeInSeconds": 300},
        },
    }


NEIGHBOURS = {"IntegerParameterRanges": [{"Name": "k", "MinValue": "1", "MaxValue": "120"}]}
KNN_STATIC = {"feature_dim": "2", "sample_size": "300", "predictor_type": "regressor"}
DEPTH = {"IntegerParameterRanges": [{"Name": "max_depth", "MinValue": "1", "MaxValue": "6"}]}


def ended(cloud: CloudServer, name: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        found: dict[str, Any] = cloud.client("sagemaker").describe_hyper_parameter_tuning_job(
            HyperParameterTuningJobName=name
        )
        return found if found["HyperParameterTuningJobStatus"] in ENDED else None

    return eventually(look, 60, f"the end of {name}")


def tune(cloud: CloudServer, name: str, asked: dict[str, Any]) -> dict[str, Any]:
    cloud.client("sagemaker").create_hyper_parameter_tuning_job(HyperParameterTuningJobName=name, **asked)
    return ended(cloud, name)


def trials(cloud: CloudServer, name: str, **more: Any) -> list[dict[str, Any]]:
    found = cloud.client("sagemaker").list_training_jobs_for_hyper_parameter_tuning_job(
        HyperParameterTuningJobName=name, **more
    )
    return list(found["TrainingJobSummaries"])


@pytest.fixture(scope="module")
def neighbours(cloud_server: CloudServer, store: str) -> dict[str, Any]:
    return tune(cloud_server, "neighbours", tuned(KNN, "test:mse", NEIGHBOURS, KNN_STATIC))


def test_the_best_of_real_training_jobs_is_named(cloud_server: CloudServer, neighbours: dict[str, Any]) -> None:
    found = trials(cloud_server, "neighbours", SortBy="FinalObjectiveMetricValue")

    values = [each["FinalHyperParameterTuningJobObjectiveMetric"]["Value"] for each in found]
    assert neighbours["HyperParameterTuningJobStatus"] == "Completed"
    assert (
        neighbours["TrainingJobStatusCounters"]["Completed"] == neighbours["ObjectiveStatusCounters"]["Succeeded"] == 5
    )
    assert values == sorted(values)
    assert neighbours["BestTrainingJob"]["TrainingJobName"] == found[0]["TrainingJobName"]
    assert values[0] < 0.7 * values[-1]


def test_a_trial_is_a_training_job_like_any_other(cloud_server: CloudServer, neighbours: dict[str, Any]) -> None:
    first = trials(cloud_server, "neighbours")[0]

    job = cloud_server.client("sagemaker").describe_training_job(TrainingJobName=first["TrainingJobName"])
    assert first["TrainingJobName"].startswith("neighbours-001-")
    assert job["TuningJobArn"] == neighbours["HyperParameterTuningJobArn"]
    assert job["HyperParameters"] == KNN_STATIC | first["TunedHyperParameters"] | {
        "_tuning_objective_metric": "test:mse"
    }


def test_the_same_seed_tries_the_same(cloud_server: CloudServer, neighbours: dict[str, Any]) -> None:
    tune(cloud_server, "neighbours-again", tuned(KNN, "test:mse", NEIGHBOURS, KNN_STATIC))

    both = [
        [each["TunedHyperParameters"] for each in trials(cloud_server, name)]
        for name in ("neighbours", "neighbours-again")
    ]
    assert both[0] == both[1]


def test_a_pipeline_goes_on_with_the_best_model(cloud_server: CloudServer, store: str) -> None:
    asked = tuned(XGBOOST, "validation:rmse", DEPTH, {"num_round": "8"})
    limits = {"MaxNumberOfTrainingJobs": 4, "MaxParallelTrainingJobs": 2}
    asked["HyperParameterTuningJobConfig"]["ResourceLimits"] = limits
    asked["TrainingJobDefinition"]["OutputDataConfig"] = {"S3OutputPath": join("s3://tuning/runs", EXECUTION)}
    best = {"Get": "Steps.TuneTheBooster.BestTrainingJob.TrainingJobName"}
    top = {"Get": "Steps.TuneTheBooster.TrainingJobSummaries[0].TrainingJobName"}
    model = {
        "ExecutionRoleArn": ROLE,
        "PrimaryContainer": {
            "Image": XGBOOST,
            "ModelDataUrl": join("s3:/", "tuning", "runs", EXECUTION, top, "output/model.tar.gz"),
            "Environment": {"BEST": best},
        },
    }
    create(cloud_server, "tuned", definition(step("TuneTheBooster", asked, "Tuning"), step("Keep", model, "Model")))

    arn = start(cloud_server, "tuned")

    assert finish(cloud_server, arn)["PipelineExecutionStatus"] == "Succeeded", steps(cloud_server, arn)
    found = steps(cloud_server, arn)
    name = found["TuneTheBooster"]["Metadata"]["TuningJob"]["Arn"].rpartition("/")[2]
    kept = cloud_server.client("sagemaker").describe_model(
        ModelName=found["Keep"]["Metadata"]["Model"]["Arn"].rpartition("/")[2]
    )
    winner = ended(cloud_server, name)["BestTrainingJob"]["TrainingJobName"]
    assert re.fullmatch(rf"{arn.rpartition('/')[2]}-TuneTheB-[A-Za-z0-9]{{10}}", name)
    assert (len(name), len(winner)) == (32, 45)
    assert kept["PrimaryContainer"]["Environment"] == {"BEST": winner}
    assert winner in kept["PrimaryContainer"]["ModelDataUrl"]


def test_training_jobs_that_all_fail_fail_the_tuning(cloud_server: CloudServer, store: str) -> None:
    static = KNN_STATIC | {"feature_dim": "7"}

    found = tune(cloud_server, "hopeless", tuned(KNN, "test:mse", NEIGHBOURS, static))

    assert (found["HyperParameterTuningJobStatus"], found["TrainingJobStatusCounters"]["NonRetryableError"]) == (
        "Failed",
        5,
    )
    assert "All training jobs failed" in found["FailureReason"]
    assert "feature_dim is 7" in trials(cloud_server, "hopeless")[0]["FailureReason"]


def test_a_stop_ends_the_training_and_keeps_what_there_is(cloud_server: CloudServer, store: str) -> None:
    asked = tuned(XGBOOST, "validation:rmse", DEPTH, {"num_round": "1000000"})
    sagemaker = cloud_server.client("sagemaker")
    sagemaker.create_hyper_parameter_tuning_job(HyperParameterTuningJobName="endless", **asked)
    eventually(
        lambda: [
            each for each in trials(cloud_server, "endless") if "FinalHyperParameterTuningJobObjectiveMetric" in each
        ]
    )

    sagemaker.stop_hyper_parameter_tuning_job(HyperParameterTuningJobName="endless")

    found = ended(cloud_server, "endless")
    assert found["HyperParameterTuningJobStatus"] == "Stopped"
    assert found["TrainingJobStatusCounters"] == {
        "Completed": 0, "InProgress": 0, "RetryableError": 0, "NonRetryableError": 0, "Stopped": 1,
    }  # fmt: skip


def test_early_stopping_ends_what_falls_behind(cloud_server: CloudServer, store: str) -> None:
    eta = {"ContinuousParameterRanges": [{"Name": "eta", "MinValue": "0.0001", "MaxValue": "0.9"}]}
    asked = tuned(
        XGBOOST, "validation:rmse", eta, {"num_round": "3000"}, TrainingJobEarlyStoppingType="Auto", Strategy="Random",
    )  # fmt: skip
    asked["HyperParameterTuningJobConfig"]["ResourceLimits"]["MaxNumberOfTrainingJobs"] = 8

    found = tune(cloud_server, "early", asked)

    assert found["TrainingJobStatusCounters"]["Stopped"] >= 1
    assert found["TrainingJobStatusCounters"]["Completed"] >= 3


def test_a_target_that_is_met_ends_the_tuning(cloud_server: CloudServer, store: str) -> None:
    asked = tuned(
        KNN, "test:mse", NEIGHBOURS, KNN_STATIC, TuningJobCompletionCriteria={"TargetObjectiveMetricValue": 100.0}
    )

    assert tune(cloud_server, "satisfied", asked)["TrainingJobStatusCounters"]["Completed"] == 1


def test_what_cannot_be_tuned_is_refused(cloud_server: CloudServer) -> None:
    asked = tuned(KNN, "validation:mse", NEIGHBOURS, KNN_STATIC)

    with pytest.raises(ClientError, match=r"validation:mse is not among the metrics of the training job: test:mse"):
        cloud_server.client("sagemaker").create_hyper_parameter_tuning_job(HyperParameterTuningJobName="no", **asked)


def test_a_tuning_job_is_listed_by_name_and_status(cloud_server: CloudServer, neighbours: dict[str, Any]) -> None:
    found = cloud_server.client("sagemaker").list_hyper_parameter_tuning_jobs(
        NameContains="neighbours", StatusEquals="Completed", SortBy="Name", SortOrder="Ascending"
    )

    assert found["HyperParameterTuningJobSummaries"][0]["HyperParameterTuningJobName"] == "neighbours"
