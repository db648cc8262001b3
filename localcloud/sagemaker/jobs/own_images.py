"""Images of one's own in a pipeline's definition that could not run here, said before the pipeline is made.

No image is pulled outside AWS: what runs is a known image's stand-in, or the program that a request names itself. An
image that is a parameter is known when its job starts, and the job says it then. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from localcloud.sagemaker.jobs.job_requests import Failed, processing_command, training_program

REMEDY = (
    "give the step a ContainerEntrypoint, or a training step a sagemaker_program (script mode): that program runs with "
    "this machine's Python; or run the pipeline on AWS"
)


class Step(Protocol):
    """What is looked at of a pipeline's step."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def type(self) -> str:
        """Processing, Training, ..."""

    @property
    def arguments(self) -> Mapping[str, Any]:
        """The request that it makes, with references."""


def refusals(steps: Iterable[Step]) -> list[str]:
    """A sentence for each step whose image has no stand-in and that names no program."""
    found = [(step, _refusal(step)) for step in steps if step.type in _PROGRAMS]
    return [f"step {step.name}: {reason.removeprefix('ClientError: ')}: {REMEDY}" for step, reason in found if reason]


def _refusal(step: Step) -> str | None:
    try:
        _PROGRAMS[step.type](step.arguments)
    except Failed as failed:
        return str(failed)
    return None


def _processing(arguments: Mapping[str, Any]) -> None:
    specification = arguments.get("AppSpecification") or {}
    if isinstance(specification.get("ImageUri"), str):
        processing_command(specification)


def _training(arguments: Mapping[str, Any]) -> None:
    if isinstance((arguments.get("AlgorithmSpecification") or {}).get("TrainingImage"), str):
        training_program(arguments)


def _tuning(arguments: Mapping[str, Any]) -> None:
    training = arguments.get("TrainingJobDefinition") or {}
    _training({**training, "HyperParameters": training.get("StaticHyperParameters")})


_PROGRAMS: Mapping[str, Callable[[Mapping[str, Any]], None]] = {
    "Processing": _processing,
    "Training": _training,
    "Tuning": _tuning,
}
