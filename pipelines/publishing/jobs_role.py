"""The role of one model's jobs: what is to stand, what stands, and what makes the one of the other. Pure.

The stack's JobsPolicy says what jobs may do, by the role's tag that names the model; it is the role's policy and its
permissions boundary, so that whoever makes the role cannot give it more.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pipelines import names
from pipelines.publishing.surroundings import OWNER

MODEL = "retrain-model"  # the tag by which JobsPolicy knows whose data is whose
MOST_NAME = 64  # Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
HASH = 8  # characters


class RoleTaken(ValueError):
    """A role of that name is there, and is not what publishing makes."""


@dataclass(frozen=True)
class JobsRole:
    """The role as it is to stand."""

    stack: str
    model: str
    region: str
    policy_arn: str  # of the stack's JobsPolicy

    @property
    def name(self) -> str:
        """``<stack>--<model>-jobs-<region>``, as roles are the account's; of a longer one a hash is in the middle."""
        start, end = names.resource_name(self.stack, self.model), f"-jobs-{self.region}"
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
        """Whose it is, and whose data its jobs see."""
        return {OWNER: self.stack, MODEL: self.model}

    @property
    def trust(self) -> dict[str, Any]:
        """SageMaker alone takes it on, for this account.

        Source: https://docs.aws.amazon.com/sagemaker/latest/dg/security-confused-deputy-prevention.html
        """
        return trust(self.policy_arn.split(":")[4])


def trust(account: str) -> dict[str, Any]:
    """Who takes on a role of jobs."""
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
class CreateJobsRole:
    """The role is made, with its boundary and tags, and gets its policy."""

    name: str
    model: str
    policy_arn: str
    role: JobsRole = field(repr=False)
    heading = "create role"

    @property
    def subject(self) -> str:
        """Its name."""
        return self.name


@dataclass(frozen=True)
class AttachJobsPolicy:
    """A role that is there gets its policy, which it lacks."""

    name: str
    policy_arn: str
    role: JobsRole = field(repr=False)
    heading = "attach policy"

    @property
    def subject(self) -> str:
        """Which policy to which role."""
        return f"{self.policy_arn.rpartition('/')[2]} to {self.name}"


def role_changes(wanted: JobsRole, there: StandingRole | None) -> list[CreateJobsRole | AttachJobsPolicy]:
    """What brings the role to what it is to be.

    Raises:
        RoleTaken: somebody else made the role that is there, or opened it.
    """
    if there is None:
        return [CreateJobsRole(wanted.name, wanted.model, wanted.policy_arn, wanted)]
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
    return [] if wanted.policy_arn in there.attached else [AttachJobsPolicy(wanted.name, wanted.policy_arn, wanted)]
