"""Which published models lack the role of what serves them: those that a release published which made none, and those
whose role somebody deleted since. A deployment of such a model fails.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from cli.errors import UserError, aws_error_text
from cli.stack import serving
from cli.stack.target import Target


@dataclass(frozen=True)
class ServingRoles:
    """What was found, or why nothing could be."""

    lacking: Mapping[str, str]  # model -> why
    unknown: str = ""

    def data(self) -> dict[str, Any]:
        """The findings for programs."""
        return {"without_serving_role": dict(self.lacking), "serving_roles_unknown": self.unknown}


def check(target: Target, models: Collection[str]) -> ServingRoles:
    """Ask the stack, where there is one, for the roles of its models; a model that nobody published needs none yet."""
    try:
        outputs = target.outputs()
    except UserError:  # not deployed yet
        return ServingRoles({})
    try:
        found = {model: _lack(target, model) for model in models} if "DataBucketName" in outputs else {}
    except ClientError as error:
        return ServingRoles({}, aws_error_text(error, target))
    return ServingRoles({model: why for model, why in found.items() if why})


def _lack(target: Target, model: str) -> str:
    document = serving.published(target, model)
    if not document:
        return ""
    role = str(document.get("serving_role_arn") or "")
    if not role:
        return "an earlier release published it, without a role for what serves it"
    iam = target.client("iam")
    try:
        iam.get_role(RoleName=role.rpartition("/")[2])
    except iam.exceptions.NoSuchEntityException:
        return f"role {role.rpartition('/')[2]} is gone, which what serves it has"
    return ""


def render_text(found: ServingRoles) -> str:
    """The findings for a person; "" where there is nothing to say."""
    if found.unknown:
        return f"roles of what serves models could not be read: {found.unknown}"
    return "\n".join(f"{model}: {why}: `retrain publish {model}`" for model, why in found.lacking.items())
