"""IAM's policy simulator over the API, as SDKs ask it before they use a role."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError
from cloud import CloudServer

TRUST = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"},
                        "Action": "sts:AssumeRole"}]}  # fmt: skip
ONE_QUEUE = {"Statement": [{"Effect": "Allow", "Action": "sqs:*", "Resource": "arn:aws:sqs:us-east-1:123456789012:q"}]}


@pytest.fixture
def role(cloud_server: CloudServer) -> Iterator[str]:
    iam = cloud_server.client("iam")
    made = iam.create_role(RoleName="simulated", Path="/service-role/", AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.attach_role_policy(RoleName="simulated", PolicyArn="arn:aws:iam::aws:policy/AmazonSageMakerFullAccess")
    iam.put_role_policy(RoleName="simulated", PolicyName="queue", PolicyDocument=json.dumps(ONE_QUEUE))
    yield made["Role"]["Arn"]
    iam.delete_role_policy(RoleName="simulated", PolicyName="queue")
    iam.detach_role_policy(RoleName="simulated", PolicyArn="arn:aws:iam::aws:policy/AmazonSageMakerFullAccess")
    iam.delete_role(RoleName="simulated")


def test_the_simulator_answers_page_by_page_what_a_role_may_do(cloud_server: CloudServer, role: str) -> None:
    iam = cloud_server.client("iam")
    actions = ["sagemaker:CreateTrainingJob", "ecr:GetAuthorizationToken", "sqs:SendMessage", "dynamodb:GetItem"]

    pages = iam.get_paginator("simulate_principal_policy").paginate(
        PolicySourceArn=role, ActionNames=actions, PaginationConfig={"PageSize": 3}
    )
    found = [page["EvaluationResults"] for page in pages]

    assert [len(page) for page in found] == [3, 1]
    assert {result["EvalActionName"]: result["EvalDecision"] for page in found for result in page} == {
        "sagemaker:CreateTrainingJob": "allowed", "ecr:GetAuthorizationToken": "allowed",
        "sqs:SendMessage": "implicitDeny", "dynamodb:GetItem": "implicitDeny",
    }  # fmt: skip
    (on_queue,) = iam.simulate_principal_policy(
        PolicySourceArn=role,
        ActionNames=["sqs:SendMessage"],
        ResourceArns=ONE_QUEUE["Statement"][0]["Resource"].split(),
    )["EvaluationResults"]
    assert on_queue["EvalDecision"] == "allowed"
    assert on_queue["MatchedStatements"][0]["SourcePolicyId"] == "queue"


def test_the_boundary_of_a_role_counts(cloud_server: CloudServer, role: str) -> None:
    iam = cloud_server.client("iam")
    bounding = iam.create_policy(PolicyName="bounding", PolicyDocument=json.dumps(ONE_QUEUE))["Policy"]["Arn"]
    iam.put_role_permissions_boundary(RoleName="simulated", PermissionsBoundary=bounding)

    found = iam.simulate_principal_policy(PolicySourceArn=role, ActionNames=["sagemaker:CreateTrainingJob"])
    iam.delete_role_permissions_boundary(RoleName="simulated")

    (result,) = found["EvaluationResults"]
    assert result["EvalDecision"] == "implicitDeny"
    assert result["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": False}


def test_a_boundary_that_is_not_there_is_refused(cloud_server: CloudServer, role: str) -> None:
    iam, nothing = cloud_server.client("iam"), "arn:aws:iam::123456789012:policy/nothing"

    with pytest.raises(iam.exceptions.NoSuchEntityException, match="does not exist or is not attachable") as refused:
        iam.create_role(RoleName="unbounded", AssumeRolePolicyDocument="{}", PermissionsBoundary=nothing)
    with pytest.raises(iam.exceptions.NoSuchEntityException, match="does not exist or is not attachable"):
        iam.put_role_permissions_boundary(RoleName="simulated", PermissionsBoundary=nothing)

    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404
    assert "PermissionsBoundary" not in iam.get_role(RoleName="simulated")["Role"]
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.get_role(RoleName="unbounded")


def test_a_users_boundary_is_refused_by_name(cloud_server: CloudServer) -> None:
    iam = cloud_server.client("iam")
    boundary = "arn:aws:iam::aws:policy/AmazonSageMakerFullAccess"

    with pytest.raises(ClientError, match="CreateUser does not take PermissionsBoundary"):
        iam.create_user(UserName="bounded", PermissionsBoundary=boundary)
    iam.create_user(UserName="unbounded")
    with pytest.raises(ClientError, match="PutUserPermissionsBoundary is not implemented"):
        iam.put_user_permissions_boundary(UserName="unbounded", PermissionsBoundary=boundary)


def test_policies_that_nobody_has_yet_are_simulated(cloud_server: CloudServer) -> None:
    found = cloud_server.client("iam").simulate_custom_policy(
        PolicyInputList=[json.dumps(ONE_QUEUE)], ActionNames=["sqs:SendMessage"], ResourceArns=["*"]
    )

    assert found["EvaluationResults"][0]["EvalDecision"] == "implicitDeny"


def test_a_role_that_is_not_there_and_what_is_not_simulated_are_refused(cloud_server: CloudServer, role: str) -> None:
    iam = cloud_server.client("iam")
    missing = role.replace("simulated", "nobody")

    with pytest.raises(ClientError) as unknown:
        iam.simulate_principal_policy(PolicySourceArn=missing, ActionNames=["sqs:SendMessage"])
    with pytest.raises(ClientError, match="does not take ResourcePolicy") as unplayed:
        iam.simulate_principal_policy(PolicySourceArn=role, ActionNames=["sqs:SendMessage"], ResourcePolicy="{}")

    assert unknown.value.response["Error"]["Code"] == "NoSuchEntity"
    assert unplayed.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
