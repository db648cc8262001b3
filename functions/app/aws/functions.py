"""Lambda functions that are invoked as an event would invoke them."""

import json
from typing import Any

from app.aws.clients import calling, client


def invoke(name: str, event: dict[str, Any]) -> None:
    """Invoke a function asynchronously, at least once.

    Source: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html (InvocationType Event)
    """
    with calling():
        client("lambda").invoke(FunctionName=name, InvocationType="Event", Payload=json.dumps(event).encode())


def names(stack: str) -> dict[str, str]:
    """The names of a stack's functions, and of its other resources, by those that its template gives them.

    Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStackResources.html
    """
    pages = client("cloudformation").get_paginator("list_stack_resources")
    with calling():
        listed = [one for page in pages.paginate(StackName=stack) for one in page["StackResourceSummaries"]]
    return {one["LogicalResourceId"]: one.get("PhysicalResourceId", "") for one in listed}
