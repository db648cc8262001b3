"""Looks at one partition touch that partition alone: moto sorts the whole table for each query, and keeps an empty
partition for each key that somebody looked for or deleted.
"""

from __future__ import annotations

from typing import Any

from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table

from localcloud.front import moto_patches
from localcloud.persistence import items

TABLE = "moto.dynamodb.models.table:Table"


def install() -> None:
    """Let queries, looks and deletes leave the rest of the table alone."""
    _look()
    _put()
    _update()
    _query()


def _look() -> None:
    def get_item(
        self: Table,
        hash_key: DynamoType,
        range_key: DynamoType | None = None,
        projection_expression: list[list[str]] | None = None,
    ) -> Item | None:
        if range_key and hash_key not in self.items:
            return None
        found: Item | None = original_get(self, hash_key, range_key, projection_expression)
        return found

    def delete_item(self: Table, hash_key: DynamoType, range_key: DynamoType | None) -> Item | None:
        items.mark_changed(self, hash_key, range_key)
        if range_key and hash_key not in self.items:
            return None
        deleted: Item | None = original_delete(self, hash_key, range_key)
        if range_key and not self.items[hash_key]:
            del self.items[hash_key]
        return deleted

    original_get = moto_patches.replace(f"{TABLE}.get_item", get_item)
    original_delete = moto_patches.replace(f"{TABLE}.delete_item", delete_item)


def _put() -> None:
    def put_item(
        self: Table,
        item_attrs: dict[str, Any],
        expected: dict[str, Any] | None = None,
        condition_expression: str | None = None,
        expression_attribute_names: dict[str, str] | None = None,
        expression_attribute_values: dict[str, Any] | None = None,
        overwrite: bool = False,
        return_values_on_condition_check_failure: str | None = None,
    ) -> Item:
        how = (expected, condition_expression, expression_attribute_names, expression_attribute_values, overwrite)
        item: Item = original(self, item_attrs, *how, return_values_on_condition_check_failure)
        items.mark_changed(self, item.hash_key, item.range_key)
        return item

    original = moto_patches.replace(f"{TABLE}.put_item", put_item)


def _update() -> None:
    def update_item(
        self: DynamoDBBackend,
        table_name: str,
        key: dict[str, dict[str, Any]],
        update_expression: str,
        expression_attribute_names: dict[str, Any],
        expression_attribute_values: dict[str, Any],
        attribute_updates: dict[str, Any] | None = None,
        expected: dict[str, Any] | None = None,
        condition_expression: str | None = None,
        return_values_on_condition_check_failure: str | None = None,
    ) -> Item:
        what = (table_name, key, update_expression, expression_attribute_names, expression_attribute_values)
        how = (attribute_updates, expected, condition_expression, return_values_on_condition_check_failure)
        item: Item = original(self, *what, *how)
        items.mark_changed(self.get_table(table_name), item.hash_key, item.range_key)
        return item

    original = moto_patches.replace("moto.dynamodb.models:DynamoDBBackend.update_item", update_item)


def _query() -> None:
    def query(
        self: Table,
        hash_key: DynamoType | None,
        range_comparison: str | None,
        range_objs: list[DynamoType],
        limit: int,
        exclusive_start_key: dict[str, Any],
        scan_index_forward: bool,
        projection_expressions: list[list[str]] | None,
        index_name: str | None = None,
        consistent_read: bool = False,
        filter_expression: Any = None,
        hash_key_conditions: list[tuple[str, DynamoType]] | None = None,
        range_key_conditions: list[tuple[str, str, list[DynamoType]]] | None = None,
        **filter_kwargs: Any,
    ) -> Any:
        asked = self if index_name or hash_key is None else _Partition(self, hash_key)
        return original(
            asked,
            hash_key,
            range_comparison,
            range_objs,
            limit,
            exclusive_start_key,
            scan_index_forward,
            projection_expressions,
            index_name,
            consistent_read,
            filter_expression,
            hash_key_conditions,
            range_key_conditions,
            **filter_kwargs,
        )

    original = moto_patches.replace(f"{TABLE}.query", query)


class _Partition:
    """A table that does all a table does, and has the items of one partition."""

    def __init__(self, table: Table, hash_key: DynamoType) -> None:
        self._table = table
        self._hash_key = hash_key

    def all_items(self) -> list[Item]:
        """The partition's items; the one item of a key that has no range."""
        found: Any = self._table.items.get(self._hash_key)
        if not self._table.has_range_key:
            return [] if found is None else [found]
        return list(found.values()) if found else []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._table, name)
