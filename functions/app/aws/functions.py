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
