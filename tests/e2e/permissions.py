"""What a local cloud has recorded of its roles and services, with logical names for physical ones."""

import json
import re
import urllib.request
from typing import Any

from cli.stack.target import Target
from tests.contract import role_policies


def page(url: str, name: str) -> Any:
    """One of the local cloud's own pages."""
    with urllib.request.urlopen(f"{url}/_localcloud/{name}", timeout=60) as answer:
        return json.load(answer)


def recorded(url: str) -> list[dict[str, Any]]:
    """The distinct questions that were answered yes."""
    return _normalised(url, [check for check in page(url, "permissions") if check["allowed"]])


def _normalised(url: str, checks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    cloudformation = Target(url).client("cloudformation")
    stacks = [
        one["StackName"]
        for one in cloudformation.list_stacks()["StackSummaries"]
        if one["StackStatus"].endswith("_COMPLETE") and not one["StackStatus"].startswith("DELETE")
    ]
    names: dict[str, str] = {}
    for stack in stacks:
        for resources in cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack):
            for one in resources["StackResourceSummaries"]:
                if one["ResourceType"] not in role_policies.ARNS:
                    continue  # others are named after these
                physical = re.split("[:/]", one["PhysicalResourceId"])[-1]
                names[physical] = one["LogicalResourceId"]
    own = [one for one in checks if ":sqs:" not in one["resource"] or one["resource"].rpartition(":")[2] in names]
    return role_policies.normalised(own, names, stacks)  # without the tests' own mailboxes
