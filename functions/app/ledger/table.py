"""One DynamoDB table, written only under conditions: reads, writes and transactions as plain dicts."""

from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

from boto3.dynamodb.types import TypeSerializer  # noqa: TID251  value types only, no client
from botocore.exceptions import ClientError

from app.aws.clients import calling
from app.errors import Contended

Item = dict[str, Any]
CONDITION_FAILED = "ConditionalCheckFailedException"


@cache
def _serializer() -> TypeSerializer:
    return TypeSerializer()


def encode(values: Item) -> dict[str, Any]:
    """DynamoDB's form of ``values``; floats become exact decimals."""
    return {name: _typed(value) for name, value in values.items()}


def decode(item: dict[str, Any]) -> Item:
    """Plain values: numbers are int or float again."""
    return {name: _plain(value) for name, value in item.items()}


def _typed(value: Any) -> dict[str, Any]:
    """Text, which most values are, needs no serializer."""
    if isinstance(value, str):
        return {"S": value}
    return {**_serializer().serialize(_decimals(value))}


def _decimals(value: Any) -> Any:
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, dict):
        return {name: _decimals(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_decimals(inner) for inner in value]
    return value


def _plain(typed: dict[str, Any]) -> Any:
    """Read a value: in 40 % of the time of boto3's deserializer, which makes decimals of all numbers.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html
    """
    ((kind, value),) = typed.items()
    match kind:
        case "S" | "BOOL":
            return value
        case "M":
            return {name: _plain(inner) for name, inner in value.items()}
        case "L":
            return [_plain(inner) for inner in value]
        case "N":
            return _number(value)
        case "SS":
            return set(value)
        case "NS":
            return {_number(inner) for inner in value}
        case "NULL":
            return None
    raise TypeError(f"the ledger keeps no value of DynamoDB's type {kind}")


def _number(text: str) -> int | float:
    try:
        return int(text)
    except ValueError:
        number = Decimal(text)
        return int(number) if number == number.to_integral_value() else float(number)


class Write(NamedTuple):
    """A change of one item. ``condition`` speaks of attributes as ``#name`` and of ``given`` as ``:name``."""

    pk: str
    sk: str
    set: Item = {}
    remove: tuple[str, ...] = ()
    add: Item = {}
    append: Item = {}  # list attribute -> entry
    condition: str = ""
    given: Item = {}

    def request(self, table: str) -> dict[str, Any]:
        """The parameters of UpdateItem, which creates what is not there."""
        sets = [f"#{name} = :{name}" for name in self.set]
        sets += [f"#{name} = list_append(if_not_exists(#{name}, :_none), :{name})" for name in self.append]
        clauses = [f"SET {', '.join(sets)}"] if sets else []
        clauses += [f"REMOVE {', '.join('#' + name for name in self.remove)}"] if self.remove else []
        clauses += [f"ADD {', '.join(f'#{name} :{name}' for name in self.add)}"] if self.add else []
        values = {**self.set, **{name: [entry] for name, entry in self.append.items()}, **self.add, **self.given}
        values |= {"_none": []} if self.append else {}
        request: dict[str, Any] = {
            "TableName": table,
            "Key": encode({"pk": self.pk, "sk": self.sk}),
            "UpdateExpression": " ".join(clauses),
        }
        names = {*self.set, *self.remove, *self.add, *self.append, *_names(self.condition)}
        if names:
            request["ExpressionAttributeNames"] = {f"#{name}": name for name in sorted(names)}
        if values:
            request["ExpressionAttributeValues"] = {f":{name}": value for name, value in encode(values).items()}
        if self.condition:
            request["ConditionExpression"] = self.condition
        return request


def _names(condition: str) -> set[str]:
    words = condition.replace("(", " ").replace(")", " ").replace(",", " ").split()
    return {word[1:] for word in words if word.startswith("#")}


class Table:
    """The ledger's table."""

    def __init__(self, name: str, client: Any) -> None:
        self._name = name
        self._client = client

    def get(self, pk: str, sk: str) -> Item | None:
        """One item as it is now (consistent)."""
        with calling():
            response = self._client.get_item(
                TableName=self._name, Key=encode({"pk": pk, "sk": sk}), ConsistentRead=True
            )
        return decode(response["Item"]) if "Item" in response else None

    def write(self, change: Write) -> Item | None:
        """Apply one change; the item as it is afterwards, or None when its condition does not hold."""
        try:
            with calling(CONDITION_FAILED):
                response = self._client.update_item(**change.request(self._name), ReturnValues="ALL_NEW")
        except ClientError:
            return None
        return decode(response["Attributes"])

    def delete(self, pk: str, sk: str, only: Item | None = None) -> Item:
        """Delete one item, if its attributes are those of ``only``; what it held, nothing if it was not there.
        Idempotent.
        """
        request: dict[str, Any] = {"TableName": self._name, "Key": encode({"pk": pk, "sk": sk})}
        if only:
            request["ConditionExpression"] = " AND ".join(f"#{name} = :{name}" for name in only)
            request["ExpressionAttributeNames"] = {f"#{name}": name for name in only}
            request["ExpressionAttributeValues"] = {f":{name}": value for name, value in encode(only).items()}
        try:
            with calling(CONDITION_FAILED):
                response = self._client.delete_item(**request, ReturnValues="ALL_OLD")
        except ClientError:
            return {}
        return decode(response.get("Attributes", {}))

    def query(
        self, pk: str, first: str, last: str, newest_first: bool = False, page: int | None = None
    ) -> Iterator[Item]:
        """Items of ``pk`` with ``first <= sk <= last``, in order of sk, as they are now (consistent); ``page`` of them
        are read at a time, or as many as fit.
        """
        values = {":pk": pk, ":first": first, ":last": last}
        return self._items("pk = :pk AND sk BETWEEN :first AND :last", values, newest_first, page)

    def has(self, pk: str, first: str, last: str) -> bool:
        """Whether there is any item of ``pk`` with ``first <= sk <= last``, as it is now; one item is read."""
        return any(self.query(pk, first, last, page=1))

    def partition(self, pk: str) -> Iterator[Item]:
        """All items of ``pk``, in order of sk, as they are now (consistent)."""
        return self._items("pk = :pk", {":pk": pk})

    def _items(
        self, condition: str, values: Item, newest_first: bool = False, page: int | None = None
    ) -> Iterator[Item]:
        request = {
            "TableName": self._name,
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": encode(values),
            "ConsistentRead": True,
            "ScanIndexForward": not newest_first,
        }
        paginator, page_size = self._client.get_paginator("query"), {"PageSize": page}
        with calling():
            for found in paginator.paginate(**request, PaginationConfig=page_size):
                yield from (decode(item) for item in found["Items"])

    def transact(self, changes: list[Write]) -> list[bool] | None:
        """Apply all changes or none. None when done, otherwise which conditions were met.

        Raises:
            Contended: another transaction is changing one of the items.
        """
        entries = [{"Update": change.request(self._name)} for change in changes]
        try:
            with calling("TransactionCanceledException"):
                self._client.transact_write_items(TransactItems=entries)
        except ClientError as error:
            reasons = [reason.get("Code", "None") for reason in error.response.get("CancellationReasons", [])]
            if "ConditionalCheckFailed" not in reasons:
                raise Contended(str(error)) from error
            return [reason != "ConditionalCheckFailed" for reason in reasons]
        return None
