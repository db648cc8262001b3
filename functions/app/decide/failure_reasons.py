"""SageMaker's failure reasons and quota messages: what their text says that no code does. Pure.

``FailureReason`` is text alone, as SageMaker has no code for it: "Unable to provision requested ML compute capacity due
to InsufficientInstanceCapacity error." Source: https://github.com/aws/deep-learning-containers/pull/6673

A lack of capacity is AWS's and passes. A quota is the account's: one that is used up frees itself, one that is lower
than what is requested (0 in a new account) never does.
"""

import re
from typing import NamedTuple

from app.errors import InsufficientCapacity, QuotaReached, QuotaTooLow, RetrainError

# Source: https://github.com/awsdocs/amazon-sagemaker-developer-guide/issues/70 and
# https://github.com/aws-samples/sagemaker-custom-project-templates/issues/51
QUOTA = re.compile(
    r"service limit '(?P<name>[^']+)' is (?P<limit>\d+) \w+, "
    r"with current utilization of (?P<used>\d+) \w+ and a request delta of (?P<requested>\d+) \w+"
)
# Source: https://github.com/aws/sagemaker-python-sdk/issues/101 and
# https://github.com/aws/amazon-sagemaker-operator-for-k8s (DeleteEndpointInProgressMessagePrefix)
OUT_OF_DATE = re.compile(
    r'cannot update in-progress endpoint|cannot create already existing endpoint "|'
    r'could not find endpoint "',
    re.IGNORECASE,
)
# Source: https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-scaling-update.html (in what words, nobody says)
SCALED = re.compile(r"scalable target|deregister", re.IGNORECASE)
NO_CAPACITY = ("insufficientinstancecapacity", "insufficient capacity", "unable to provision", "capacityerror")
OTHER_TYPE = "name another instance type in the model file"
SHORTAGES: dict[type[RetrainError], str] = {
    InsufficientCapacity: "capacity is short",
    QuotaReached: "a quota is used up",
    QuotaTooLow: "a quota is too low",
}  # and what the timeline says of each


class Quota(NamedTuple):
    """A quota that a request exceeds, as SageMaker words it."""

    name: str  # "ml.m5.large for endpoint usage"
    limit: int
    used: int
    requested: int

    @property
    def too_low(self) -> bool:
        """Whether the request exceeds it whatever else runs."""
        return self.requested > self.limit

    def __str__(self) -> str:
        without_spot = ", or set spot: false" if "spot" in self.name else ""
        if self.too_low:
            what = f"is {self.limit}, and {self.requested} is needed"
            remedy = f"request an increase in Service Quotas (Amazon SageMaker), {OTHER_TYPE}{without_spot}"
        else:
            what = f"is used up: {self.used} of {self.limit}, and {self.requested} more is needed"
            remedy = f"begin again when other work has ended, or request an increase in Service Quotas{without_spot}"
        return f"the account's quota '{self.name}' {what}; {remedy}"


def quota_in(text: str) -> Quota | None:
    """The quota that a message speaks of; None for one that speaks of none."""
    found = QUOTA.search(text)
    return Quota(found["name"], *(int(found[name]) for name in ("limit", "used", "requested"))) if found else None


def is_out_of_date(refusal: str) -> bool:
    """Whether SageMaker refuses a change of an endpoint because of another change, of which DescribeEndpoint may not
    tell yet: the endpoint changes, was made or was deleted. Such a refusal says nothing about what was asked for.
    """
    return OUT_OF_DATE.search(refusal) is not None


def is_scaled(refusal: str) -> bool:
    """Whether SageMaker refuses an update of what Application Auto Scaling scales: it has to be deregistered first, and
    nothing is said about what was asked for.
    """
    return SCALED.search(refusal) is not None


def shortage_in(reason: str) -> type[RetrainError] | None:
    """The shortage that a failure reason speaks of, which says nothing about the version: a key of ``SHORTAGES``; None
    for any other reason.
    """
    quota = quota_in(reason)
    if quota:
        return QuotaTooLow if quota.too_low else QuotaReached
    if "resourcelimitexceeded" in reason.lower():
        return QuotaReached
    return InsufficientCapacity if any(words in reason.lower() for words in NO_CAPACITY) else None
