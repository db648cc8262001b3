"""The types of a pipeline's steps: the one table of those that run here, with what else depends on a step's type.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps-types.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class StepType(NamedTuple):
    """How steps of a type run, what they start, and what their cache key is made of."""

    runs: str  # the method of ``pipelines.steps.Steps`` that does it; "" where the execution itself does
    noun: str = ""  # of the API's operations on what a step starts, named by <noun>Name; "": IAM is not asked
    deciding: tuple[str, ...] = ()  # attributes that decide whether an earlier run stands in; none: never cached


STEP_TYPES: Mapping[str, StepType] = {
    # Cache keys: https://docs.aws.amazon.com/sagemaker/latest/dg/pipelines-default-keys.html
    "Processing": StepType(
        "processing", "ProcessingJob", ("AppSpecification", "Environment", "ProcessingInputs"),
    ),
    "Training": StepType(
        "training", "TrainingJob", (
            "AlgorithmSpecification", "CheckpointConfig", "DebugHookConfig", "DebugRuleConfigurations", "Environment",
            "HyperParameters", "InputDataConfig",
        ),
    ),
    "Tuning": StepType(
        "tuning", "HyperParameterTuningJob", (
            "HyperParameterTuningJobConfig", "TrainingJobDefinition.AlgorithmSpecification",
            "TrainingJobDefinition.HyperParameterRanges", "TrainingJobDefinition.InputDataConfig",
            "TrainingJobDefinition.StaticHyperParameters", "TrainingJobDefinition.TuningObjective",
            "TrainingJobDefinitions",
        ),
    ),
    "Transform": StepType(
        "transform", "TransformJob", ("DataProcessing", "Environment", "ModelName", "TransformInput"),
    ),
    "RegisterModel": StepType("register", "ModelPackage"),
    "Model": StepType("model", "Model"),
    "Condition": StepType(""),
    "Lambda": StepType("function"),
    "Callback": StepType("callback"),
    "Fail": StepType("fail"),
}  # fmt: skip
ELSEWHERE = (  # types that AWS has, and that do not run here
    "ClarifyCheck", "QualityCheck", "EMR", "AutoML", "EndpointConfig", "Endpoint", "Cleanup", "ForEach",
    "InferenceRecommender", "NotebookJob",
)  # fmt: skip
