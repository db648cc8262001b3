"""The sizes of item collections: nobody here measures them, so a write that asks for one is refused by name.

Only tables with local indexes have item collections: of others AWS tells nothing, and neither is anything missing here.

Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutItem.html (ReturnItemCollectionMetrics)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from localcloud.front import moto_patches

WRITES = ("put_item", "update_item", "delete_item", "batch_write_item", "transact_write_items")


def install() -> None:
    """Refuse from now on what would be left out of an answer."""
    for operation in WRITES:
        _refuse(operation)


def tables_of(asked: Mapping[str, Any]) -> Iterator[str]:
    """The names or ARNs of the tables that a write is for."""
    if "TableName" in asked:
        yield str(asked["TableName"])
    yield from asked.get("RequestItems") or {}
    for entry in asked.get("TransactItems") or ():
        yield from (str(one["TableName"]) for one in entry.values() if "TableName" in one)


def _refuse(operation: str) -> None:
    def write(self: Any) -> Any:
        if self.body.get("ReturnItemCollectionMetrics") == "SIZE":
            known = self.dynamodb_backend.tables
            names = (one.rpartition("/")[2] for one in tables_of(self.body))
            measured = next((one for one in names if one in known and known[one].indexes), None)
            if measured is not None:
                said = "ReturnItemCollectionMetrics SIZE does not run outside AWS"
                raise NotImplementedError(f"{said} for {measured}, which has local secondary indexes")
        return original(self)

    original = moto_patches.replace(f"moto.dynamodb.responses:DynamoHandler.{operation}", write)
