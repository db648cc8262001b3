"""Least privilege, both ways: what end-to-end runs asked for is permitted, what is permitted was asked for, and
without any one statement, action, resource or condition an answer would be another.

``recorded_permissions.json`` is what those runs asked (``make record-permissions`` writes it);
``iam_exceptions.yaml`` what only AWS asks, or what no run can be made to ask, each with its reason.
"""

import copy
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from localcloud.iam.policies import Ask, applies, values
from tests.contract.compiled_pipelines import COMPILED, ENDPOINT_ROLE, PIPELINE_ROLE, needs_of_images, needs_of_steps
from tests.contract.role_policies import (
    ACCOUNT,
    ARNS,
    REGION,
    Document,
    Policies,
    Where,
    exceptions,
    managed,
    managed_document,
    recorded,
    synthesised,
)

ADMIN = ARNS["AWS::IAM::Role"].format("Administrator")
ELSEWHERE = {  # another value for each key that a condition may ask for
    "aws:SourceArn": "arn:aws:events:us-east-1:123456789012:rule/of-somebody-else",
    "aws:SourceAccount": "999999999999",
    "aws:SecureTransport": "false",
    "iam:PassedToService": "lambda.amazonaws.com",
    "cloudwatch:namespace": "Somewhere/Else",
}


def excepted() -> list[Ask]:
    """Calls of the exceptions file; one entry may speak for several principals, actions or resources."""
    return [
        Ask(
            principal if "." in principal else ARNS["AWS::IAM::Role"].format(principal),
            action,
            resource if resource == "*" else arn_of(resource),
            {key: tuple(values(found)) for key, found in context.items()},
        )
        for entry in exceptions()["calls"]
        if entry.get("where") is None
        or any(where.holder.endswith(f"{entry['where']}Role") for where in synthesised().found)
        for context in contexts(entry.get("context", {}))
        for principal in values(entry["principal"])
        for action in values(entry["action"])
        for resource in values(entry["resource"])
    ]


def contexts(given: Any) -> list[dict[str, Any]]:
    """One, or a list of such."""
    return given if isinstance(given, list) else [given]


def arn_of(short: str) -> str:
    """``service:rest`` as an ARN."""
    service, _, rest = short.partition(":")
    place = {"s3": ":", "iam": f":{ACCOUNT}"}.get(service, f"{REGION}:{ACCOUNT}")
    return f"arn:aws:{service}:{place}:{rest}"


def held() -> list[tuple[Where, Document]]:
    """The template's statements but for those of functions that no recorded run works with."""
    unknown = exceptions()["not_recorded_yet"]
    return [
        (where, statement)
        for where, statement in synthesised().found.items()
        if re.split("[:/]", where.holder)[-1].removesuffix("Role") not in unknown
    ]


def asked() -> list[Ask]:
    """Everything that must be permitted."""
    return [*(row.ask for row in recorded()), *excepted(), *compiled()]


def compiled() -> list[Ask]:
    """What the committed pipelines take, also those that no recorded run runs."""
    steps = [(PIPELINE_ROLE, need) for path in COMPILED for need in needs_of_steps(path)]
    pulls = [(role, need) for role in (PIPELINE_ROLE, ENDPOINT_ROLE) for need in needs_of_images()]
    return [Ask(role, need.action, need.resource, need.context) for role, need in [*steps, *pulls]]


def by_a_person(policies: Policies) -> list[Ask]:
    """An administrator at every resource that has a policy: only a Deny there can stop one."""
    holders = sorted({where.holder for where in policies.found if where.kind == "resource"})
    return [
        Ask(ADMIN, action, resource) for holder in holders for action, resource in ACTS[holder.split(":")[2]](holder)
    ]


ACTS: dict[str, Any] = {
    "s3": lambda arn: [("s3:ListBucket", arn), ("s3:GetObject", f"{arn}/example")],
    "sqs": lambda arn: [("sqs:SendMessage", arn)],
    "sns": lambda arn: [("sns:Publish", arn)],
    "lambda": lambda arn: [("lambda:InvokeFunction", arn)],
    "kms": lambda arn: [("kms:Decrypt", arn)],
}


def probes(asks: list[Ask]) -> Iterator[Ask]:
    """The same calls, each from elsewhere in one respect."""
    for ask in asks:
        for key in {*ask.context, "aws:SecureTransport"} & set(ELSEWHERE):
            yield replace(ask, context={**ask.context, key: (ELSEWHERE[key],)})


def with_managed(policies: Policies) -> Policies:
    """The template's statements, AWS's managed ones, and an administrator's."""
    found = dict(policies.found)
    for role, names in managed().items():
        for name in names:
            for number, statement in enumerate(managed_document(name)["Statement"]):
                found[Where(role, "identity", 1000 + 100 * names.index(name) + number)] = statement
    found[Where(ADMIN, "identity", 0)] = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    return Policies(found)


