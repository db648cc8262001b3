"""The next step of a model's endpoint towards the configuration that it should serve: one table, every state. Pure.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpoint.html (EndpointStatus)
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from app.decide.failure_reasons import quota_in, shortage_in
from app.decide.names.resource_names import version_of_config
from app.errors import RetrainError

# Longer than any function runs: so late nobody is about to ask SageMaker for a change that was claimed.
CLAIM_GRACE = timedelta(minutes=2)
# How long a description may lag behind the change, or lack its reason, before it counts as it stands.
SETTLE = timedelta(minutes=5)
NO_REASON = "no reason given"
REQUESTED, FOUND = "deployment requested", "found: "  # how entries of a run's timeline are, or begin

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
    deletes: bool = False  # what failed, before it is created anew


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
    found: str = ""  # what no deployment of ours left so: people changed or deleted it, or it broke


def next_step(
    endpoint: Endpoint | None, config: str, change: EndpointChange | None, now: datetime, served: str = ""
) -> Step:
    """The step that brings ``endpoint`` nearer to serving ``config``; ``change`` is the last one that was claimed, and
    ``served`` the configuration that was verified last, "" for none.

    A FailureReason counts only if it is of this change: SageMaker keeps the one of an earlier change until the next.
    """
    ours = change if change and change.config == config else None
    if ours and not ours.sent and now - ours.claimed_at < CLAIM_GRACE:
        return Step(Action.WAIT, "its change is being asked for")
    if endpoint is None:
        return Step(Action.CREATE, "it is not there", found=_missing(ours, served))
    if endpoint.status in CHANGING:
        return Step(Action.WAIT, f"it is {endpoint.status}")
    if endpoint.status == IN_SERVICE and endpoint.config == config:
        return Step(Action.SERVED)
    if ours and ours.sent and (ended := _outcome(endpoint, ours, now)):
        return ended
    if endpoint.status == FAILED:
        why = f"failed: {endpoint.failure or NO_REASON}"
        return Step(Action.DELETE, f"it {why}", found=f"endpoint {endpoint.name} had {why}")
    found = _strange(endpoint, config, ours, served)
    return Step(Action.UPDATE, f"{endpoint.config} is {endpoint.status}", found=found)


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


def is_over(endpoint: Endpoint | None, change: EndpointChange, now: datetime) -> bool:
    """Whether nothing more comes of a change that nobody waits for: it ended, or was never asked for."""
    if endpoint and endpoint.status in CHANGING:
        return False
    described = endpoint is None or endpoint.modified_at >= change.claimed_at
    return (change.sent and described) or now - change.claimed_at >= SETTLE


def _missing(change: EndpointChange | None, served: str) -> str:
    """What to say of an endpoint that is not there: nothing where there was none, or we deleted it."""
    if change and change.sent:
        return "" if change.deletes else "the endpoint was deleted while it changed"
    return f"the endpoint was deleted; {served} was verified last" if served else ""


def _strange(endpoint: Endpoint, config: str, change: EndpointChange | None, served: str) -> str:
    """What to say of an endpoint that is to be updated: nothing where it is as a deployment of ours left it, be that
    one that failed.
    """
    if endpoint.status != IN_SERVICE:
        return f"endpoint {endpoint.name} was {endpoint.status}"
    if endpoint.config in (served, change.replaces if change else served):
        return ""
    if version_of_config(endpoint.config) is None:
        return f"somebody else's configuration {endpoint.config} was in service"
    return f"configuration {endpoint.config} was in service" if config == served else ""


def found_since(timeline: Sequence[Mapping[str, str]]) -> list[str]:
    """What the deployment that a run's timeline tells of last found, which no deployment had left so."""
    found: list[str] = []
    for what in (entry["what"] for entry in timeline):
        found = [] if what == REQUESTED else found + ([what.removeprefix(FOUND)] if what.startswith(FOUND) else [])
    return found
