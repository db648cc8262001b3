"""The one reader of the environment."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from app.errors import BadSettings


@dataclass(frozen=True)
class Settings:
    """What template.yaml tells the functions."""

    stack: str
    data_bucket: str
    ledger_table: str
    notification_topic_arn: str
    quiet_s: int
    max_wait_s: int
    state_machine_arn: str  # empty in functions that start no executions: the machine's definition names them
    endpoint_role_arn: str  # empty in functions that create no models


def text(value: str) -> str:
    """A value that must not be empty."""
    if not value:
        raise ValueError("is empty")
    return value


def seconds(value: str) -> int:
    """A whole number of seconds, at least 1."""
    if int(value) < 1:
        raise ValueError("must be at least 1")
    return int(value)


VARIABLES: dict[str, tuple[str, Callable[[str], Any]]] = {
    "stack": ("STACK_NAME", text),
    "data_bucket": ("DATA_BUCKET", text),
    "ledger_table": ("LEDGER_TABLE", text),
    "notification_topic_arn": ("NOTIFICATION_TOPIC_ARN", text),
    "quiet_s": ("QUIET_SECONDS", seconds),
    "max_wait_s": ("MAX_WAIT_SECONDS", seconds),
    "state_machine_arn": ("STATE_MACHINE_ARN", str),
    "endpoint_role_arn": ("ENDPOINT_ROLE_ARN", str),
}


def read(environment: Mapping[str, str]) -> Settings:
    """Settings from ``environment``.

    Raises:
        BadSettings: naming every variable that is wrong, not only the first.
    """
    values: dict[str, Any] = {}
    wrong: list[str] = []
    for field, (variable, convert) in VARIABLES.items():
        try:
            values[field] = convert(environment.get(variable, ""))
        except ValueError as error:
            wrong.append(f"{variable}={environment.get(variable, '')!r} ({error})")
    if wrong:
        raise BadSettings("environment: " + "; ".join(wrong))
    return Settings(**values)


@cache
def settings() -> Settings:
    """The settings of this process, read on the first call."""
    return read(os.environ)
