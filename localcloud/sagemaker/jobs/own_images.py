"""Images of one's own: what of them a container engine of this machine runs, and which cannot run here.

Nothing is pulled. What an engine of this machine has runs there; of another image runs a known image's stand-in, or
the program that a request names itself. What can run in neither way is said before a pipeline is made; an image that
is a parameter is known when its job starts, and the job says it then.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo-dockerfile.html and
https://docs.aws.amazon.com/sagemaker/latest/dg/byoc-run-image.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from localcloud.containers import engine, images
from localcloud.containers.tasks import Container
from localcloud.sagemaker.jobs import job_files
from localcloud.sagemaker.jobs.job_requests import Failed, image_uri, processing_command, training_program

Holds = Callable[[str], bool]  # whether an engine of this machine has an image
TRAIN = ("train",)
SERVED_AT = 8080


def container_of(request: Mapping[str, Any], holds: Holds = engine.holds) -> Container | None:
    """What an engine runs of a job; None where it has not the image, or a stand-in of ours runs."""
    uri = image_uri(request)
    if not uri or images.image_of(uri) is not None or not holds(uri):
        return None
    return processing_container(request) if "AppSpecification" in request else training_container(request)


def processing_container(request: Mapping[str, Any]) -> Container:
    """A processing job's container: it may write its outputs, and reads its inputs."""
    specification = request["AppSpecification"]
    inputs = request.get("ProcessingInputs") or []
    outputs = (request.get("ProcessingOutputConfig") or {}).get("Outputs") or []
    return Container(
        specification["ImageUri"],
        tuple(specification.get("ContainerEntrypoint") or ()),
        tuple(specification.get("ContainerArguments") or ()),
        ("/opt/ml/config", *(entry["S3Input"]["LocalPath"] for entry in inputs)),
        ("/opt/ml/output", *(output["S3Output"]["LocalPath"] for output in outputs)),
        bool((request.get("NetworkConfig") or {}).get("EnableNetworkIsolation")),
    )


def training_container(request: Mapping[str, Any]) -> Container:
    """A training job's container, called with ``train`` unless the request says what to call."""
    specification = request["AlgorithmSpecification"]
    entrypoint = tuple(specification.get("ContainerEntrypoint") or ())
    arguments = tuple(specification.get("ContainerArguments") or ())
    checkpoints = request.get("CheckpointConfig")
    kept = (checkpoints.get("LocalPath") or job_files.CHECKPOINTS,) if checkpoints else ()
    return Container(
        specification["TrainingImage"],
        entrypoint,
        arguments if entrypoint or arguments else TRAIN,
        ("/opt/ml/input",),
        ("/opt/ml/model", "/opt/ml/output", *kept),
        bool(request.get("EnableNetworkIsolation")),
    )


def serving_container(definition: Mapping[str, Any], holds: Holds = engine.holds) -> Container | None:
    """A model's container, called with ``serve``; None where no engine has the image, or a stand-in of ours runs.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html
    """
    uri = str(definition["Image"])
    if images.image_of(uri) is not None or not holds(uri):
        return None
    return Container(uri, arguments=("serve",), read_only=("/opt/ml/model",), port=SERVED_AT)


def processing_problems(arguments: Mapping[str, Any], holds: Holds = engine.holds) -> list[str]:
    """Why a processing step's image cannot run here; nothing where it can, or is not known yet."""
    specification = arguments.get("AppSpecification") or {}
    if not isinstance(specification.get("ImageUri"), str):
        return []
    return _told(lambda: processing_command(specification), specification["ImageUri"], holds)


def training_problems(arguments: Mapping[str, Any], holds: Holds = engine.holds) -> list[str]:
    """Why a training step's image cannot run here; nothing where it can, or is not known yet."""
    image = (arguments.get("AlgorithmSpecification") or {}).get("TrainingImage")
    if not isinstance(image, str):
        return []
    return _told(lambda: training_program(arguments), image, holds)


def tuning_problems(arguments: Mapping[str, Any]) -> list[str]:
    """Why the image of a tuning step's training jobs cannot run here."""
    training = arguments.get("TrainingJobDefinition") or {}
    return training_problems({**training, "HyperParameters": training.get("StaticHyperParameters")})


def _told(program: Callable[[], object], image: str, holds: Holds) -> list[str]:
    try:
        program()
    except Failed as failed:
        runs = images.image_of(image) is None and holds(image)
        return [] if runs else [str(failed).removeprefix("ClientError: ")]
    return []
