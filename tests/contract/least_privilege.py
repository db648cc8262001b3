"""Least privilege as a property of rows: what is refused of them, and what is permitted and not among them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from localcloud.iam.policies import AccessRequest, applies, values
from tests.contract.compiled_pipelines import COMPILED, PIPELINE_ROLE, needs_of_images, needs_of_steps
from tests.contract.role_policies import (
    ACCOUNT,
    ARNS,
    FORMER_SERVING_ROLE,
    JOBS_ROLE,
    REGION,
    SERVING_ROLE,
    Policies,
    Recorded,
    Where,
    exceptions,
    managed,
    managed_document,
    synthesised,
    tags_of,
)

ADMIN = ARNS["AWS::IAM::Role"].format("Administrator")


def excepted() -> list[AccessRequest]:
    """Calls of the exceptions file; one entry may speak for several principals, actions, resources or contexts."""
    return [
        AccessRequest(
            principal if "." in principal else ARNS["AWS::IAM::Role"].format(principal),
            action,
            resource if resource == "*" else arn_of(resource),
            {
                **tags_of(ARNS["AWS::IAM::Role"].format(principal)),
                **{key: tuple(values(found)) for key, found in context.items()},
            },
        )
        for entry in exceptions()["calls"]
        for context in _several(entry.get("context", {}))
        for principal in values(entry["principal"])
        for action in values(entry["action"])
        for resource in values(entry["resource"])
    ]


def _several(given: Any) -> list[dict[str, Any]]:
    return given if isinstance(given, list) else [given]


def arn_of(short: str) -> str:
    """``service:rest`` as an ARN."""
    service, _, rest = short.partition(":")
    place = {"s3": ":", "iam": f":{ACCOUNT}"}.get(service, f"{REGION}:{ACCOUNT}")
    return f"arn:aws:{service}:{place}:{rest}"


def compiled() -> list[AccessRequest]:
    """What the committed pipelines take, also those that no recorded run runs."""
    steps = [(PIPELINE_ROLE, need) for path in COMPILED for need in needs_of_steps(path)]
    pulling = (PIPELINE_ROLE, JOBS_ROLE, SERVING_ROLE, FORMER_SERVING_ROLE)
    pulls = [(role, need) for role in pulling for need in needs_of_images()]
    return [AccessRequest(role, need.action, need.resource, need.context) for role, need in [*steps, *pulls]]


def asked(rows: Iterable[Recorded]) -> list[AccessRequest]:
    """Everything that must be permitted: what runs asked, what only AWS asks, and what the pipelines will."""
    return [*(row.ask for row in rows), *excepted(), *compiled()]


def with_managed(policies: Policies) -> Policies:
    """The template's statements, AWS's managed ones, and an administrator's."""
    found = dict(policies.found)
    for role, names in managed().items():
        for name in names:
            for number, statement in enumerate(managed_document(name)["Statement"]):
                found[Where(role, "identity", 1000 + 100 * names.index(name) + number)] = statement
    found[Where(ADMIN, "identity", 0)] = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    return Policies(found)


def refused(asks: Iterable[AccessRequest]) -> set[str]:
    """The asks that the template does not permit."""
    policies = with_managed(synthesised())
    answers = ((ask, policies.decide(ask)) for ask in asks)
    return {f"{ask.principal} {ask.action} {ask.resource} {told.why}" for ask, told in answers if not told.allowed}


def unused(asks: list[AccessRequest]) -> list[str]:
    """Each action on each resource that the template permits and nothing asks for."""
    found = []
    for where, statement in synthesised().found.items():
        if statement["Effect"] != "Allow":
            continue
        uses = [ask for ask in asks if where.kind != "identity" or ask.principal == where.holder]
        for action in values(statement["Action"]):
            for resource in values(statement.get("Resource", where.holder)):
                narrow = {**statement, "Action": action, "Resource": resource}
                if not any(applies(narrow, ask, where.kind != "identity") for ask in uses):
                    found.append(f"{where.holder} ({where.kind}): {action} on {resource}")
    return found


def without_excepted(rows: Iterable[Recorded]) -> list[Recorded]:
    """The rows that no exception speaks of: what runs ask every time."""
    known = [(one.principal, one.action, one.resource, set(one.context.items())) for one in excepted()]
    return [
        row
        for row in rows
        if not any(
            (row.principal, row.action, row.resource) == (*names,) and context <= set(row.context)
            for *names, context in known
        )
    ]
