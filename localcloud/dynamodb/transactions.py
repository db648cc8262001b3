"""Transactions that are undone by what they touched: moto copies every table that one names, with all its items.

Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table

from localcloud.front import moto_patches

TRANSACT = "moto.dynamodb.models:DynamoDBBackend.transact_write_items"
Key = tuple[DynamoType, DynamoType | None]


def install() -> None:
    """Let no transaction copy a table."""

    def transact_write_items(self: DynamoDBBackend, transact_items: list[dict[str, Any]]) -> None:
        with ExitStack() as undo:
            _undo_streams(self, transact_items, undo)
            _undo_items(self, transact_items, undo)
            original(_WithoutTables(self), transact_items)
            undo.pop_all()

    original = moto_patches.replace(TRANSACT, transact_write_items)


class _WithoutTables:
    """A backend that does all a backend does, and shows no table: moto copies those that it sees."""

    tables: Mapping[str, Table] = {}

    def __init__(self, backend: DynamoDBBackend) -> None:
        self._backend = backend

    def __getattr__(self, name: str) -> Any:
        return getattr(self._backend, name)


def _undo_items(backend: DynamoDBBackend, transact_items: list[dict[str, Any]], undo: ExitStack) -> None:
    for table, key in _named(backend, transact_items):
        was = copy.deepcopy(table.get_item(*key))  # an update changes the item itself
        undo.callback(_put_back, table, key, was)


def _undo_streams(backend: DynamoDBBackend, transact_items: list[dict[str, Any]], undo: ExitStack) -> None:
    for table in {id(table): table for table, _ in _named(backend, transact_items)}.values():
        if table.stream_shard is not None:
            records = table.stream_shard.items
            undo.callback(records.__delitem__, slice(len(records), None))


def _named(backend: DynamoDBBackend, transact_items: list[dict[str, Any]]) -> Iterator[tuple[Table, Key]]:
    """The table and key of each operation; one that is no operation changes nothing, and moto refuses it."""
    for operations in transact_items:
        for operation in operations.values():
            try:
                table = backend.get_table(operation["TableName"])
                yield table, backend.get_keys_value(table, operation.get("Key") or operation["Item"])
            except (JsonRESTError, KeyError, AttributeError, TypeError, IndexError):
                continue


def _put_back(table: Table, key: Key, was: Item | None) -> None:
    hash_key, range_key = key
    if was is None:
        table.delete_item(hash_key, range_key)
    elif range_key is None:
        table.items[hash_key] = was
    else:
        table.items[hash_key][range_key] = was
