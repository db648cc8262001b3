"""Publish a model of models/ to the stack that is talked to."""

from collections.abc import Callable
from dataclasses import asdict
from subprocess import CalledProcessError
from typing import Any

from botocore.exceptions import ClientError

from cli import model_files
from cli.errors import UserError, aws_error_text
from cli.stack.target import Target
from pipelines.model import deployment_rules, model_file
from pipelines.names import BadName
from pipelines.publishing import freshness
from pipelines.publishing.publish import BadParameters, Clients, NameTaken, NoImage, StackNames
from pipelines.publishing.publish import publish as publish_model

NEEDED = ("DataBucketName", "PipelineRoleArn", "EndpointRoleArn", "ChampionQueueUrl")  # outputs of a stack


def publish_all(
    target: Target, models: list[str], parameters: dict[str, str], say: Callable[[str], None]
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Publish each of the models, whatever becomes of the others: what now stands, and why the others do not.

    Raises:
        UserError: when it was one, and it failed.
    """
    published, failed = [], {}
    for model in models:
        try:
            published.append(publish(target, model, parameters, say))
        except UserError as error:
            if len(models) == 1:
                raise
            failed[model] = str(error)
    return published, failed


def render_text(published: list[dict[str, Any]], failed: dict[str, str]) -> str:
    """What was published, and at the end what was not, and why."""
    lines = []
    for one in published:
        lines.append("{model}: pipeline {pipeline_name} version {pipeline_version_id}".format(**one))
        if one["tuned_pipeline_name"]:
            lines[-1] += ", {tuned_pipeline_name} version {tuned_pipeline_version_id}".format(**one)
    return "\n".join([*lines, *(f"{model}: not published: {reason}" for model, reason in failed.items())])


def publish(
    target: Target, model: str, parameters: dict[str, str], say: Callable[[str], None] = lambda _: None
) -> dict[str, Any]:
    """Bring the model to the stack, compiling its definitions first when they are out of date; ``say`` hears of it.

    Raises:
        UserError: when the model file or a parameter is wrong or does not fit the stack, it does not compile, or AWS
            refuses what it gives.
    """
    if wrong := model_files.problems(model):
        raise UserError("\n".join(wrong))
    stack = stack_names(target)
    mode = model_file.load(model_file.path_of(model))["deployment"]["mode"]
    if wrong_here := deployment_rules.unfit(mode, stack.subnet_ids, stack.isolated):
        raise UserError(f"models/{model}.yaml: {wrong_here}")
    try:
        freshness.ensure_compiled(model, say)
        done = publish_model(model, stack, Clients(target.client("s3"), target.client("sagemaker")), parameters)
    except (BadName, BadParameters, NameTaken, NoImage) as error:
        raise UserError(str(error)) from error
    except ClientError as error:
        raise UserError(aws_error_text(error, target)) from error
    except CalledProcessError as error:
        raise UserError(f"models/{model}.yaml does not compile: {' '.join(map(str, error.cmd))} failed") from error
    return asdict(done)


def stack_names(target: Target) -> StackNames:
    """What the stack's outputs say that a pipeline needs.

    Raises:
        UserError: there is no such stack, or it is older than these files.
    """
    outputs, region = target.outputs(), target.client("sagemaker").meta.region_name
    if absent := [name for name in NEEDED if name not in outputs]:
        raise UserError(
            f"stack {target.stack} is older than these files (it has no output {absent[0]}): deploy it first"
        )
    return StackNames(
        outputs["DataBucketName"],
        outputs["PipelineRoleArn"],
        outputs["EndpointRoleArn"],
        outputs["ChampionQueueUrl"],
        target.stack,
        region,
        subnet_ids=tuple(filter(None, outputs.get("JobSubnetIds", "").split(","))),
        security_group_ids=tuple(filter(None, outputs.get("JobSecurityGroupIds", "").split(","))),
        isolated=outputs.get("JobNetworkIsolation") == "true",
    )
