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
    pages = target.client("cloudformation").get_paginator("list_stack_resources")  # which an operator may call
    try:
        listed = [one for page in pages.paginate(StackName=target.stack) for one in page["StackResourceSummaries"]]
    except ClientError as error:
        why = error.response["Error"]["Message"]
        raise UserError(f"the resources of stack '{target.stack}' at {target} cannot be listed: {why}") from error
    found = [str(one["PhysicalResourceId"]) for one in listed if one["LogicalResourceId"] == logical]
    if not found:
        raise UserError(f"stack '{target.stack}' at {target} has no {logical}: deploy it again")
    return found[0]


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
