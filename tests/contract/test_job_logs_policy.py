"""Who bounds the logs of jobs: the written policy permits that, on three groups, and no part of it is idle."""

import json

import pytest

from cli.stack.account.log_groups import SHARED
from localcloud.iam.policies import AccessRequest
from tests.contract.role_policies import ACCOUNT, ARNS, REGION, ROOT, Policies, Where
from tests.contract.weakened import survivors

TEXT = (ROOT / "docs" / "job-logs-policy.json").read_text()
POLICY = json.loads(TEXT.replace("<stack>", "retrain").replace("<account>", ACCOUNT).replace("<region>", REGION))
PERSON = ARNS["AWS::IAM::Role"].format("administers")
BOUNDS = ("logs:CreateLogGroup", "logs:PutRetentionPolicy", "logs:AssociateKmsKey")
STACKS = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack"


def group(name: str) -> str:
    return f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{name}:log-stream:"


PERMITTED = [
    *((action, group(name)) for action in BOUNDS for name in SHARED),
    ("logs:DescribeLogGroups", "*"), ("cloudformation:DescribeStacks", f"{STACKS}/retrain/id"),
]  # fmt: skip
REFUSED = [
    *((action, group(f"{SHARED[0]}Archive")) for action in BOUNDS),
    *((action, group("/aws/sagemaker/Endpoints/retrain--churn")) for action in BOUNDS),
    *((f"logs:{action}", group(SHARED[1])) for action in (
        "DeleteLogGroup", "DeleteRetentionPolicy", "DisassociateKmsKey", "GetLogEvents", "TagResource")),
    ("cloudformation:DescribeStacks", f"{STACKS}/another/id"),
]  # fmt: skip


def ask(action: str, resource: str) -> AccessRequest:
    return AccessRequest(PERSON, action, resource, {})


def held() -> Policies:
    return Policies({Where(PERSON, "identity", number): one for number, one in enumerate(POLICY["Statement"])})


@pytest.mark.parametrize(("action", "resource"), PERMITTED)
def test_it_permits_what_bounds_the_groups(action: str, resource: str) -> None:
    assert held().decide(ask(action, resource)).allowed


@pytest.mark.parametrize(("action", "resource"), REFUSED)
def test_it_permits_nothing_else(action: str, resource: str) -> None:
    assert not held().decide(ask(action, resource)).allowed


def test_without_any_one_part_of_it_an_answer_is_another() -> None:
    asks = [ask(*one) for one in [*PERMITTED, *REFUSED]]

    assert survivors(held(), held().found, lambda _: asks) == []
