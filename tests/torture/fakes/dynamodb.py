"""DynamoDB in memory: one table with pk and sk, as the ledger calls it."""

from __future__ import annotations

from typing import Any

from tests.torture.fakes.expressions import condition, updated
from tests.torture.faults import refusal

Item = dict[str, Any]


class DynamoDB:
    """All items, typed as DynamoDB types them. No item is changed in place."""

    def __init__(self) -> None:
        self.items: dict[str, dict[str, Item]] = {}  # pk -> sk -> item

    def _at(self, key: Item) -> tuple[dict[str, Item], str]:
        return self.items.setdefault(key["pk"]["S"], {}), key["sk"]["S"]

    def get_item(self, *, TableName: str, Key: Item, ConsistentRead: bool) -> Item:
        """GetItem."""
        held, sk = self._at(Key)
        return {"Item": held[sk]} if sk in held else {}

    def _holds(self, request: Item) -> bool:
        held, sk = self._at(request["Key"])
        text = request.get("ConditionExpression")
        return not text or condition(text)(held.get(sk, {}), request)

    def _apply(self, request: Item) -> Item:
        held, sk = self._at(request["Key"])
        held[sk] = updated(held.get(sk) or request["Key"], request)
        return held[sk]

    def update_item(self, **request: Any) -> Item:
        """UpdateItem, which creates what is not there."""
        if not self._holds(request):
            raise refusal("ConditionalCheckFailedException", operation="UpdateItem")
        return {"Attributes": self._apply(request)}

    def delete_item(self, **request: Any) -> Item:
        """DeleteItem."""
        if not self._holds(request):
            raise refusal("ConditionalCheckFailedException", operation="DeleteItem")
        held, sk = self._at(request["Key"])
        gone = held.pop(sk, None)
        return {"Attributes": gone} if gone else {}

    def query(self, **request: Any) -> Item:
        """Query of one pk, or of a range of sk in it."""
        if request["KeyConditionExpression"] not in ("pk = :pk", "pk = :pk AND sk BETWEEN :first AND :last"):
            raise NotImplementedError(request["KeyConditionExpression"])
        given = {name: value["S"] for name, value in request["ExpressionAttributeValues"].items()}
        held = self.items.get(given[":pk"], {})
        found = sorted(sk for sk in held if ":first" not in given or given[":first"] <= sk <= given[":last"])
        ordered = found if request["ScanIndexForward"] else found[::-1]
        return {"Items": [held[sk] for sk in ordered]}

    def transact_write_items(self, *, TransactItems: list[Item]) -> Item:
        """TransactWriteItems: all updates or none."""
        updates = [entry["Update"] for entry in TransactItems]
        met = [self._holds(update) for update in updates]
        if not all(met):
            reasons = [{"Code": "None" if holds else "ConditionalCheckFailed"} for holds in met]
            raise refusal("TransactionCanceledException", CancellationReasons=reasons)
        for update in updates:
            self._apply(update)
        return {}
