"""The stack's functions by the names that template.yaml gives them."""

import json
from typing import Any

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


def send_event(target: Target, logical: str, event: dict[str, Any]) -> None:
    """Give a function an event, as whoever sent it first did: asynchronously, at least once."""
    function = physical_name(target, logical)
    target.client("lambda").invoke(FunctionName=function, InvocationType="Event", Payload=json.dumps(event).encode())
