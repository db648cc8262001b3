"""The next step of a model's endpoint towards the configuration that it should serve: one table, every state. Pure.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpoint.html (EndpointStatus)
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from app.decide.failure_reasons import quota_in, shortage_in
from app.errors import RetrainError

# Longer than any function runs: so late nobody is about to ask SageMaker for a change that was claimed.
CLAIM_GRACE = timedelta(minutes=2)
# How long a description may lag behind the change, or lack its reason, before it counts as it stands.
SETTLE = timedelta(minutes=5)
NO_REASON = "no reason given"

CHANGING = ("Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting")
IN_SERVICE, FAILED = "InService", "Failed"


class Endpoint(NamedTuple):
    """An endpoint as it is now."""

    name: str
    config: str
    status: str  # Creating, Updating, InService, Failed, …
    failure: str  # why the last change failed; SageMaker keeps it until the next
    modified_at: datetime
    instances: int = 0  # that it is to have now; 0 of a serverless one


class EndpointChange(NamedTuple):
    """The last change of an endpoint that was claimed, and asked of SageMaker where it is ``sent``."""

    config: str
    replaces: str  # the configuration that was in service when it was claimed; "" for none
    claimed_at: datetime
    sent: bool


class Action(StrEnum):
    """What is to be done about an endpoint."""

    SERVED = "served"  # nothing: it serves the configuration
    WAIT = "wait"  # nothing now: an event, or the reconciler, comes
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"  # a failed endpoint permits nothing else
    GIVE_UP = "give up"  # the change failed: the version is marked
    TRY_LATER = "try later"  # AWS had no instances, or the account may have no more: the version is as good as it was


class Step(NamedTuple):
    """An action and its reason, as people read it."""

    action: Action
    reason: str = ""
    error: type[RetrainError] | None = None  # of TRY_LATER: the machine retries by its name, or not


def next_step(endpoint: Endpoint | None, config: str, change: EndpointChange | None, now: datetime) -> Step:
    """The step that brings ``endpoint`` nearer to serving ``config``; ``change`` is the last one that was claimed.

    A FailureReason counts only if it is of this change: SageMaker keeps the one of an earlier change until the next.
    """
    ours = change if change and change.config == config else None
    if ours and not ours.sent and now - ours.claimed_at < CLAIM_GRACE:
        return Step(Action.WAIT, "its change is being asked for")
    if endpoint is None:
        return Step(Action.CREATE, "it is not there")
    if endpoint.status in CHANGING:
        return Step(Action.WAIT, f"it is {endpoint.status}")
    if endpoint.status == IN_SERVICE and endpoint.config == config:
        return Step(Action.SERVED)
    if ours and ours.sent and (ended := _outcome(endpoint, ours, now)):
        return ended
    if endpoint.status == FAILED:
        return Step(Action.DELETE, f"it failed: {endpoint.failure or NO_REASON}")
    return Step(Action.UPDATE, _found(endpoint, ours))


def _outcome(endpoint: Endpoint, change: EndpointChange, now: datetime) -> Step | None:
    """How a change that was sent ended, where the endpoint does not serve it; None: it is as if it was never asked for.

    Somebody else's configuration in service, or an endpoint that somebody made anew, says nothing about ours.
    """
    age = now - change.claimed_at
    if endpoint.modified_at < change.claimed_at:  # described as it was before the change
        return Step(Action.WAIT, "its description lags behind the change") if age < SETTLE else None
    if endpoint.config not in (change.config, change.replaces):
        return None
    if not endpoint.failure and age < SETTLE and endpoint.status == IN_SERVICE:
        return Step(Action.WAIT, "it went back, and has not said why")
    how = f"went back to {endpoint.config}" if endpoint.status == IN_SERVICE else f"is {endpoint.status}"
    why = endpoint.failure or NO_REASON
    shortage = shortage_in(why)
    action = Action.TRY_LATER if shortage else Action.GIVE_UP
    return Step(action, f"endpoint {endpoint.name} {how}: {quota_in(why) or why}", shortage)


def _found(endpoint: Endpoint, change: EndpointChange | None) -> str:
    if endpoint.status != IN_SERVICE:
        return f"it is {endpoint.status}"
    if change and endpoint.config != change.replaces:
        return f"somebody else's configuration {endpoint.config} is in service"
    return f"{endpoint.config} is in service"
