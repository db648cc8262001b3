"""DynamoDB items: those that a call changed are recorded together at its end, so that a transaction is atomic."""

from __future__ import annotations

import threading
from typing import Any

from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table

from localcloud import journaling

LOCK = threading.Lock()  # moto checks a condition and writes in two steps: one call at a time
Key = tuple[DynamoType, DynamoType | None]
_changed: dict[int, tuple[Table, dict[Key, None]]] = {}  # tables by their ids, and the keys of their items


def mark_changed(table: Table, hash_key: DynamoType, range_key: DynamoType | None) -> None:
    """An item was written or deleted."""
    if journaling.is_enabled():
        _changed.setdefault(id(table), (table, {}))[1][hash_key, range_key] = None


def record_changed() -> None:
    """Record the items that were changed since the last time. The caller holds DynamoDB's lock."""
    if _changed:
        changed = [
            (table.account_id, table.region_name, table.name, [(*key, table.get_item(*key)) for key in keys])
            for table, keys in _changed.values()
        ]
        _changed.clear()
        journaling.record(put, changed)


def put(changed: list[tuple[str, str, str, list[tuple[DynamoType, DynamoType | None, Item | None]]]]) -> None:
    """Restore items, by account, region and table."""
    for account, region, name, items in changed:
        table = dynamodb_backends[account][region].tables.get(name)
        for hash_key, range_key, item in items if table is not None else ():
            _put(table.items, hash_key, range_key, item)


def _put(items: dict[Any, Any], hash_key: DynamoType, range_key: DynamoType | None, item: Item | None) -> None:
    place, key = (items, hash_key) if range_key is None else (items.setdefault(hash_key, {}), range_key)
    if item is None:
        place.pop(key, None)
    else:
        place[key] = item
    if range_key is not None and not place:
        del items[hash_key]
