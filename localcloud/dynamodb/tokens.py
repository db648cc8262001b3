"""The client tokens of transactions: the same request with the same token has its effect once.

Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html (ClientRequestToken:
"valid for 10 minutes after the first request that uses it is completed")
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from moto.core.responses import ActionResult
from moto.dynamodb.exceptions import ERROR_TYPE_PREFIX, DynamodbException

from localcloud.front import moto_patches

HANDLER = "moto.dynamodb.responses:DynamoHandler.transact_write_items"
VALID_S = 600.0
MISMATCH = f"{ERROR_TYPE_PREFIX}IdempotentParameterMismatchException"
DIFFERS = "The request uses the same client token as a previous, but non-identical request"
NO_PARAMETERS = ("ClientRequestToken", "ReturnConsumedCapacity", "ReturnItemCollectionMetrics")  # what is told alone
WRITTEN: Mapping[str, Any] = {"ConsumedCapacity": [], "ItemCollectionMetrics": {}}  # moto's answer, whatever is written
# Account and token -> when, and a hash of what, as one text: a burst leaves the garbage collector nothing to look at.
# The oldest are first.
_done: dict[str, str] = {}


def install() -> None:
    """Let no transaction happen twice."""
    _done.clear()

    def answer(self: Any) -> Any:
        token = self.body.get("ClientRequestToken")
        return _remembered(self, f"{self.current_account} {token}", original) if token else original(self)

    original = moto_patches.replace(HANDLER, answer)


def _remembered(handler: Any, name: str, act: Callable[[Any], Any]) -> Any:
    """The answer that the token had; what failed had no effect, and is tried again. DynamoDB's lock is held."""
    _forget()
    asked = json.dumps({key: value for key, value in handler.body.items() if key not in NO_PARAMETERS}, sort_keys=True)
    hashed = hashlib.sha256(asked.encode()).hexdigest()
    if name in _done:
        if _done[name].split()[1] != hashed:
            raise DynamodbException(MISMATCH, DIFFERS)
        return ActionResult(dict(WRITTEN))
    answer = act(handler)
    _done[name] = f"{time.monotonic()} {hashed}"
    return answer


def _forget() -> None:
    """Let go of tokens whose time is over."""
    while _done and time.monotonic() - float(next(iter(_done.values())).split()[0]) > VALID_S:
        del _done[next(iter(_done))]
