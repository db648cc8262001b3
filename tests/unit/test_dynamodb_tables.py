"""DynamoDB's tables: what a call costs does not grow with what lies in them, and a transaction is all or nothing."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from moto.core.exceptions import JsonRESTError
from moto.dynamodb.exceptions import MockValidationException, TransactionCanceledException
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType

from localcloud import dynamodb
from localcloud.settings import Cloud

Changes = list[dict[str, Any]]
SIZES = (20, 2000)
MODELS = "/dynamodb/models/"


def table_of(count: int, tmp_path: Any, *, streams: bool = False) -> DynamoDBBackend:
    """One table, "ledger", of ``count`` items in as many partitions, and ten in the partition "many"."""
    dynamodb.install(Cloud(tmp_path))
    backend = DynamoDBBackend("us-east-1", "123456789012")
    keys = [{"AttributeName": name, "KeyType": kind} for name, kind in (("pk", "HASH"), ("sk", "RANGE"))]
    attributes = [{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")]
    stream = {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"} if streams else None
    backend.create_table("ledger", keys, None, attributes, None, None, stream, "", None, [], None, None)  # fmt: skip
    for number in range(count):
        backend.put_item("ledger", item(f"p{number}", "x", number))
    for number in range(10):
        backend.put_item("ledger", item("many", f"s{number}", number))
    return backend


def item(pk: str, sk: str, n: int) -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"S": sk}, "n": {"N": str(n)}}


def key(pk: str, sk: str) -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def put(pk: str, sk: str, n: int, **more: Any) -> dict[str, Any]:
    return {"Put": {"TableName": "ledger", "Item": item(pk, sk, n), **more}}


def add(pk: str, sk: str, **more: Any) -> dict[str, Any]:
    change = {"UpdateExpression": "ADD n :one", "ExpressionAttributeValues": {":one": {"N": "1"}}}
    return {"Update": {"TableName": "ledger", "Key": key(pk, sk), **change, **more}}


def delete(pk: str, sk: str) -> dict[str, Any]:
    return {"Delete": {"TableName": "ledger", "Key": key(pk, sk)}}


NEW = {"ConditionExpression": "attribute_not_exists(pk)"}
FOUR: Changes = [put("new", "x", 1), put("p1", "x", 99), add("p2", "x"), delete("p3", "x")]
REFUSED = put("p4", "x", 5, **NEW)


def calls_of(act: Callable[[DynamoDBBackend], object], backend: DynamoDBBackend) -> Counter[str]:
    """How often each method of tables, items and values is called while ``act`` runs."""
    called: Counter[str] = Counter()

    def profile(frame: Any, event: str, _: Any) -> None:
        if event == "call" and MODELS in frame.f_code.co_filename:
            called[frame.f_code.co_qualname] += 1

    sys.setprofile(profile)
    try:
        act(backend)
    finally:
        sys.setprofile(None)
    return called


def contents(backend: DynamoDBBackend) -> list[Any]:
    return [found.to_json()["Attributes"] for found in backend.tables["ledger"].all_items()]


def refused(backend: DynamoDBBackend, changes: Changes) -> JsonRESTError:
    with pytest.raises(JsonRESTError) as error:
        backend.transact_write_items(changes)
    return error.value


def test_a_transaction_touches_as_many_items_in_a_large_table_as_in_a_small_one(tmp_path: Any) -> None:
    def write(backend: DynamoDBBackend) -> None:
        backend.transact_write_items(FOUR)

    small, large = (calls_of(write, table_of(size, tmp_path)) for size in SIZES)

    assert large == small


def test_a_transaction_that_is_undone_touches_no_more_items_in_a_large_table(tmp_path: Any) -> None:
    def try_to_write(backend: DynamoDBBackend) -> None:
        refused(backend, [*FOUR, REFUSED])

    small, large = (calls_of(try_to_write, table_of(size, tmp_path)) for size in SIZES)

    assert large == small


def test_a_query_touches_the_items_of_its_partition_alone(tmp_path: Any) -> None:
    def look(backend: DynamoDBBackend) -> list[Any]:
        found, _, _ = backend.query("ledger", {"S": "many"}, None, [], 5, None, False, None)  # type: ignore[arg-type]
        return [one.attrs["sk"].value for one in found]

    backends = [table_of(size, tmp_path) for size in SIZES]
    small, large = (calls_of(look, backend) for backend in backends)

    assert large == small
    assert [look(backend) for backend in backends] == [["s9", "s8", "s7", "s6", "s5"]] * 2


def test_a_transaction_does_all_that_it_names(tmp_path: Any) -> None:
    backend = table_of(5, tmp_path)

    backend.transact_write_items(FOUR)

    found = {one["pk"]["S"]: one["n"]["N"] for one in contents(backend) if one["pk"]["S"] != "many"}
    assert found == {"new": "1", "p0": "0", "p1": "99", "p2": "3", "p4": "4"}


def test_a_transaction_that_is_refused_changes_nothing_and_says_why_for_each_of_its_changes(tmp_path: Any) -> None:
    backend = table_of(5, tmp_path)
    before = contents(backend)

    error = refused(backend, [*FOUR, {"Put": {**REFUSED["Put"], "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}}])

    assert isinstance(error, TransactionCanceledException)
    reasons = [(reason["Code"], reason.get("Item")) for reason in json.loads(error.description)["CancellationReasons"]]
    assert reasons == [("None", None)] * 4 + [("ConditionalCheckFailed", item("p4", "x", 4))]
    assert contents(backend) == before


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ([*FOUR, add("p2", "x")], MockValidationException),  # two operations on one item
        ([*FOUR, {**put("p9", "x", 1), **delete("p8", "x")}], MockValidationException),  # two in one
        ([*FOUR, {"Put": {"TableName": "nowhere", "Item": item("a", "b", 1)}}], TransactionCanceledException),
        ([*FOUR, {"Put": {"TableName": "ledger", "Item": {"pk": {"S": "a"}}}}], TransactionCanceledException),
        ([*FOUR, {"Update": {**add("p0", "x")["Update"], "UpdateExpression": "SET"}}], MockValidationException),
    ],
)
def test_a_transaction_that_is_malformed_changes_nothing(
    tmp_path: Any, changes: Changes, said: type[JsonRESTError]
) -> None:
    backend = table_of(5, tmp_path)
    before = contents(backend)

    error = refused(backend, changes)

    assert isinstance(error, said)
    assert contents(backend) == before


def test_a_stream_hears_nothing_of_a_transaction_that_is_refused(tmp_path: Any) -> None:
    backend = table_of(5, tmp_path, streams=True)
    shard: Any = backend.tables["ledger"].stream_shard
    before = len(shard.items)

    refused(backend, [*FOUR, REFUSED])
    after_refusal = len(shard.items)
    backend.transact_write_items(FOUR)

    assert (after_refusal, len(shard.items)) == (before, before + 4)


def test_keys_that_nobody_has_leave_nothing_behind(tmp_path: Any) -> None:
    backend = table_of(5, tmp_path)
    table = backend.tables["ledger"]
    partitions = len(table.items)

    for number in range(50):
        backend.get_item("ledger", key(f"nobody-{number}", "x"))
        backend.put_item("ledger", item(f"short-{number}", "x", 1))
        table.delete_item(DynamoType({"S": f"short-{number}"}), DynamoType({"S": "x"}))
        table.delete_item(DynamoType({"S": f"nobody-{number}"}), DynamoType({"S": "x"}))
        refused(backend, [put(f"undone-{number}", "x", 1), REFUSED])

    assert len(table.items) == partitions
