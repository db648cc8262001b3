"""What a job's request asks for: its program, its metrics, and what of it does not run outside AWS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localcloud.containers import images
from localcloud.sagemaker.api_shapes import invalid
from localcloud.sagemaker.capacity import refuse_list
from localcloud.sagemaker.jobs import workspace

OWN_IMAGE = "outside AWS no image is pulled: what {image} would run uses this machine's Python and packages"
IN_ENGINE = "{image} runs in this machine's container engine"
REMEDY = (  # of an image of which nobody here knows what it runs
    "no image is pulled here: build or pull it into this machine's Docker, and it runs there; or name the program, by a"
    " ContainerEntrypoint or, to train, by sagemaker_program (script mode), and it runs with this machine's Python; or"
    " run it on AWS"
)
CUSTOMER = "Customer Error: "
WATCHERS = ("DebugHookConfig", "ProfilerConfig", "ProfilerRuleConfigurations")  # SDKs ask for these unasked
NOT_WATCHED = "outside AWS no debugger or profiler looks at a job: {names} has no effect"


class Failed(Exception):
    """The job has failed; the message is its FailureReason."""


def processing_command(specification: Mapping[str, Any]) -> tuple[str, ...]:
    """What a processing job runs.

    Raises:
        Failed: only its image knows.
    """
    if not specification.get("ContainerEntrypoint"):
        raise Failed(
            f"ClientError: the image {specification['ImageUri']} has no stand-in outside AWS without a"
            f" ContainerEntrypoint: {REMEDY}"
        )
    return (*specification["ContainerEntrypoint"], *(specification.get("ContainerArguments") or []))


def training_program(request: Mapping[str, Any]) -> tuple[str | None, tuple[str, ...]]:
    """What a training job runs: its container's entrypoint, or the image's stand-in.

    Raises:
        Failed: the image has none.
    """
    specification = request["AlgorithmSpecification"]
    if specification.get("ContainerEntrypoint"):
        return None, (*specification["ContainerEntrypoint"], *(specification.get("ContainerArguments") or []))
    uri = specification.get("TrainingImage") or specification.get("AlgorithmName") or ""
    image = images.image_of(uri)
    script = "sagemaker_program" in (request.get("HyperParameters") or {})
    call = (image.script_training if script else image.training) if image else None
    if image is None and script:
        call = images.SCIKIT_LEARN.script_training  # an image of one's own, with AWS's training toolkit in it
    if call is None:
        needs = " without a sagemaker_program hyperparameter" if image else ""
        raise Failed(f"ClientError: the image {uri} has no stand-in outside AWS{needs}: {REMEDY}")
    return call, ()


def metric_definitions(specification: Mapping[str, Any]) -> list[dict[str, str]]:
    """The job's own metric definitions, and those that a built-in algorithm brings."""
    own = list(specification.get("MetricDefinitions") or [])
    image = images.image_of(specification.get("TrainingImage") or "")
    if image is not None and not specification.get("ContainerEntrypoint"):
        named = {definition["Name"] for definition in own}
        own += [definition for definition in image.metrics if definition["Name"] not in named]
    return own


def failure_of(told: str, code: int) -> str:
    """A failed container's words as a FailureReason; a customer error of AWS's own algorithms is a ClientError."""
    kind, words = (
        ("ClientError", told.removeprefix(CUSTOMER)) if told.startswith(CUSTOMER) else ("AlgorithmError", told)
    )
    return f"{kind}: {words}, exit code: {code if code >= 0 else 128 - code}"


def image_uri(request: Mapping[str, Any]) -> str:
    """The image that a job names; empty where it names an algorithm."""
    specification = request.get("AppSpecification") or request["AlgorithmSpecification"]
    return str(specification.get("ImageUri") or specification.get("TrainingImage") or "")


def notes_on(request: Mapping[str, Any], *, in_engine: bool) -> tuple[str, ...]:
    """What a job's log says first: what runs of an image of one's own, and that nobody debugs here."""
    image = image_uri(request)
    own = ((IN_ENGINE if in_engine else OWN_IMAGE).format(image=image),) if images.image_of(image) is None else ()
    watched = [name for name in WATCHERS if request.get(name)]
    return own + ((NOT_WATCHED.format(names=", ".join(watched)),) if watched else ())


def resources_of(request: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a job's request says of its instances."""
    found: Mapping[str, Any] = request.get("ResourceConfig") or request["ProcessingResources"]["ClusterConfig"]
    return found


def is_spot(request: Mapping[str, Any]) -> bool:
    """Whether a job asks for spot capacity."""
    return bool(request.get("EnableManagedSpotTraining"))


def with_resources(request: Mapping[str, Any], resources: Mapping[str, Any]) -> dict[str, Any]:
    """The request with these in their place."""
    if "ResourceConfig" in request:
        return {**request, "ResourceConfig": dict(resources)}
    return {**request, "ProcessingResources": {"ClusterConfig": dict(resources)}}


def _refuse_times(request: Mapping[str, Any]) -> None:
    """Spot waits at least as long as it may run; what is not spot does not wait.

    Source: https://github.com/aws/sagemaker-python-sdk/issues/4140 (the words for the latter, out of a pipeline)
    """
    condition = request.get("StoppingCondition") or {}
    runtime, wait = condition.get("MaxRuntimeInSeconds") or 86400, condition.get("MaxWaitTimeInSeconds")
    if is_spot(request):
        if wait is None or wait < runtime:
            raise invalid(
                "Invalid MaxWaitTimeInSeconds. It must be present and be greater than or equal to MaxRuntimeInSeconds"
            )
    elif wait:
        raise invalid(
            "Invalid MaxWaitTimeInSeconds. It is only supported when EnableManagedSpotTraining is set to true"
        )


def refuse_processing(request: Mapping[str, Any]) -> None:
    """What of a processing job does not run here, said when it is asked for."""
    for entry in request.get("ProcessingInputs") or []:
        if "S3Input" not in entry:
            raise invalid(f"ProcessingInput {entry['InputName']}: only S3Input runs outside AWS")
        if entry["S3Input"].get("S3InputMode") == "Pipe":
            raise invalid(f"ProcessingInput {entry['InputName']}: S3InputMode Pipe does not run outside AWS: use File")
    paths = [entry["S3Input"]["LocalPath"] for entry in request.get("ProcessingInputs") or []]
    outputs = (request.get("ProcessingOutputConfig") or {}).get("Outputs") or []
    for path in paths + [output["S3Output"]["LocalPath"] for output in outputs if "S3Output" in output]:
        if not path.startswith(f"{workspace.PROCESSING}"):
            raise invalid(f"LocalPath {path} must start with {workspace.PROCESSING}")
    refuse_list(resources_of(request))


def refuse_training(request: Mapping[str, Any]) -> None:
    """What of a training job does not run here, said when it is asked for."""
    refuse_list(resources_of(request), spot=is_spot(request))
    _refuse_times(request)
    for channel in request.get("InputDataConfig") or []:
        if "S3DataSource" not in channel["DataSource"]:
            raise invalid(f"Channel {channel['ChannelName']}: only S3DataSource runs outside AWS")
        mode = channel.get("InputMode") or request["AlgorithmSpecification"].get("TrainingInputMode")
        if mode == "Pipe":
            raise invalid(f"Channel {channel['ChannelName']}: input mode Pipe does not run outside AWS: use File")
