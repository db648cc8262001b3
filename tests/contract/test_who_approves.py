"""Who may approve is a policy: which status each role may give a version, and who may send a decision."""

from collections.abc import Mapping
from typing import Any

import pytest
import yaml

from localcloud.iam.actions import needs
from localcloud.iam.permissions import Place
from localcloud.iam.policies import AccessRequest
from tests.contract.compiled_pipelines import IMAGES
from tests.contract.role_policies import ACCOUNT, ARNS, REGION, ROOT, Policies, Where, synthesised
from tests.contract.weakened import survivors

STATUSES = ("PendingManualApproval", "Approved", "Rejected")
PACKAGE = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:model-package/retrain--churn/4"
TOPIC = ARNS["AWS::SNS::Topic"].format("DecisionTopic")


def role(name: str) -> str:
    return ARNS["AWS::IAM::Role"].format(name)


def may(principal: str, operation: str, parameters: Mapping[str, Any]) -> bool:
    """Whether the template permits all that a call of SageMaker takes."""
    asked = needs("sagemaker", operation, parameters, Place(REGION, ACCOUNT))
    policies = synthesised()
    return all(
        policies.decide(AccessRequest(principal, one.action, one.resource, one.context)).allowed for one in asked
    )


@pytest.mark.parametrize(
    ("name", "operation", "parameters", "permitted"),
    [
        ("PipelineRole", "CreateModelPackage", {"ModelPackageGroupName": "retrain--churn"}, {"PendingManualApproval"}),
        ("PipelineRole", "UpdateModelPackage", {"ModelPackageArn": PACKAGE}, set()),
        ("RequestApprovalFunctionRole", "UpdateModelPackage", {"ModelPackageArn": PACKAGE}, {"Approved"}),
        ("ReceiveDecisionFunctionRole", "UpdateModelPackage", {"ModelPackageArn": PACKAGE}, {"Approved", "Rejected"}),
        ("ShowPageFunctionRole", "UpdateModelPackage", {"ModelPackageArn": PACKAGE}, {"Approved", "Rejected"}),
        (
            "ReactToApprovalFunctionRole",
            "UpdateModelPackage",
            {"ModelPackageArn": PACKAGE},
            set(STATUSES),  # of what several have to approve, as their ballot says
        ),
    ],
)
def test_each_role_gives_a_version_only_the_statuses_that_are_its_own(
    name: str, operation: str, parameters: dict[str, str], permitted: set[str]
) -> None:
    given = {status for status in STATUSES if may(role(name), operation, parameters | {"ModelApprovalStatus": status})}

    assert given == permitted
    assert not may(role(name), operation, parameters)  # a status left out is none of them


def test_who_keeps_what_was_judged_names_it_in_the_registry_and_gives_no_status() -> None:
    asked = {"ModelPackageArn": PACKAGE, "InferenceSpecification": {"Containers": [{"Image": "image"}]}}
    name = role("ReadVerdictFunctionRole")

    assert may(name, "UpdateModelPackage", asked)
    assert not any(may(name, "UpdateModelPackage", asked | {"ModelApprovalStatus": status}) for status in STATUSES)


APPROVERS = f"arn:aws:iam::{ACCOUNT}:role/reviewers-*,arn:aws:iam::{ACCOUNT}:user/ada"


@pytest.mark.parametrize(
    ("approvers", "principal", "admitted"),
    [
        ("", role("Anybody"), True),
        (APPROVERS, role("reviewers-eu"), True),
        (APPROVERS, f"arn:aws:iam::{ACCOUNT}:user/ada", True),
        (APPROVERS, role("Anybody"), False),
        (APPROVERS, f"arn:aws:iam::{ACCOUNT}:user/adalbert", False),
    ],
)
def test_only_the_approvers_that_are_named_send_decisions(approvers: str, principal: str, admitted: bool) -> None:
    context = {"aws:PrincipalArn": (principal,), "aws:SecureTransport": ("true",)}
    policies = synthesised(ApproverArns=approvers)
    denied = policies.decide(AccessRequest(principal, "sns:Publish", TOPIC, context)).why.startswith("with an explicit")

    assert denied is not admitted


def test_without_any_one_part_of_the_topics_policy_another_sends_decisions_or_one_less_does() -> None:
    people = (role("Anybody"), role("reviewers-eu"), f"arn:aws:iam::{ACCOUNT}:user/ada")
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    asks = [
        AccessRequest(one, "sns:Publish", TOPIC, {"aws:PrincipalArn": (one,), "aws:SecureTransport": (secure,)})
        for one in people
        for secure in ("true", "false")
    ]
    found = synthesised(ApproverArns=APPROVERS).found
    topic = {where: one for where, one in found.items() if where.holder == TOPIC and where.kind == "resource"}
    policies = Policies({**topic, **{Where(one, "identity", 0): everything for one in people}})

    assert {one["Sid"] for one in topic.values()} == {"TlsOnly", "ApproversOnly"}
    assert survivors(policies, topic, lambda _: asks) == []


def test_images_are_pulled_from_the_accounts_that_publish_them() -> None:
    text = (ROOT / "template.yaml").read_text("utf-8")
    mapped = yaml.load(text, Loader=yaml.BaseLoader)["Mappings"]["ImageAccounts"]
    told = {"Frameworks": ("sklearn:1.9-0", "xgboost:3.2-0"), "Algorithms": ("knn:1", "linear-learner:1")}

    assert all(
        {uri.partition(".")[0] for name in names for uri in [IMAGES[name][region]]} == {mapped[region][kind]}
        for region in IMAGES["knn:1"]
        for kind, names in told.items()
    )
    assert set(mapped) == set(IMAGES["knn:1"])
    assert "ecr:${AWS::Region}:*" not in text
