"""Images of one's own in a pipeline's definition that could not run here, said before the pipeline is made.

No image is pulled outside AWS: what runs is a known image's stand-in, or the program that a request names itself. An
image that is a parameter is known when its job starts, and the job says it then. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from localcloud.sagemaker.jobs.job_requests import Failed, processing_command, training_program


def processing_problems(arguments: Mapping[str, Any]) -> list[str]:
    """Why a processing step's image cannot run here; nothing where it can, or is not known yet."""
    specification = arguments.get("AppSpecification") or {}
    if not isinstance(specification.get("ImageUri"), str):
        return []
    return _told(lambda: processing_command(specification))


def training_problems(arguments: Mapping[str, Any]) -> list[str]:
    """Why a training step's image cannot run here; nothing where it can, or is not known yet."""
    if not isinstance((arguments.get("AlgorithmSpecification") or {}).get("TrainingImage"), str):
        return []
    return _told(lambda: training_program(arguments))


def tuning_problems(arguments: Mapping[str, Any]) -> list[str]:
    """Why the image of a tuning step's training jobs cannot run here."""
    training = arguments.get("TrainingJobDefinition") or {}
    return training_problems({**training, "HyperParameters": training.get("StaticHyperParameters")})


def _told(program: Callable[[], object]) -> list[str]:
    try:
        program()
    except Failed as failed:
        return [str(failed).removeprefix("ClientError: ")]
    return []
