"""The policy simulator's answers, by table, after AWS's pages on EvaluationResult."""

from __future__ import annotations

import pytest

from localcloud.iam.policies import boundary
from localcloud.iam.simulation import simulate

ROLE = "arn:aws:iam::123456789012:role/trainer"
DATA, OTHER = "arn:aws:s3:::data/a.csv", "arn:aws:s3:::other/a.csv"
POLICIES = {
    "jobs": {"Statement": [{"Effect": "Allow", "Action": "sagemaker:*", "Resource": "*"}]},
    "arn:aws:iam::aws:policy/Data": {
        "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/*"}]
    },
    "pass": {
        "Statement": {
            "Effect": "Allow",
            "Action": "iam:PassRole",
            "Resource": "*",
            "Condition": {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}},
        }
    },
    "never": {"Statement": {"Effect": "Deny", "Action": "sagemaker:Delete*", "Resource": "*"}},
}


@pytest.mark.parametrize(
    ("action", "decision", "matched", "missing"),
    [
        ("sagemaker:CreateTrainingJob", "allowed", ["jobs"], []),
        ("sagemaker:DeleteModel", "explicitDeny", ["never"], []),
        ("s3:GetObject", "implicitDeny", [], []),  # "*" is no object of the bucket
        ("iam:PassRole", "implicitDeny", [], ["iam:PassedToService"]),
        ("dynamodb:GetItem", "implicitDeny", [], []),
    ],
)
def test_an_action_on_any_resource_is_decided_as_a_request_would_be(
    action: str, decision: str, matched: list[str], missing: list[str]
) -> None:
    (result,) = simulate(ROLE, POLICIES, [action], [], {})

    assert result == {
        "EvalActionName": action, "EvalResourceName": "*", "EvalDecision": decision,
        "MatchedStatements": [{"SourcePolicyId": name, "SourcePolicyType": "IAM Policy"} for name in matched],
        "MissingContextValues": missing,
    }  # fmt: skip


def test_a_context_entry_is_a_key_of_the_request() -> None:
    given = {"iam:PassedToService": ("sagemaker.amazonaws.com",)}

    (result,) = simulate(ROLE, POLICIES, ["iam:PassRole"], [], given)

    assert (result["EvalDecision"], result["MissingContextValues"]) == ("allowed", [])


def test_several_resources_get_one_result_with_the_strictest_decision_and_each_ones_own() -> None:
    (result,) = simulate(ROLE, POLICIES, ["s3:GetObject"], [DATA, OTHER], {})

    assert result["EvalDecision"] == "implicitDeny"
    assert "EvalResourceName" not in result
    own = {found["EvalResourceName"]: found["EvalResourceDecision"] for found in result["ResourceSpecificResults"]}
    assert own == {DATA: "allowed", OTHER: "implicitDeny"}
    assert result["ResourceSpecificResults"][0]["MatchedStatements"] == [
        {"SourcePolicyId": "Data", "SourcePolicyType": "IAM Policy"}
    ]


@pytest.mark.parametrize(
    ("bounding", "action", "decision", "admitted"),
    [
        ({"Effect": "Allow", "Action": "sagemaker:*", "Resource": "*"}, "sagemaker:CreateModel", "allowed", True),
        ({"Effect": "Allow", "Action": "s3:*", "Resource": "*"}, "sagemaker:CreateModel", "implicitDeny", False),
        ({"Effect": "Deny", "Action": "*", "Resource": "*"}, "sagemaker:CreateModel", "explicitDeny", False),
        ({"Effect": "Allow", "Action": "*", "Resource": "*"}, "sagemaker:DeleteModel", "explicitDeny", True),
        ({"Effect": "Allow", "Action": "*", "Resource": "*"}, "dynamodb:GetItem", "implicitDeny", True),
    ],
)
def test_a_permissions_boundary_bounds_what_is_simulated_and_is_told_of(
    bounding: dict[str, str], action: str, decision: str, admitted: bool
) -> None:
    (result,) = simulate(ROLE, POLICIES, [action], [], {}, [boundary({"Statement": [bounding]})])

    assert result["EvalDecision"] == decision
    assert result["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": admitted}
