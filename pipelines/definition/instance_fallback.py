"""Which instances a pipeline's jobs take: a job with a list of types starts on the first of which there is capacity.
Pure: JSON in, JSON out.

Spot capacity excludes such a list; tuning jobs have one of another form.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/train-instance-preferences.html,
https://docs.aws.amazon.com/sagemaker/latest/dg/processing-job-instance-preferences.html and
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_HyperParameterTuningResourceConfig.html
"""

from collections.abc import Mapping
from typing import Any

from pipelines.definition.step_json import Json


def with_fallback(definition: Json, model: Mapping[str, Any]) -> Json:
    """Give every processing, training and tuning job the model file's other types, behind its own."""
    others = model["instances"].get("fallback", [])
    return definition | {"Steps": [_preferring(step, others) for step in definition["Steps"]]} if others else definition


def _preferring(step: Json, others: list[str]) -> Json:
    arguments = step["Arguments"]
    if step["Type"] == "Condition":
        branches = {name: [_preferring(one, others) for one in arguments[name]] for name in ("IfSteps", "ElseSteps")}
        return step | {"Arguments": arguments | branches}
    if step["Type"] == "Processing":
        cluster = _listed(arguments["ProcessingResources"]["ClusterConfig"], others)
        return step | {"Arguments": arguments | {"ProcessingResources": {"ClusterConfig": cluster}}}
    if step["Type"] == "Training":
        return step | {"Arguments": arguments | {"ResourceConfig": _listed(arguments["ResourceConfig"], others)}}
    if step["Type"] == "Tuning":
        return step | {
            "Arguments": arguments | {"TrainingJobDefinition": _tuned(arguments["TrainingJobDefinition"], others)}
        }
    return step


def _tuned(job: Json, others: list[str]) -> Json:
    """Its jobs take the first type of which there is capacity."""
    resources = job["ResourceConfig"]
    shared = {name: resources[name] for name in ("InstanceCount", "VolumeSizeInGB")}
    configs = [shared | {"InstanceType": one} for one in [resources["InstanceType"], *others]]
    prioritized = {"AllocationStrategy": "Prioritized", "InstanceConfigs": configs}
    rest = {name: value for name, value in job.items() if name != "ResourceConfig"}
    return rest | {"HyperParameterTuningResourceConfig": prioritized}


def _listed(resources: Json, others: list[str]) -> Json:
    """One count for whichever type it is."""
    rest = {name: value for name, value in resources.items() if name != "InstanceType"}
    types = [resources["InstanceType"], *others]
    return rest | {"InstancePreferences": [{"InstanceType": one} for one in types]}