def shown(where: Where, statement: Document) -> str:
    return f"{where.holder.rpartition(':')[2]} ({where.kind}): {statement['Effect']} {statement['Action']}"


# --- every part of a statement that can be taken away


def without(statement: Document, *path: Any) -> Document:
    made = copy.deepcopy(statement)
    inner: Any = made
    for key in path[:-1]:
        inner = inner[key]
    del inner[path[-1]]
    return made


def weakened(statement: Document) -> Iterator[tuple[str, Document | None]]:
    """The statement gone, and with one action, resource, service or condition less."""
    yield "the statement", None
    for name in ("Action", "Resource"):
        found = statement.get(name)
        if isinstance(found, list) and len(found) > 1:
            yield from ((str(one), without(statement, name, number)) for number, one in enumerate(found))
    for operator, keys in statement.get("Condition", {}).items():
        for key, wanted in keys.items():
            made = without(statement, "Condition", operator, key)
            yield f"the condition {operator} {key}", made
            if isinstance(wanted, list) and len(wanted) > 1:
                for number, one in enumerate(wanted):
                    yield f"{key} {one}", without(statement, "Condition", operator, key, number)


def answers(policies: Policies, asks: list[Ask]) -> list[bool]:
    return [policies.decide(ask).allowed for ask in asks]


@pytest.fixture(scope="module")
def policies() -> Policies:
    return with_managed(synthesised())


def test_every_call_of_the_recorded_runs_is_permitted(policies: Policies) -> None:
    refused = {
        f"{ask.principal} {ask.action} {ask.resource} {policies.decide(ask).why}"
        for ask in asked()
        if not policies.decide(ask).allowed
    }

    assert refused == set()


def test_every_permission_is_used_by_a_recorded_call() -> None:
    asks, unused = asked(), []
    for where, statement in held():
        if statement["Effect"] != "Allow":
            continue
        for action in values(statement["Action"]):
            for resource in values(statement.get("Resource", where.holder)):
                narrow = {**statement, "Action": action, "Resource": resource}
                uses = (ask for ask in asks if where.kind != "identity" or ask.principal == where.holder)
                if not any(applies(narrow, ask, where.kind != "identity") for ask in uses):
                    unused.append(f"{where.holder} ({where.kind}): {action} on {resource}")

    assert unused == []


def test_without_any_one_part_of_a_statement_an_answer_is_another(policies: Policies) -> None:
    asks = [*asked(), *by_a_person(policies)]
    asks += list(probes(asks))
    survived = []
    for where, statement in held():
        near = [ask for ask in asks if concerns(where, ask)]
        before = answers(policies, near)
        for what, made in weakened(statement):
            rest = {place: one for place, one in policies.found.items() if place != where}
            mutant = Policies(rest if made is None else {**rest, where: made})
            if answers(mutant, near) == before:
                survived.append(f"{shown(where, statement)}: nothing needs {what}")

    assert survived == []


def concerns(where: Where, ask: Ask) -> bool:
    """Whether a holder's policy has a say in the answer."""
    if where.kind == "identity":
        return ask.principal == where.holder
    return ask.resource == where.holder or ask.resource.startswith(f"{where.holder}/")


def test_each_role_trusts_one_service_and_a_sagemaker_role_only_its_own_account() -> None:
    trusts = [one for where, one in synthesised().found.items() if where.kind == "trust"]
    services = [values(one["Principal"]["Service"]) for one in trusts]

    assert all(len(named) == 1 for named in services)
    assert all(
        one["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
        for one, named in zip(trusts, services, strict=True)
        if named == ["sagemaker.amazonaws.com"]
    )


def test_a_resource_policy_that_admits_a_service_names_whose_events_it_takes() -> None:
    admitting = [
        (where.holder, one)
        for where, one in synthesised().found.items()
        if where.kind == "resource" and one["Effect"] == "Allow"
    ]
    loose = [
        holder
        for holder, one in admitting
        if not {"aws:SourceArn", "aws:SourceAccount"} & {key for keys in one["Condition"].values() for key in keys}
    ]

    assert admitting
    assert loose == []


def test_every_exception_has_a_reason_and_is_no_recorded_call() -> None:
    """What is asked only sometimes may stand in both places."""
    entries = exceptions()["calls"]
    known = {(row.ask.principal, row.ask.action, row.ask.resource, tuple(row.context)) for row in recorded()}
    told = {
        (ask.principal, ask.action, ask.resource, tuple(sorted(ask.context.items())))
        for ask in excepted()
        if ask.action not in exceptions()["not_always_asked"]
    }

    assert all(entry["reason"] for entry in entries)
    assert told & known == set()
    at_work = {row[0].rpartition("/")[2] for row in known if not row[1].startswith("logs:")}  # all write logs
    assert {name for name in exceptions()["not_recorded_yet"] if f"{name}Role" in at_work} == set()


def test_managed_policies_are_those_that_sam_adds() -> None:
    attached = {name for names in managed().values() for name in names}

    assert attached == set(exceptions()["managed_policies"])
