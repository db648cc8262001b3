"""What a CreateHyperParameterTuningJob request asks for, checked; and the training jobs that it stands for. Pure.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_HyperParameterTuningJobConfig.html and
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_HyperbandStrategyConfig.html
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from localcloud.sagemaker.jobs.job_requests import metric_definitions
from localcloud.sagemaker.jobs.training_description import filled_in
from localcloud.sagemaker.tuning.tuning_ranges import BadTuning, Range, Words, ranges_of
from localcloud.sagemaker.tuning.tuning_search import Grid, Sampled, Search

OBJECTIVE = "_tuning_objective_metric"
EPOCHS = ("epochs", "numepochs", "n-epochs", "n_epochs", "num_epochs")
PASSED_ON = (
    "AlgorithmSpecification", "RoleArn", "InputDataConfig", "VpcConfig", "OutputDataConfig", "StoppingCondition",
    "EnableNetworkIsolation", "EnableInterContainerTrafficEncryption", "EnableManagedSpotTraining", "CheckpointConfig",
    "RetryStrategy", "Environment",
)  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """A tuning job, understood. ``target`` and ``patience`` end it early; None: they do not."""

    strategy: str
    ranges: tuple[Range, ...]
    metric: str
    maximise: bool
    max_jobs: int
    parallel: int
    max_runtime_s: float | None
    seed: int | None
    early_stopping: bool
    resources: tuple[int, int] | None
    target: float | None
    patience: int | None
    training: Mapping[str, Any]

    def search(self) -> Search:
        """The strategy, ready to propose."""
        if self.strategy == "Grid":
            return Grid([each for each in self.ranges if isinstance(each, Words)])
        return Sampled(
            self.ranges, self.strategy, maximise=self.maximise, seed=self.seed, parallel=self.parallel,
            resources=self.resources,
        )  # fmt: skip

    def better(self, one: float, other: float) -> bool:
        """Whether ``one`` is a better objective than ``other``."""
        return one > other if self.maximise else one < other

    @property
    def machines(self) -> list[Mapping[str, Any]]:
        """What a trial runs on: the first with capacity of these.

        Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_HyperParameterTuningResourceConfig.html
        """
        if self.training.get("ResourceConfig"):
            return [self.training["ResourceConfig"]]
        several = self.training.get("HyperParameterTuningResourceConfig") or {}
        names = ("InstanceType", "InstanceCount", "VolumeSizeInGB")
        return [
            {name: one[name] for name in names if name in one} for one in several.get("InstanceConfigs") or [several]
        ]

    def request(
        self, name: str, values: Mapping[str, str], resources: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """One trial's CreateTrainingJob request; ``resources`` are the first that it may have, unless given."""
        training = self.training
        static = training.get("StaticHyperParameters") or {}
        found = {key: training[key] for key in PASSED_ON if training.get(key) is not None}
        return found | {
            "TrainingJobName": name,
            "HyperParameters": {**static, **values, OBJECTIVE: self.metric},
            "ResourceConfig": dict(resources or self.machines[0]),
        }

    def described(self) -> dict[str, Any]:
        """The training jobs' definition as it is described: with the objective among the hyperparameters.

        A single type of instance is told as ResourceConfig too. Source: SDK v2 asks for the other way and attaches by
        this one, https://github.com/aws/sagemaker-python-sdk/blob/master-v2/tests/integ/test_tuner.py
        """
        found = filled_in(self.training)
        found["StaticHyperParameters"] = {**(self.training.get("StaticHyperParameters") or {}), OBJECTIVE: self.metric}
        if len(self.machines) == 1:
            found.setdefault("ResourceConfig", self.machines[0])
        return found


def plan_of(request: Mapping[str, Any]) -> Plan:
    """Understand a request.

    Raises:
        BadTuning: it cannot run, here or anywhere.
    """
    training = request.get("TrainingJobDefinition")
    if not training:
        raise BadTuning("TrainingJobDefinition is required")
    config = request["HyperParameterTuningJobConfig"]
    static = training.get("StaticHyperParameters") or {}
    ranges = ranges_of(config.get("ParameterRanges") or training.get("HyperParameterRanges"), static)
    objective = config.get("HyperParameterTuningJobObjective") or training.get("TuningObjective")
    if not objective:
        raise BadTuning("HyperParameterTuningJobObjective is required")
    metric = objective["MetricName"]
    known = [definition["Name"] for definition in metric_definitions(training["AlgorithmSpecification"])]
    if metric not in known:
        raise BadTuning(
            f"Objective metric {metric} is not among the metrics of the training job: {', '.join(known) or 'none'}"
        )
    limits = config["ResourceLimits"]
    strategy = config["Strategy"]
    until = config.get("TuningJobCompletionCriteria") or {}
    return Plan(
        strategy, ranges, metric, objective["Type"] == "Maximize", _max_jobs(strategy, ranges, limits),
        limits["MaxParallelTrainingJobs"], limits.get("MaxRuntimeInSeconds"), config.get("RandomSeed"),
        _early_stopping(config), _hyperband(config, static), until.get("TargetObjectiveMetricValue"),
        (until.get("BestObjectiveNotImproving") or {}).get("MaxNumberOfTrainingJobsNotImproving"), training,
    )  # fmt: skip


def _max_jobs(strategy: str, ranges: tuple[Range, ...], limits: Mapping[str, Any]) -> int:
    asked: int | None = limits.get("MaxNumberOfTrainingJobs")
    if strategy != "Grid":
        if asked is None:
            raise BadTuning("MaxNumberOfTrainingJobs is required")
        return asked
    if not all(isinstance(each, Words) for each in ranges):
        raise BadTuning("Strategy Grid takes CategoricalParameterRanges only")
    combinations = math.prod(len(each.values) for each in ranges if isinstance(each, Words))
    if asked not in (None, combinations):
        raise BadTuning(f"MaxNumberOfTrainingJobs is {asked}, but the grid has {combinations} combinations")
    return combinations


def _early_stopping(config: Mapping[str, Any]) -> bool:
    asked = config.get("TrainingJobEarlyStoppingType") == "Auto"
    if asked and config["Strategy"] == "Hyperband":
        raise BadTuning("TrainingJobEarlyStoppingType must be Off for Hyperband, which stops training jobs by itself")
    return asked


def _hyperband(config: Mapping[str, Any], static: Mapping[str, str]) -> tuple[int, int] | None:
    if config["Strategy"] != "Hyperband":
        return None
    given = (config.get("StrategyConfig") or {}).get("HyperbandStrategyConfig") or {}
    inferred = next((static[name] for name in EPOCHS if name in static), None)
    most = given.get("MaxResource") or (int(inferred) if inferred else None)
    if most is None:
        raise BadTuning(f"Hyperband needs MaxResource, or one of the static hyperparameters {', '.join(EPOCHS)}")
    least = given.get("MinResource") or 1
    if least > most:
        raise BadTuning(f"MinResource {least} is greater than MaxResource {most}")
    return least, most
