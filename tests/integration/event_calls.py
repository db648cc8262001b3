"""Calls of EventBridge that no SDK checks before, and what they are refused with."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from cloud import CloudServer

NUMBERS = itertools.count(1)


def name(kind: str) -> str:
    return f"bus-{kind}-{next(NUMBERS)}"


def unchecked(cloud: CloudServer) -> Any:
    """A client of EventBridge that sends what it is given."""
    return boto3.client(
        "events",
        endpoint_url=cloud.url,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(parameter_validation=False, retries={"total_max_attempts": 1}),
    )


def refusal(call: Callable[..., Any], **asked: Any) -> tuple[str, str]:
    """The code and the message of what a call is refused with."""
    with pytest.raises(ClientError) as refused:
        call(**asked)
    error = refused.value.response["Error"]
    return error["Code"], error["Message"]
