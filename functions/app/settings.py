"""The one reader of the environment."""

import os
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, NamedTuple

from app.errors import BadSettings

SEPARATOR = "--"  # in no stack's name, so that no name of one stack is how another's begin


class Settings(NamedTuple):
    """What template.yaml tells the functions."""

    stack: str
    data_bucket: str
    ledger_table: str
    notification_topic_arn: str
    quiet_s: int
    max_wait_s: int
    state_machine_arn: str  # empty in functions that start no executions: the machine's definition names them
    endpoint_role_arn: str  # empty in functions that create no models
    alarm_topic_arn: str = ""  # who hears of an endpoint's alarms
    subnet_ids: tuple[str, ...] = ()  # where endpoints run; empty: SageMaker's own network
    security_group_ids: tuple[str, ...] = ()
    network_isolation: bool = False  # containers reach no network
    reacting_functions: Mapping[str, str] = {}  # in the reconciler: what it reacts to -> name


def text(value: str) -> str:
    """A value that must not be empty."""
    if not value:
        raise ValueError("is empty")
    return value


def stack_name(value: str) -> str:
    """A stack's name: its rules and roles go by all that begins with it and two hyphens."""
    if not value or SEPARATOR in value + "-":
        raise ValueError(f"must not be empty, contain '{SEPARATOR}' or end in a hyphen")
    return value


def seconds(value: str) -> int:
    """A whole number of seconds, at least 1."""
    if int(value) < 1:
        raise ValueError("must be at least 1")
    return int(value)


def pairs(value: str) -> dict[str, str]:
    """``name=value`` pairs between commas."""
    named = [pair.partition("=") for pair in value.split(",") if pair]
    return {name: text(found) for name, _, found in named}


def words(value: str) -> tuple[str, ...]:
    """Words between commas."""
    return tuple(word for word in value.split(",") if word)


def yes(value: str) -> bool:
    """``true`` or anything else."""
    return value == "true"


VARIABLES: dict[str, tuple[str, Callable[[str], Any]]] = {
    "stack": ("STACK_NAME", stack_name),
    "data_bucket": ("DATA_BUCKET", text),
    "ledger_table": ("LEDGER_TABLE", text),
    "notification_topic_arn": ("NOTIFICATION_TOPIC_ARN", text),
    "quiet_s": ("QUIET_SECONDS", seconds),
    "max_wait_s": ("MAX_WAIT_SECONDS", seconds),
    "state_machine_arn": ("STATE_MACHINE_ARN", str),
    "endpoint_role_arn": ("ENDPOINT_ROLE_ARN", str),
    "alarm_topic_arn": ("ALARM_TOPIC_ARN", str),
    "subnet_ids": ("SUBNET_IDS", words),
    "security_group_ids": ("SECURITY_GROUP_IDS", words),
    "network_isolation": ("NETWORK_ISOLATION", yes),
    "reacting_functions": ("REACTING_FUNCTIONS", pairs),
}


def read(environment: Mapping[str, str]) -> Settings:
    """Settings from ``environment``.

    Raises:
        BadSettings: naming every variable that is wrong, not only the first.
    """
    values: dict[str, Any] = {}
    wrong: list[str] = []
    for name, (variable, convert) in VARIABLES.items():
        try:
            values[name] = convert(environment.get(variable, ""))
        except ValueError as error:
            wrong.append(f"{variable}={environment.get(variable, '')!r} ({error})")
    if wrong:
        raise BadSettings("environment: " + "; ".join(wrong))
    return Settings(**values)


@cache
def settings() -> Settings:
    """The settings of this process, read on the first call."""
    return read(os.environ)
