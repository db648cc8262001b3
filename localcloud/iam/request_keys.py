"""Condition keys that only some requests have, from their parameters. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localcloud.iam.policies import Context


def approval_status(operation: str, parameters: Mapping[str, Any]) -> Context:
    """The key that says to which status a version is brought.

    Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html
    (sagemaker:ModelApprovalStatus, of CreateModelPackage and UpdateModelPackage)
    """
    status = parameters.get("ModelApprovalStatus")
    changes = operation in ("CreateModelPackage", "UpdateModelPackage")
    return {"sagemaker:ModelApprovalStatus": (str(status),)} if changes and status else {}
