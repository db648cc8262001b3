"""Condition keys that only some requests have, from their parameters. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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


def leading_keys(
    needs: Sequence[RequiredPermission], parameters: Mapping[str, Any], partition_key: Callable[[str], str]
) -> list[RequiredPermission]:
    """What a call of DynamoDB needs, with the partition key's value of the item that each permission is about.

    ``partition_key`` names that of a table, "" for one that is not there. Queries and batches, which may be about
    several items, do not have it here.
    Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
    (dynamodb:LeadingKeys) and https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
    """
    transacted = [request for entry in parameters.get("TransactItems", []) for request in entry.values()]
    requests = transacted or [parameters]
    if len(requests) != len(needs):
        return list(needs)
    return [_with_leading_key(need, request, partition_key) for need, request in zip(needs, requests, strict=True)]


def _with_leading_key(
    need: RequiredPermission, request: Mapping[str, Any], partition_key: Callable[[str], str]
) -> RequiredPermission:
    item = request.get("Key") or request.get("Item") or {}
    value = item.get(partition_key(need.resource)) if item else None
    if not value:
        return need
    return replace(need, context={**need.context, "dynamodb:LeadingKeys": tuple(map(str, value.values()))})
