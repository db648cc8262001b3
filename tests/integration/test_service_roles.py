"""A stack's service role makes, changes and takes away its resources: whoever names it passes it, and it trusts
CloudFormation.
"""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cloud import CloudServer, eventually

ACCOUNT = "123456789012"
MAKES_QUEUES = {"Effect": "Allow", "Action": "sqs:*", "Resource": f"arn:aws:sqs:us-east-1:{ACCOUNT}:*-Queue-*"}
QUEUE = json.dumps({"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}})
TOPIC = json.dumps({"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}, "Topic": {"Type": "AWS::SNS::Topic"}}})


@pytest.fixture(scope="module")
def roles(enforcing: CloudServer) -> dict[str, str]:
    """Roles that make queues: one trusts CloudFormation, one another service. Ben may pass the first alone."""
    iam, made = enforcing.client("iam"), {}
    for name, service in (("makes", "cloudformation"), ("others", "lambda")):
        trust = {"Effect": "Allow", "Principal": {"Service": f"{service}.amazonaws.com"}, "Action": "sts:AssumeRole"}
        created = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))["Role"]
        iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=json.dumps({"Statement": [MAKES_QUEUES]}))
        made[name] = created["Arn"]
    return made


@pytest.fixture(scope="module")
def ben(enforcing: CloudServer, roles: dict[str, str]) -> Any:
    """CloudFormation as Ben calls it, who may make no queue himself."""
    iam, stacks = enforcing.client("iam"), f"arn:aws:cloudformation:us-east-1:{ACCOUNT}:stack/roled*/*"
    passes = {"StringEquals": {"iam:PassedToService": "cloudformation.amazonaws.com"}}
    own = [
        {"Effect": "Allow", "Action": "cloudformation:*", "Resource": stacks},
        {"Effect": "Allow", "Action": "iam:PassRole", "Resource": roles["makes"], "Condition": passes},
        {"Effect": "Allow", "Action": "iam:PassRole", "Resource": roles["others"], "Condition": passes},
    ]
    iam.create_user(UserName="ben")
    iam.put_user_policy(UserName="ben", PolicyName="own", PolicyDocument=json.dumps({"Statement": own}))
    return enforcing.client("cloudformation", str(iam.create_access_key(UserName="ben")["AccessKey"]["AccessKeyId"]))


def settled(stacks: Any, name: str) -> dict[str, Any]:
    """A stack when nothing is under way any more."""

    def looked() -> dict[str, Any] | None:
        stack: dict[str, Any] = stacks.describe_stacks(StackName=name)["Stacks"][0]
        return None if stack["StackStatus"].endswith("IN_PROGRESS") else stack

    return eventually(looked)


def reasons(stacks: Any, name: str) -> str:
    """What a stack's events say."""
    told = stacks.describe_stack_events(StackName=name)["StackEvents"]
    return " ".join(one.get("ResourceStatusReason", "") for one in told)


def test_a_stack_with_a_role_is_made_changed_and_taken_away_as_that_role(ben: Any, roles: dict[str, str]) -> None:
    made = ben.create_stack(StackName="roled", TemplateBody=QUEUE, RoleARN=roles["makes"])["StackId"]

    stack = settled(ben, made)
    assert (stack["StackStatus"], stack["RoleARN"]) == ("CREATE_COMPLETE", roles["makes"])
    ben.update_stack(StackName="roled", TemplateBody=TOPIC)  # it keeps its role
    assert settled(ben, made)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert "assumed-role/makes/AWSCloudFormation is not authorized to perform: sns:CreateTopic" in reasons(ben, made)
    ben.delete_stack(StackName="roled")
    assert settled(ben, made)["StackStatus"] == "DELETE_COMPLETE"


def test_a_change_set_with_a_role_is_executed_as_that_role(ben: Any, roles: dict[str, str]) -> None:
    asked = {"StackName": "roled-set", "ChangeSetName": "first", "ChangeSetType": "CREATE"}
    made = ben.create_change_set(**asked, TemplateBody=QUEUE, RoleARN=roles["makes"])["StackId"]

    ben.execute_change_set(StackName="roled-set", ChangeSetName="first")

    assert settled(ben, made)["StackStatus"] == "CREATE_COMPLETE"


def test_without_a_role_whoever_asks_makes_the_resources_and_a_role_that_is_named_takes_them_away(
    ben: Any, roles: dict[str, str]
) -> None:
    made = ben.create_stack(StackName="roled-not", TemplateBody=QUEUE, DisableRollback=True)["StackId"]

    assert settled(ben, made)["StackStatus"] == "CREATE_FAILED"
    assert "user/ben is not authorized to perform: sqs:" in reasons(ben, made)
    ben.delete_stack(StackName="roled-not", RoleARN=roles["makes"])
    assert settled(ben, made)["StackStatus"] == "DELETE_COMPLETE"


def test_a_role_that_does_not_trust_cloudformation_makes_nothing(ben: Any, roles: dict[str, str]) -> None:
    with pytest.raises(ClientError, match=f"Role {roles['others']} is invalid or cannot be assumed") as refused:
        ben.create_stack(StackName="roled-others", TemplateBody=QUEUE, RoleARN=roles["others"])

    assert refused.value.response["Error"]["Code"] == "ValidationError"
    with pytest.raises(ClientError, match="Stack with id roled-others does not exist"):
        ben.describe_stacks(StackName="roled-others")


@pytest.mark.parametrize("call", ["create_stack", "create_change_set", "update_stack", "delete_stack"])
def test_whoever_may_not_pass_a_role_gives_it_to_no_stack(enforcing: CloudServer, ben: Any, call: str) -> None:
    trust = {"Effect": "Allow", "Principal": {"Service": "cloudformation.amazonaws.com"}, "Action": "sts:AssumeRole"}
    iam = enforcing.client("iam")
    named = {"RoleName": f"administers-{call}", "AssumeRolePolicyDocument": json.dumps({"Statement": [trust]})}
    role = iam.create_role(**named)["Role"]["Arn"]
    body = {} if call == "delete_stack" else {"TemplateBody": QUEUE}
    body |= {"ChangeSetName": "first", "ChangeSetType": "CREATE"} if call == "create_change_set" else {}

    with pytest.raises(ClientError, match="user/ben is not authorized to perform: iam:PassRole on resource: "):
        getattr(ben, call)(StackName="roled-passed", RoleARN=role, **body)
