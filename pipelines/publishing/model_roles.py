"""The roles of one model, of its jobs and of what serves it: what is to stand, what stands, and what makes the one of
the other. Pure.

The stack's JobsPolicy and ServingPolicy say what each may do, by the role's tag that names the model; it is the role's
policy and its permissions boundary, so that whoever makes the role cannot give it more.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from pipelines import names
from pipelines.publishing.surroundings import OWNER

MODEL = "retrain-model"  # the tag by which the policies know whose data is whose
MOST_NAME = 64  # Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
HASH = 8  # characters


class Use(StrEnum):
    """What a role is for; its name says so."""

    JOBS = "jobs"
    SERVING = "serving"  # endpoints and batch transforms


class RoleTaken(ValueError):
    """A role of that name is there, and is not what publishing makes."""


@dataclass(frozen=True)
class ModelRole:
    """A role as it is to stand."""

    stack: str
    model: str
    region: str
    use: Use
    policy_arn: str  # of the stack's JobsPolicy or ServingPolicy

    @property
    def name(self) -> str:
        """``<stack>--<model>-<use>-<region>``, as roles are the account's; of a longer one a hash is in the middle."""
        start, end = names.resource_name(self.stack, self.model), f"-{self.use}-{self.region}"
        if len(start + end) <= MOST_NAME:
            return start + end
        digest = hashlib.sha256(start.encode()).hexdigest()[:HASH]
        return f"{start[: MOST_NAME - len(end) - HASH - 1]}-{digest}{end}"

    @property
    def arn(self) -> str:
        """In the account of the policy."""
        return f"{self.policy_arn.partition(':policy/')[0]}:role/{self.name}"

    @property
    def tags(self) -> dict[str, str]:
        """Whose it is, and whose data it reaches."""
        return {OWNER: self.stack, MODEL: self.model}

    @property
    def trust(self) -> dict[str, Any]:
        """SageMaker alone takes it on, for this account.

        Source: https://docs.aws.amazon.com/sagemaker/latest/dg/security-confused-deputy-prevention.html
        """
        return trust(self.policy_arn.split(":")[4])


def trust(account: str) -> dict[str, Any]:
    """Who takes on a role of a model."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sagemaker.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:SourceAccount": account}},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


@dataclass(frozen=True)
class StandingRole:
    """A role that is there."""

    boundary: str
    tags: Mapping[str, str]
    trust: Mapping[str, Any]
    attached: frozenset[str]  # ARNs of policies


@dataclass(frozen=True)
class CreateRole:
    """The role is made, with its boundary and tags, and gets its policy."""

    name: str
    model: str
    policy_arn: str
    role: ModelRole = field(repr=False)
    heading = "create role"

    @property
    def subject(self) -> str:
        """Its name."""
        return self.name


@dataclass(frozen=True)
class AttachPolicy:
    """A role that is there gets its policy, which it lacks."""

    name: str
    policy_arn: str
    role: ModelRole = field(repr=False)
    heading = "attach policy"

    @property
    def subject(self) -> str:
        """Which policy to which role."""
        return f"{self.policy_arn.rpartition('/')[2]} to {self.name}"


def role_changes(wanted: ModelRole, there: StandingRole | None) -> list[CreateRole | AttachPolicy]:
    """What brings the role to what it is to be.

    Raises:
        RoleTaken: somebody else made the role that is there, or opened it.
    """
    if there is None:
        return [CreateRole(wanted.name, wanted.model, wanted.policy_arn, wanted)]
    wrong = [
        what
        for what, differs in (
            ("permissions boundary", there.boundary != wanted.policy_arn),
            ("trust policy", there.trust != wanted.trust),
            *((f"tag {name}", there.tags.get(name) != value) for name, value in wanted.tags.items()),
        )
        if differs
    ]
    if wrong:
        raise RoleTaken(
            f"role {wanted.name} is not what publishing makes (its {', '.join(wrong)}): find out who made or"
            " changed it, delete it, and publish again"
        )
    return [] if wanted.policy_arn in there.attached else [AttachPolicy(wanted.name, wanted.policy_arn, wanted)]
