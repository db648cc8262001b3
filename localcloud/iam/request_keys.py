"""Condition keys that only some requests have, from their parameters. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from localcloud.iam.permissions import RequiredPermission
from localcloud.iam.policies import Context


def approval_status(operation: str, parameters: Mapping[str, Any]) -> Context:
    """The key that says to which status a version is brought.

    Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html
    (sagemaker:ModelApprovalStatus, of CreateModelPackage and UpdateModelPackage)
    """
    status = parameters.get("ModelApprovalStatus")
    changes = operation in ("CreateModelPackage", "UpdateModelPackage")
    return {"sagemaker:ModelApprovalStatus": (str(status),)} if changes and status else {}


def item_keys(
    needs: Sequence[RequiredPermission], parameters: Mapping[str, Any], partition_key: Callable[[str], str]
) -> list[RequiredPermission]:
    """What a call of DynamoDB needs, with the partition key's value of the item that each permission is about, and the
    names of the attributes that the request speaks of, those of the key among them.

    ``partition_key`` names that of a table, "" for one that is not there. Queries and batches, which may be about
    several items, do not have them here.
    Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
    (dynamodb:LeadingKeys, dynamodb:Attributes) and
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
    """
    requests = [parameters]
    if any(
        "dynamodb:EnclosingOperation" in need.context for need in needs
    ):  # who names it elsewhere is not asked by it
        requests = [request for entry in parameters["TransactItems"] for request in entry.values()]
    if len(requests) != len(needs):
        return list(needs)
    return [_with_item_keys(need, request, partition_key) for need, request in zip(needs, requests, strict=True)]


def _with_item_keys(
    need: RequiredPermission, request: Mapping[str, Any], partition_key: Callable[[str], str]
) -> RequiredPermission:
    item = request.get("Item" if need.action == "dynamodb:PutItem" else "Key") or {}
    if not item:
        return need
    value = item.get(partition_key(need.resource))
    leading = {"dynamodb:LeadingKeys": tuple(map(str, value.values()))} if value else {}
    return replace(need, context={**need.context, **leading, "dynamodb:Attributes": tuple(sorted(attributes(request)))})


LISTS = ("Key", "Item", "AttributeUpdates", "Expected", "AttributesToGet")  # whose keys, or entries, are names
EXPRESSIONS = ("UpdateExpression", "ConditionExpression", "ProjectionExpression")
NAME = re.compile(r"(?<![\w.:#])(#?\w+)(?![\w]*\s*\()")  # no part of a path but its first, no value and no function
WORDS = frozenset(("SET", "REMOVE", "ADD", "DELETE", "AND", "OR", "NOT", "BETWEEN", "IN"))


def attributes(request: Mapping[str, Any]) -> set[str]:
    """The names of all attributes, at an item's top, that a request about it speaks of."""
    return {str(name) for member in LISTS for name in request.get(member) or ()} | set(_in_expressions(request))


def _in_expressions(request: Mapping[str, Any]) -> Iterator[str]:
    """Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html"""
    given = request.get("ExpressionAttributeNames") or {}
    for member in EXPRESSIONS:
        for name in NAME.findall(str(request.get(member) or "")):
            if name.startswith("#"):
                yield str(given.get(name, name))
            elif name.upper() not in WORDS and not name.isdecimal():
                yield name
