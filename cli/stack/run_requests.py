"""Ask for a run on the data that is there, with parameters or a pipeline version of its own."""

import json
import uuid
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from cli.errors import UserError
from cli.stack.serving import published
from cli.stack.target import Target
from pipelines.definition.tuning import TUNING, switch
from pipelines.publishing.publish import BadParameters, check_parameters


@dataclass(frozen=True)
class Started:
    """The run that was asked for. ``joined`` says that it was about to begin anyway."""

    model: str
    run: str
    joined: bool
    parameters: dict[str, str]
    version: int | None
    no_cache: bool = False


def start(
    target: Target,
    model: str,
    parameters: dict[str, str],
    version: int | None = None,
    *,
    tune: bool = False,
    no_cache: bool = False,
) -> Started:
    """Begin a run of ``model``; what is asked of it is checked against the pipeline's definition first. With
    ``no_cache`` every step runs, whatever an earlier run has done.

    Raises:
        UserError: there is no such model, pipeline version or parameter, or the run was refused.
    """
    overrides = parameters | ({TUNING: "on"} if tune else {})
    try:
        check_parameters(_known(target, model, version, overrides), overrides, _model(target, model, version))
    except BadParameters as error:
        raise UserError(str(error)) from error
    request = {"model": model, "request": uuid.uuid4().hex, "parameters": overrides, "version": version}
    begun = _invoke(target, request | {"no_cache": no_cache, "by": target.caller()})
    return Started(model, begun["run"], bool(begun["joined"]), overrides, version, no_cache)


def _model(target: Target, model: str, version: int | None) -> dict[str, Any]:
    """The model file as it was published with a version, or else as it is now."""
    found = published(target, model, version) or published(target, model)
    return dict(found.get("model") or {})


def _known(target: Target, model: str, version: int | None, overrides: dict[str, str]) -> list[dict[str, Any]]:
    """What may be said of a run: whether it tunes, and the parameters of the pipeline that it then takes."""
    own: list[dict[str, Any]] = _definition(target, model, target.resource(model), version).get("Parameters", [])
    document = published(target, model, version)
    tuned = document.get("tuned_pipeline")
    if tuned is None:
        if TUNING in overrides and TUNING not in {one["Name"] for one in own}:
            raise UserError(_nothing_to_tune(model, version))
        return own
    default = "on" if document["tunes"] else "off"
    if overrides.get(TUNING, default) == "on":
        own = _definition(target, model, tuned["name"], tuned["version_id"])["Parameters"]
    return [*own, switch({"default": default})]


def _nothing_to_tune(model: str, version: int | None) -> str:
    if version is not None:
        return f"nothing was published with version {version} of '{model}' that tunes; start without --version"
    return f"'{model}' has nothing to tune: name ranges under tuning: in models/{model}.yaml, and publish"


def _definition(target: Target, model: str, name: str, version: int | None) -> dict[str, Any]:
    """The definition of the pipeline of this name, or of one of its versions.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribePipeline.html
    """
    which = {"PipelineVersionId": version} if version is not None else {}
    try:
        pipeline = target.client("sagemaker").describe_pipeline(PipelineName=name, **which)
    except ClientError as error:
        what = f"version {version} of pipeline '{name}'" if which else f"pipeline '{name}'"
        message = error.response["Error"]["Message"].rstrip(".")
        remedy = f"without --version it is the published one, or `retrain publish {model}` makes a new one"
        remedy = remedy if which else f"`retrain publish {model}` makes one"
        raise UserError(f"no {what} at {target}: {message}; {remedy}") from error
    definition: dict[str, Any] = json.loads(pipeline["PipelineDefinition"])
    return definition


def _invoke(target: Target, request: dict[str, Any]) -> dict[str, Any]:
    function = target.outputs()["BeginRunFunctionName"]
    answer = target.client("lambda").invoke(FunctionName=function, Payload=json.dumps(request).encode())
    result: dict[str, Any] = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        raise UserError(f"no run was begun: {result.get('errorMessage', result)}")
    return result


def render_text(started: Started) -> str:
    """What was begun, for a person."""
    began = "is what was about to begin" if started.joined else "begins"
    return f"run {started.run} {began}; follow it with `retrain watch {started.run}`"
