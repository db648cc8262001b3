"""Least privilege, both ways: what end-to-end runs asked for is permitted, what is permitted was asked for, and
without any one statement, action, resource or condition an answer would be another.

``recorded_permissions.json`` is what those runs asked (``make record-permissions`` writes it), so that this takes
seconds; the end of the end-to-end tests asks the same of what they really did (tests/e2e/test_permissions.py).
``iam_exceptions.yaml`` is what only AWS asks, or what no run asks every time, each with its reason.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from localcloud.iam.policies import AccessRequest, values
from tests.contract.bucket_writes import all_writes
from tests.contract.least_privilege import ADMIN, asked, refused, unused, with_managed, without_excepted
from tests.contract.role_policies import (
    ACCOUNT,
    RECORDED,
    Policies,
    Where,
    exceptions,
    managed,
    normalised,
    recorded,
    synthesised,
)
from tests.contract.weakened import concerns, survivors

ELSEWHERE = {  # another value for each key that a condition may ask for
    "aws:SourceArn": "arn:aws:events:us-east-1:123456789012:rule/of-somebody-else",
    "aws:SourceAccount": "999999999999",
    "aws:SecureTransport": "false",
    "iam:PassedToService": "lambda.amazonaws.com",
    "iam:AWSServiceName": "ec2.application-autoscaling.amazonaws.com",
    "application-autoscaling:service-namespace": "dynamodb",
    "application-autoscaling:scalable-dimension": "sagemaker:variant:DesiredProvisionedConcurrency",
    "cloudwatch:namespace": "Somewhere/Else",
    "sagemaker:ModelApprovalStatus": "Undecided",
    "aws:ResourceTag/retrain-stack": "another",
    "kms:ViaService": "ec2.us-east-1.amazonaws.com",
    "s3:prefix": "pipelines/another/example",
    "aws:PrincipalTag/retrain-model": "another",
}


def by_a_person(policies: Policies) -> list[AccessRequest]:
    """An administrator at every resource that has a policy: only a Deny there can stop one."""
    holders = sorted({where.holder for where in policies.found if where.kind == "resource"})
    return [
        AccessRequest(ADMIN, action, resource)
        for holder in holders
        for action, resource in ACTS[holder.split(":")[2]](holder)
    ]


ACTS: dict[str, Any] = {
    "s3": lambda arn: [("s3:ListBucket", arn), ("s3:GetObject", f"{arn}/example")],
    "sqs": lambda arn: [("sqs:SendMessage", arn)],
    "sns": lambda arn: [("sns:Publish", arn)],
    "lambda": lambda arn: [("lambda:InvokeFunction", arn)],
    "kms": lambda arn: [("kms:Decrypt", arn)],
}


def probes(asks: list[AccessRequest]) -> Iterator[AccessRequest]:
    """The same calls, each from elsewhere in one respect; a change of a version also with a status that it lacks."""
    for ask in asks:
        left_out = {"sagemaker:ModelApprovalStatus"} if ask.action == "sagemaker:UpdateModelPackage" else set()
        for key in {*ask.context, "aws:SecureTransport", *left_out} & set(ELSEWHERE):
            yield replace(ask, context={**ask.context, key: (ELSEWHERE[key],)})


def test_every_call_of_the_recorded_runs_is_permitted() -> None:
    assert refused(asked(recorded())) == set()


def test_a_row_of_the_record_is_what_recording_makes_of_such_a_call() -> None:
    """Else a row that was added by hand is found missing only after all end-to-end tests ran."""
    rows = json.loads(RECORDED.read_text())

    assert normalised([{"context": {}} | row for row in rows], {}, ()) == rows


def test_every_permission_is_used_by_a_recorded_call() -> None:
    assert unused(asked(recorded())) == []


def test_without_any_one_part_of_a_statement_an_answer_is_another() -> None:
    policies = with_managed(synthesised())
    asks = [*asked(recorded()), *by_a_person(policies)]
    asks += list(probes(asks))
    asks += all_writes()

    def near(where: Where) -> list[AccessRequest]:
        return [ask for ask in asks if concerns(where, ask)]

    assert survivors(policies, synthesised().found, near) == []


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
    assert all(entry["reason"] for entry in exceptions()["calls"])
    assert without_excepted(recorded()) == recorded()


def test_managed_policies_are_those_that_sam_adds() -> None:
    attached = {name for names in managed().values() for name in names}

    assert attached == set(exceptions()["managed_policies"])
