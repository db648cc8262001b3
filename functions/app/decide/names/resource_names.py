"""Names of what is made at run time: runs, executions, SageMaker's resources. Pure."""

import re
from datetime import UTC, datetime
from typing import Any

from app.decide.names.hashes import canonical, digest
from app.settings import SEPARATOR

MODEL = "^[a-z0-9](-?[a-z0-9]){0,31}$"  # models/model.schema.json has the same
_MODEL = re.compile(MODEL.removesuffix("$"))  # which a line break may follow
_TRANSFORM = re.compile(r"-v(\d+)-[0-9a-f]{16}$")
_VERSION = re.compile(r"-v(\d+)-[0-9a-f]{8}$")


def run_id(model: str, uploaded_at: datetime, object_id: str) -> str:
    """A run's name: also the machine execution's name and the pipeline execution's display name."""
    return f"{model}-{uploaded_at.astimezone(UTC):%Y%m%dt%H%M%S}-{object_id[:6]}"


def model_of_run(run: str) -> str:
    """The model of a run, from its id."""
    return run.rsplit("-", 2)[0]


def begun_at(run: str) -> datetime:
    """When what a run began with was uploaded, or asked for, from its id."""
    return datetime.strptime(run.rsplit("-", 2)[1], "%Y%m%dt%H%M%S").replace(tzinfo=UTC)


def resource_name(stack: str, model: str) -> str:
    """Name of a model's pipeline, package group and endpoint."""
    return f"{stack}{SEPARATOR}{model}"


def no_model_text(model: str) -> str:
    """Say that there is no such model; of a name with letters that only look like others, which ones they are."""
    if model.isascii():
        return f"there is no model '{model}'"
    spelled = model.encode("unicode_escape").decode()
    return f"there is no model '{model}': it has other letters than a to z, and is spelled {spelled}"


def model_of_resource(stack: str, name: str) -> str | None:
    """The model of a pipeline, package group or endpoint, from its name; None for another stack's."""
    prefix = resource_name(stack, "")
    return name[len(prefix) :] or None if name.startswith(prefix) else None


def model_in_name(name: str) -> str:
    """The model that a resource of any stack is named after; "" for a name of another form."""
    return name.partition(SEPARATOR)[2]


def versioned_name(stack: str, model: str, version: int, content: Any) -> str:
    """Name of a SageMaker model or endpoint config, at most 63 characters, that says version and content."""
    return _fitted(resource_name(stack, model), f"-v{version}-{digest(canonical(content))[:8]}")


def version_of_config(name: str) -> int | None:
    """The version of a SageMaker model or endpoint config, from its name; None for one that is not ours."""
    version = _VERSION.search(name)
    return int(version[1]) if version else None


def transform_name(stack: str, model: str, version: int, input_hash: str) -> str:
    """Name of a transform job, from version and input hash (at most 63 characters)."""
    return _fitted(resource_name(stack, model), f"-v{version}-{input_hash[-16:]}")


def is_transform_of(stack: str, model: str, name: str) -> bool:
    """Whether a transform job is named after this model, of whichever version and input."""
    tail = _TRANSFORM.search(name)
    return tail is not None and name == _fitted(resource_name(stack, model), tail[0])


def version_of_transform(name: str) -> int | None:
    """The version that a transform job asks, from its name; None for one that is not ours."""
    tail = _TRANSFORM.search(name)
    return int(tail[1]) if tail else None


def is_model_name(text: str) -> bool:
    """Whether a model can be named so: what is made for it is named after it, and AWS takes no other signs."""
    return _MODEL.fullmatch(text) is not None


def scoring_name(bucket: str, model: str, key: str, version_id: str) -> str:
    """Name of the execution that scores one object version: of its model, where the folder has a model's name.

    Step Functions takes 80 characters and few signs; the folder is whatever somebody uploaded to.
    Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
    """
    named = model if is_model_name(model) else "unknown"
    return f"{named}-{digest(bucket, key, version_id)[:16]}"


def _fitted(head: str, tail: str) -> str:
    return head[: 63 - len(tail)].rstrip("-") + tail


def execution_arn(machine_arn: str, name: str) -> str:
    """The ARN of a machine's execution, which its name decides."""
    return machine_arn.replace(":stateMachine:", ":execution:") + ":" + name


def machine_arn(execution: str) -> str:
    """The ARN of the machine that an execution's ARN belongs to."""
    return execution.replace(":execution:", ":stateMachine:").rsplit(":", 1)[0]
