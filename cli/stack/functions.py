"""The stack's functions by the names that template.yaml gives them."""

import json
from typing import Any

from app.decide.names.shown_text import shown
from botocore.exceptions import ClientError

from cli.errors import UserError
from cli.stack.target import Target


def physical_name(target: Target, logical: str) -> str:
    """The name of a resource of the stack.

    Raises:
        UserError: the stack has none of that name: it is of another release.
    """
    cloudformation = target.client("cloudformation")
    try:
        found = cloudformation.describe_stack_resource(StackName=target.stack, LogicalResourceId=logical)
    except ClientError as error:
        raise UserError(f"stack '{target.stack}' at {target} has no {logical}: deploy it again") from error
    return str(found["StackResourceDetail"]["PhysicalResourceId"])


def call(target: Target, logical: str, event: dict[str, Any]) -> dict[str, Any]:
    """Invoke a function, and wait for its answer.

    Raises:
        UserError: it failed, or may not be invoked.
    """
    try:
        answer = target.client("lambda").invoke(
            FunctionName=physical_name(target, logical), Payload=json.dumps(event).encode()
        )
    except ClientError as error:
        raise UserError(f"{logical} was not invoked: {error.response['Error']['Message']}") from error
    body = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        raise UserError(f"{logical} failed: {shown(str(body.get('errorMessage', body)))}")
    found: dict[str, Any] = body
    return found


def send_event(target: Target, logical: str, event: dict[str, Any]) -> None:
    """Give a function an event, as whoever sent it first did: asynchronously, at least once."""
    function = physical_name(target, logical)
    target.client("lambda").invoke(FunctionName=function, InvocationType="Event", Payload=json.dumps(event).encode())
