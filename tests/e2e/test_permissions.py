"""Roles and resource policies at work: what they refuse is refused here as on AWS, and what they permit is needed."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import boto3
import permissions
import pytest
from botocore.exceptions import ClientError
from waiting import eventually

from localcloud.front import calls
from tests.contract import least_privilege, role_policies

pytestmark = pytest.mark.local  # an account has roles of its own


def under(stack: Any, role: str, service: str) -> Any:
    """A client under one of the stack's roles, as its function has it once it was called, with whatever event."""
    physical, function = physical_id(stack, role), physical_id(stack, role.removesuffix("Role"))
    caller = f"function/{function}"
    stack.target.client("lambda").invoke(FunctionName=function, Payload=b"{}")
    key = calls.access_key(caller, role_arn(physical))
    seen = partial(permissions.page, stack.target.url, "permissions")
    eventually(lambda: any(one["caller"] == caller for one in seen()), 20, f"{caller} was called")
    make: Any = boto3.client
    return make(
        service,
        endpoint_url=stack.target.url,
        region_name="us-east-1",
        aws_access_key_id=key,
        aws_secret_access_key="local",
    )


def role_arn(name: str) -> str:
    return f"arn:aws:iam::123456789012:role/{name}"


def physical_id(stack: Any, logical: str) -> str:
    found = stack.target.client("cloudformation").describe_stack_resource(
        StackName=stack.name, LogicalResourceId=logical
    )
    return str(found["StackResourceDetail"]["PhysicalResourceId"])


@pytest.fixture(scope="module")
def stack_with_nothing(new_stack: Callable[[str], Any]) -> Any:
    return new_stack("probed")


def refusal(act: Callable[[], Any]) -> str:
    with pytest.raises(ClientError) as refused:
        act()
    assert refused.value.response["Error"]["Code"] in ("AccessDenied", "AccessDeniedException", "AuthorizationError")
    return refused.value.response["Error"]["Message"]


def test_a_role_is_refused_what_its_policies_do_not_name(stack_with_nothing: Any) -> None:
    stack = stack_with_nothing
    bucket, table = stack.outputs["DataBucketName"], stack.outputs["LedgerTableName"]
    key = {"pk": {"S": "a"}, "sk": {"S": "b"}}

    said = refusal(lambda: under(stack, "CheckQuietFunctionRole", "dynamodb").delete_item(TableName=table, Key=key))
    refusal(lambda: under(stack, "PlanRunFunctionRole", "s3").get_object(Bucket=bucket, Key="code/secret.py"))
    refusal(lambda: under(stack, "VerifyVersionFunctionRole", "s3").get_object(Bucket=bucket, Key="incoming/none"))
    refusal(lambda: under(stack, "CheckQuietFunctionRole", "sns").publish(
        TopicArn=stack.outputs["NotificationTopicArn"], Message="m"))  # fmt: skip

    assert "is not authorized to perform: dynamodb:DeleteItem on resource: arn:aws:dynamodb:" in said
    assert said.endswith("because no identity-based policy allows the dynamodb:DeleteItem action")
    assert under(stack, "CheckQuietFunctionRole", "dynamodb").get_item(TableName=table, Key=key)


def test_a_rule_that_the_queue_does_not_know_delivers_nothing(stack_with_nothing: Any) -> None:
    stack = stack_with_nothing
    events, sqs = stack.target.client("events"), stack.target.client("sqs")
    queue = physical_id(stack, "ArrivalsQueue")
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    rule = events.put_rule(Name="of-somebody-else", EventPattern=json.dumps({"source": ["somebody.else"]}))["RuleArn"]
    events.put_targets(Rule="of-somebody-else", Targets=[{"Id": "queue", "Arn": arn}])

    events.put_events(Entries=[{"Source": "somebody.else", "DetailType": "d", "Detail": "{}"}])

    def refused() -> bool:
        checks = permissions.page(stack.target.url, "permissions")
        return any(
            (one["action"], one["resource"], one["context"].get("aws:SourceArn")) == ("sqs:SendMessage", arn, [rule])
            for one in checks
            if not one["allowed"]
        )

    eventually(refused, 20, "the queue's policy refuses the rule")
    events.remove_targets(Rule="of-somebody-else", Ids=["queue"])
    events.delete_rule(Name="of-somebody-else")


@pytest.mark.record
def test_every_permission_of_the_template_was_used_by_these_tests(
    request: pytest.FixtureRequest, local_cloud: tuple[str, Path]
) -> None:
    """The last of all, and only where all ran: what roles and services asked for meanwhile is all that they may.

    Remedy where this fails: take the permission away, or name in iam_exceptions.yaml why no test uses it every time.
    """
    rows = role_policies.rows_of(permissions.recorded(local_cloud[0]))
    if path := request.config.getoption("--record-permissions"):
        steady = [one.row for one in least_privilege.without_excepted(rows)]
        path.write_text(json.dumps(steady, indent=1) + "\n")

    unused = least_privilege.unused(least_privilege.asked(rows))

    # What a test that failed would have asked for is not known, and it has said enough.
    assert unused == [] or request.session.testsfailed
