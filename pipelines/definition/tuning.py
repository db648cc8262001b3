"""A training step as a search: a tuning job that looks for the best hyperparameters within the model file's ranges.
Pure: JSON in, JSON out.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateHyperParameterTuningJob.html and
https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps-types.html#step-type-tuning
"""

from collections.abc import Mapping
from typing import Any

from pipelines.definition.algorithms import Algorithm
from pipelines.definition.step_json import Json, get, join, parameter_ranges

STRATEGIES = {"random": "Random", "bayesian": "Bayesian", "hyperband": "Hyperband"}
TUNING = "Tuning"  # what says of a run whether it tunes, beside the parameters of its pipeline
SIZE = {"MaxTuningJobs": "max_jobs", "ParallelTuningJobs": "parallel_jobs"}  # parameter of a run -> the model file's


def is_tuned(model: Mapping[str, Any]) -> bool:
    """Whether the model's file names ranges, so that it has a pipeline that searches beside the one that trains."""
    return any("tuning" in one for one in model["algorithms"])


def kinds(model: Mapping[str, Any]) -> tuple[bool, ...]:
    """Whether they tune: the pipelines of ``model``."""
    return (False, True) if is_tuned(model) else (False,)


def switch(tuning: Mapping[str, Any]) -> Json:
    """What a run may say of whether it tunes, in the form of a pipeline's parameter; no pipeline has it."""
    return {"Name": TUNING, "Type": "String", "DefaultValue": tuning["default"], "EnumValues": ["on", "off"]}


def size_parameters(tuning: Mapping[str, Any]) -> list[Json]:
    """How many jobs a run's searches may have, each, and how many of them at once."""
    return [{"Name": name, "Type": "Integer", "DefaultValue": tuning[key]} for name, key in SIZE.items()]


def searched(
    train: Json, name: str, algorithm: Algorithm, one: Mapping[str, Any], tuning: Mapping[str, Any], output: Json,
    task: str,
) -> Json:  # fmt: skip
    """The step that searches in the place of ``train``; models of its jobs lie below ``output``."""
    arguments, ranges = train["Arguments"], one["tuning"]["ranges"]
    job = {key: value for key, value in arguments.items() if key != "HyperParameters"}
    job["StaticHyperParameters"] = {
        key: value for key, value in arguments["HyperParameters"].items() if key not in ranges
    }
    job["OutputDataConfig"] = job["OutputDataConfig"] | {"S3OutputPath": output}
    metric, aim = algorithm.objective(one["hyperparameters"], task)
    config = {
        "Strategy": STRATEGIES[one["tuning"].get("strategy", tuning["strategy"])],
        "HyperParameterTuningJobObjective": {"Type": aim, "MetricName": metric},
        "ResourceLimits": {
            "MaxNumberOfTrainingJobs": get("Parameters.MaxTuningJobs"),
            "MaxParallelTrainingJobs": get("Parameters.ParallelTuningJobs"),
        },
        "ParameterRanges": parameter_ranges(one),
        "TrainingJobEarlyStoppingType": "Auto" if tuning["early_stopping"] else "Off",
        "RandomSeed": tuning["seed"],
    }
    wanted = {"HyperParameterTuningJobConfig": config, "TrainingJobDefinition": job}
    return train | {"Name": name, "Type": "Tuning", "Arguments": wanted}


def best_model(step: str) -> Json:
    """Where the model of a search's best job lies."""
    output = get(f"Steps.{step}.TrainingJobDefinition.OutputDataConfig.S3OutputPath")
    return join([output, get(f"Steps.{step}.BestTrainingJob.TrainingJobName"), "output/model.tar.gz"])


def best_hyperparameters(step: str, one: Mapping[str, Any]) -> Json:
    """What a search found for each of an algorithm's ranges."""
    return {
        name: get(f"Steps.{step}.BestTrainingJob.TunedHyperParameters['{name}']") for name in one["tuning"]["ranges"]
    }
