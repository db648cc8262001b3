"""What can be asked of an account before anything is deployed to it: whose it is, whether its region has the images
that models need, whether its quotas suffice, what becomes of the logs of jobs; and, of a stack that is there, whether
what serves its models has its roles. Every call only reads, and costs
nothing.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from cli.errors import UserError, aws_error_text
from cli.stack.account import log_groups, quotas, serving_roles
from cli.stack.account.log_groups import LogGroups
from cli.stack.account.quotas import QuotaReport
from cli.stack.account.serving_roles import ServingRoles
from cli.stack.target import Target
from pipelines.publishing import freshness


@dataclass(frozen=True)
class Examination:
    """What was found."""

    identity: str  # ARN of who asks
    account: str
    without_image: Mapping[str, tuple[str, ...]]  # model -> the images that it needs and the region lacks
    quotas: QuotaReport
    log_groups: LogGroups
    serving_roles: ServingRoles

    @property
    def good(self) -> bool:
        """Whether everything that could be asked suffices."""
        return not (self.without_image or self.quotas.missing or self.serving_roles.lacking)

    def data(self) -> dict[str, Any]:
        """The findings for programs."""
        lacking = {model: list(images) for model, images in self.without_image.items()}
        return {
            "identity": self.identity, "account": self.account, "without_image": lacking,
            **self.quotas.data(), **self.log_groups.data(), **self.serving_roles.data(),
        }  # fmt: skip


def examine(target: Target, models: Collection[Mapping[str, Any]]) -> Examination:
    """Ask the place that is talked to about what ``models`` need.

    Raises:
        UserError: nobody is signed in, or the place cannot be reached.
    """
    try:
        who = target.client("sts").get_caller_identity()
        found = quotas.check(target, models)
    except (ClientError, BotoCoreError) as error:
        raise UserError(aws_error_text(error, target)) from error
    images: dict[str, dict[str, str]] = json.loads(freshness.IMAGES_PATH.read_text("utf-8"))
    lacking = {model["name"]: tuple(_lacking(images, model["name"], found.region)) for model in models}
    without = {model: some for model, some in lacking.items() if some}
    roles = serving_roles.check(target, [model["name"] for model in models])
    return Examination(who["Arn"], who["Account"], without, found, log_groups.check(target), roles)


def _lacking(images: Mapping[str, Mapping[str, str]], model: str, region: str) -> list[str]:
    """Images of the model's definition that the region lacks; of one that was never compiled nothing is known yet."""
    path = freshness.definition_path(model)
    text = path.read_text("utf-8") if path.is_file() else ""
    return [image for image, regions in images.items() if region not in regions and f"Image:{image}" in text]


def render_text(found: Examination) -> str:
    """The findings for a person."""
    lines = [f"account {found.account}, as {found.identity}"]
    for model, some in found.without_image.items():
        lines.append(f"{model}: SageMaker has no image {', '.join(some)} in {found.quotas.region}; use another region")
    if not found.without_image:
        lines.append(f"images: all are there in {found.quotas.region}")
    lines += [serving_roles.render_text(found.serving_roles)] if serving_roles.render_text(found.serving_roles) else []
    return "\n".join([*lines, quotas.render_text(found.quotas), log_groups.render_text(found.log_groups)])
