"""Publish a model of models/ to the stack that is talked to."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from cli import model_files
from cli.errors import UserError
from cli.stack.target import Target
from pipelines import deployment_rules, freshness, model_file
from pipelines.names import BadName
from pipelines.publish import BadParameters, Clients, NameTaken, NoImage, StackNames
from pipelines.publish import publish as publish_model

NEEDED = ("DataBucketName", "PipelineRoleArn", "EndpointRoleArn", "ChampionQueueUrl")  # outputs of a stack


def publish(
    target: Target, model: str, parameters: dict[str, str], say: Callable[[str], None] = lambda _: None
) -> dict[str, Any]:
    """Bring the model to the stack, compiling its definition first when that is out of date; ``say`` hears of it.

    Raises:
        UserError: when the model file or a parameter is wrong, or does not fit the stack.
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
