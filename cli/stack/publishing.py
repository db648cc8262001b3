"""Publish a model of models/ to the stack that is talked to."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from cli.errors import UserError
from cli.stack.target import Target
from pipelines import deployment_rules, freshness, model_file
from pipelines.names import BadName
from pipelines.publish import BadParameters, Clients, NameTaken, NoImage, StackNames
from pipelines.publish import publish as publish_model

NEEDED = ("DataBucketName", "PipelineRoleArn", "EndpointRoleArn", "ChampionQueueUrl")  # outputs of a stack


def names() -> list[str]:
    """The models that have a file here.

    Raises:
        UserError: when there is none.
    """
    found = model_file.names()
    if not found:
        raise UserError("no models/*.yaml here; run retrain in the project's folder")
    return found


def check(model: str) -> list[str]:
    """What is wrong in the model's file, a line each; empty when nothing is.

    Raises:
        UserError: when it has no file.
    """
    path = model_file.path_of(model)
    if not path.is_file():
        raise UserError(f"no models/{model}.yaml; there are: {', '.join(names())}")
    return [f"models/{model}.yaml: {problem}" for problem in model_file.problems(path)]


def publish(
    target: Target, model: str, parameters: dict[str, str], say: Callable[[str], None] = lambda _: None
) -> dict[str, Any]:
    """Bring the model to the stack, compiling its definition first when that is out of date; ``say`` hears of it.

    Raises:
        UserError: when the model file or a parameter is wrong.
    """
    if wrong := check(model):
        raise UserError("\n".join(wrong))
    outputs, region = target.outputs(), target.client("sagemaker").meta.region_name
    if absent := [name for name in NEEDED if name not in outputs]:
        raise UserError(
            f"stack {target.stack} is older than these files (it has no output {absent[0]}): deploy it first"
        )
    stack = StackNames(
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
    mode = model_file.load(model_file.path_of(model))["deployment"]["mode"]
    if wrong_here := deployment_rules.unfit(mode, stack.subnet_ids, stack.isolated):
        raise UserError(f"models/{model}.yaml: {wrong_here}")
    try:
        freshness.ensure_compiled(model, say)
        done = publish_model(model, stack, Clients(target.client("s3"), target.client("sagemaker")), parameters)
    except (BadName, BadParameters, NameTaken, NoImage) as error:
        raise UserError(str(error)) from error
    return asdict(done)
