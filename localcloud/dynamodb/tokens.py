"""The client tokens of transactions: the same request with the same token has its effect once.

Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html (ClientRequestToken:
"valid for 10 minutes after the first request that uses it is completed")
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from moto.dynamodb.exceptions import ERROR_TYPE_PREFIX, DynamodbException

from localcloud.front import moto_patches

HANDLER = "moto.dynamodb.responses:DynamoHandler"
VALID_S = 600.0
MISMATCH = f"{ERROR_TYPE_PREFIX}IdempotentParameterMismatchException"
DIFFERS = "The request uses the same client token as a previous, but non-identical request"
NO_PARAMETERS = ("ClientRequestToken", "ReturnConsumedCapacity", "ReturnItemCollectionMetrics")  # what is told alone
_done: dict[tuple[str, str], tuple[float, str, Any]] = {}  # (account, token) -> when, what, the answer; oldest first


def install() -> None:
    """Let no transaction happen twice."""
    _done.clear()
    for operation in ("transact_write_items", "execute_transaction"):
        _once(operation)


def _once(operation: str) -> None:
    def answer(self: Any) -> Any:
        token = self.body.get("ClientRequestToken")
        return _remembered(self, str(token), original) if token else original(self)

    original = moto_patches.replace(f"{HANDLER}.{operation}", answer)


def _remembered(handler: Any, token: str, act: Callable[[Any], Any]) -> Any:
    """The answer that the token had; what failed had no effect, and is tried again. DynamoDB's lock is held."""
    _forget()
    name = handler.current_account, token
    asked = json.dumps({key: value for key, value in handler.body.items() if key not in NO_PARAMETERS}, sort_keys=True)
    if name in _done:
        _, before, answer = _done[name]
        if before != asked:
            raise DynamodbException(MISMATCH, DIFFERS)
        return answer
    answer = act(handler)
    _done[name] = time.monotonic(), asked, answer
    return answer


def _forget() -> None:
    """Let go of tokens whose time is over."""
    while _done and time.monotonic() - next(iter(_done.values()))[0] > VALID_S:
        del _done[next(iter(_done))]
