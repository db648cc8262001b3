"""Publish a model of models/ to the stack that is talked to."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from subprocess import CalledProcessError
from typing import Any

from botocore.exceptions import ClientError

from cli import model_files
from cli.errors import UserError, aws_error_text
from cli.stack import reviewers
from cli.stack.account.quotas import AccountQuotas
from cli.stack.target import Target
from pipelines.model import deployment_rules, model_file
from pipelines.names import BadName
from pipelines.publishing import freshness
from pipelines.publishing.execution import Clients, execute
from pipelines.publishing.model_roles import RoleTaken
from pipelines.publishing.model_schedules import SchedulePlace
from pipelines.publishing.plan import ForeignCode, NameTaken, UploadCode
from pipelines.publishing.publish import BadParameters, NoImage, StackNames, prepare

NEEDED = (  # outputs of a stack
    "DataBucketName", "PipelineRoleArn", "JobsPolicyArn", "ServingPolicyArn", "ChampionQueueUrl", "ReviewersTopicArn",
    "LogRetentionDays", "ScheduleGroupName", "SchedulesRoleArn", "BeginRunFunctionArn", "LostEventsQueueArn",
)  # fmt: skip


def publish_all(
    target: Target,
    models: list[str],
    parameters: dict[str, str],
    say: Callable[[str], None],
    account: AccountQuotas | None = None,
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Publish each of the models, whatever becomes of the others: what now stands, and why the others do not.

    Raises:
        UserError: when it was one, and it failed.
    """
    return _each(models, lambda model: publish(target, model, parameters, say, account))


def plan_all(
    target: Target, models: list[str], parameters: dict[str, str], account: AccountQuotas | None = None
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """What ``publish_all`` would change, for each of the models, and why others cannot be published.

    Raises:
        UserError: when it was one, and it cannot be published.
    """
    planned: set[str] = set()  # models share their code: the first that is published uploads it

    def changes_of(model: str) -> dict[str, Any]:
        with _in_words(target, model):
            prepared = prepare(model, stack_for(target, model, account), _clients(target), parameters, planned)
            asked = reviewers.plan(target, _reviewers(model))
        planned.update(key for change in prepared.changes if isinstance(change, UploadCode) for key in change.files)
        return {"model": model, "changes": [*prepared.changes, *asked]}

    return _each(models, changes_of)


def _each(models: list[str], act: Callable[[str], dict[str, Any]]) -> tuple[list[dict[str, Any]], dict[str, str]]:
    done, failed = [], {}
    for model in models:
        try:
            done.append(act(model))
        except UserError as error:
            if len(models) == 1:
                raise
            failed[model] = str(error)
    return done, failed


def render_text(published: list[dict[str, Any]], failed: dict[str, str]) -> str:
    """What was published, and at the end what was not, and why."""
    lines = []
    for one in published:
        lines.append("{model}: pipeline {pipeline_name} version {pipeline_version_id}".format(**one))
        if one["tuned_pipeline_name"]:
            lines[-1] += ", {tuned_pipeline_name} version {tuned_pipeline_version_id}".format(**one)
    return "\n".join([*lines, *(f"{model}: not published: {reason}" for model, reason in failed.items())])


def publish(
    target: Target,
    model: str,
    parameters: dict[str, str],
    say: Callable[[str], None] = lambda _: None,
    account: AccountQuotas | None = None,
    added: str = "",
) -> dict[str, Any]:
    """Bring the model to the stack, compiling its definitions first when they are out of date; ``say`` hears of it.
    ``added`` is read as if it stood at the model file's end.

    Raises:
        UserError: when the model file or a parameter is wrong or does not fit the stack, it does not compile, or AWS
            refuses what it gives.
    """
    with _in_words(target, model):
        stack, clients = stack_for(target, model, account), _clients(target)
        freshness.ensure_compiled(model, say)
        published, changes = execute(prepare(model, stack, clients, parameters, added=added), clients)
        asked = reviewers.plan(target, _reviewers(model))
        reviewers.execute(target, asked)
    for one in (change for change in asked if isinstance(change, reviewers.Subscribe)):
        say(f"{one.address} is asked by mail to confirm that requests for its approval may come")
    return asdict(published) | {"changes": [*changes, *asked]}


def _reviewers(model: str) -> list[str]:
    found: list[str] = model_file.load(model_file.path_of(model))["approval"]["reviewers"]
    return found


@contextmanager
def _in_words(target: Target, model: str) -> Iterator[None]:
    """What stands in the way of publishing, as a person's mistake or AWS's refusal."""
    try:
        yield
    except (model_file.BadModelFile, BadName, BadParameters, ForeignCode, NameTaken, NoImage, RoleTaken) as error:
        raise UserError(str(error)) from error
    except freshness.Stale as error:
        raise UserError(f"{error} with `make compile`; a dry run compiles nothing") from error
    except ClientError as error:
        raise UserError(aws_error_text(error, target)) from error
    except CalledProcessError as error:
        raise UserError(f"models/{model}.yaml does not compile: {' '.join(map(str, error.cmd))} failed") from error


def _clients(target: Target) -> Clients:
    return Clients(*map(target.client, ("s3", "sagemaker", "iam", "logs", "scheduler")))


def stack_for(target: Target, model: str, account: AccountQuotas | None = None) -> StackNames:
    """The stack's names, where the model can be published to it, and what its runs lack of the account's quotas.

    Raises:
        UserError: the model file is wrong, or asks for what the stack cannot do.
    """
    if wrong := model_files.problems(model):
        raise UserError("\n".join(wrong))
    stack, loaded = stack_names(target), model_file.load(model_file.path_of(model))
    if wrong_here := deployment_rules.unfit(loaded["deployment"]["mode"], stack.subnet_ids, stack.isolated):
        raise UserError(f"models/{model}.yaml: {wrong_here}")
    return replace(stack, quotas_too_low=account.too_low_for_jobs(loaded)) if account else stack


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
        outputs["JobsPolicyArn"],
        outputs["ServingPolicyArn"],
        outputs["ChampionQueueUrl"],
        target.stack,
        region,
        int(outputs["LogRetentionDays"]),
        subnet_ids=tuple(filter(None, outputs.get("JobSubnetIds", "").split(","))),
        security_group_ids=tuple(filter(None, outputs.get("JobSecurityGroupIds", "").split(","))),
        isolated=outputs.get("JobNetworkIsolation") == "true",
        key_arn=outputs.get("EncryptionKeyArn", ""),
        schedules=SchedulePlace(
            outputs["ScheduleGroupName"],
            outputs["SchedulesRoleArn"],
            outputs["BeginRunFunctionArn"],
            outputs["LostEventsQueueArn"],
        ),
    )
