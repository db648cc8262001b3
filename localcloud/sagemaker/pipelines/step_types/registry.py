"""Every type of step: those that run here, and those that only AWS has.

A type that is added here is parsed, checked, cached, permitted, run and told: nothing else lists the types.
"""

from __future__ import annotations

from collections.abc import Iterable

from localcloud.sagemaker.pipelines.definition import Step
from localcloud.sagemaker.pipelines.step_types.callback_step import CALLBACK_STEP
from localcloud.sagemaker.pipelines.step_types.control_steps import CONDITION_STEP, FAIL_STEP
from localcloud.sagemaker.pipelines.step_types.job_steps import PROCESSING_STEP, TRAINING_STEP
from localcloud.sagemaker.pipelines.step_types.lambda_step import LAMBDA_STEP
from localcloud.sagemaker.pipelines.step_types.model_steps import MODEL_STEP, REGISTER_MODEL_STEP
from localcloud.sagemaker.pipelines.step_types.step_type import StepType
from localcloud.sagemaker.pipelines.step_types.transform_step import TRANSFORM_STEP
from localcloud.sagemaker.pipelines.step_types.tuning_step import TUNING_STEP

ON_AWS_ALONE = (
    "ClarifyCheck", "QualityCheck", "EMR", "AutoML", "EndpointConfig", "Endpoint", "Cleanup", "ForEach",
    "InferenceRecommender", "NotebookJob",
)  # fmt: skip
STEP_TYPES: dict[str, StepType | None] = {  # None: AWS has it, and it does not run here
    each.type: each
    for each in (
        PROCESSING_STEP, TRAINING_STEP, TUNING_STEP, TRANSFORM_STEP, REGISTER_MODEL_STEP, MODEL_STEP, CONDITION_STEP,
        LAMBDA_STEP, CALLBACK_STEP, FAIL_STEP,
    )
} | dict.fromkeys(ON_AWS_ALONE)  # fmt: skip


def step_type(name: str) -> StepType:
    """A type that runs here.

    Raises:
        KeyError: there is none of this name: a definition with it was not parsed.
    """
    found = STEP_TYPES[name]
    if found is None:
        raise KeyError(name)
    return found


def problems(steps: Iterable[Step]) -> list[str]:
    """Why the arguments of these steps cannot run, a sentence each."""
    return [
        f"step {step.name}: {problem}" for step in steps for problem in step_type(step.type).problems(step.arguments)
    ]
