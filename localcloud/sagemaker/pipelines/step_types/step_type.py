"""What a type of step is: all that is particular to it, said once. Pure.

Source: https://aws-sagemaker-mlops.github.io/sagemaker-model-building-pipeline-definition-JSON-schema/ (fields)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from localcloud.sagemaker.pipelines.step_records import StepAttempt, StepResult
from localcloud.sagemaker.step_names import step_job_name

EVERY_STEP = ("Name", "Type", "Arguments", "DependsOn", "DisplayName", "Description")
JOB = ("CacheConfig", "RetryPolicies")  # fields of a step that starts a job
Arguments = Mapping[str, Any]
ApiCall = tuple[str, Arguments]  # an operation of SageMaker's, and its parameters


def no_calls(*_: Any) -> list[ApiCall]:
    """A step that asks SageMaker for nothing."""
    return []


def no_problems(_: Arguments) -> list[str]:
    """A step whose arguments may be anything."""
    return []


@dataclass(frozen=True)
class StepType:
    """One type of step.

    ``run`` does one attempt. ``name`` answers how what it starts is called: (execution's id, step's name, token).
    ``start_calls`` are what a pipeline's role must be permitted to start and follow it: (name of what is started,
    arguments, tags); ``stop_calls`` to stop it. ``problems`` say, when a pipeline is made, why arguments cannot run.
    """

    type: str
    run: Callable[[Any, StepAttempt], StepResult]
    fields: tuple[str, ...] = ()  # beside EVERY_STEP
    required: tuple[str, ...] = ("Arguments",)
    cached_by: tuple[str, ...] = ()  # the arguments that decide whether it runs again; ALL: every one, and its fields
    branches: tuple[tuple[str, bool], ...] = ()  # arguments that hold steps, and the outcome that each is for
    resolved: bool = True  # whether references in its arguments are looked up before it runs
    name: Callable[[str, str, str], str] = step_job_name
    start_calls: Callable[[str, Arguments, list[dict[str, str]]], list[ApiCall]] = no_calls
    stop_calls: Callable[[str], list[ApiCall]] = no_calls
    problems: Callable[[Arguments], list[str]] = no_problems

    @property
    def known_fields(self) -> tuple[str, ...]:
        """Every field that such a step may have."""
        return (*EVERY_STEP, *self.fields)

    @property
    def targets(self) -> tuple[str, ...]:
        """Fields that say whom the step calls, and what it expects back."""
        return tuple(name for name in self.fields if name not in (*JOB, "PropertyFiles"))


ALL = ("*",)


def calls_of(noun: str, *, follow: Callable[[str], list[ApiCall]] = no_calls) -> dict[str, Any]:
    """The calls with which a pipeline starts, follows and stops what the API calls ``noun``."""
    parameter = f"{noun}Name"

    def start(name: str, arguments: Arguments, tags: list[dict[str, str]]) -> list[ApiCall]:
        made = {parameter: name, **arguments, "Tags": tags}
        return [(f"Create{noun}", made), (f"Describe{noun}", {parameter: name}), *follow(name)]

    stop = (lambda name: [(f"Stop{noun}", {parameter: name})]) if noun.endswith("Job") else no_calls
    return {"start_calls": start, "stop_calls": stop}
