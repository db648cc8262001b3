"""The one reader of the environment."""

import os
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, NamedTuple

from app.errors import BadSettings

SEPARATOR = "--"  # in no stack's name, so that no name of one stack is how another's begin


class Settings(NamedTuple):
    """What template.yaml tells a function. A field that the function does not declare is empty."""

    stack: str = ""
    data_bucket: str = ""
    ledger_table: str = ""
    notification_topic_arn: str = ""
    quiet_s: int = 0
    max_wait_s: int = 0
    state_machine_arn: str = ""
    endpoint_role_arn: str = ""
    alarm_topic_arn: str = ""  # who hears of an endpoint's alarms
    subnet_ids: tuple[str, ...] = ()  # where endpoints run; empty: SageMaker's own network
    security_group_ids: tuple[str, ...] = ()
    network_isolation: bool = False  # containers reach no network
    reacting_functions: Mapping[str, str] = {}  # what the reconciler invokes: ReactingFunction -> name


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
    return {name: text(value) for name, _, value in named}


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
    "state_machine_arn": ("STATE_MACHINE_ARN", text),
    "endpoint_role_arn": ("ENDPOINT_ROLE_ARN", text),
    "alarm_topic_arn": ("ALARM_TOPIC_ARN", text),
    "subnet_ids": ("SUBNET_IDS", words),
    "security_group_ids": ("SECURITY_GROUP_IDS", words),
    "network_isolation": ("NETWORK_ISOLATION", yes),
    "reacting_functions": ("REACTING_FUNCTIONS", pairs),
}


def read(environment: Mapping[str, str], declared: Iterable[str]) -> Settings:
    """The ``declared`` fields, from ``environment``.

    Raises:
        BadSettings: naming every variable that is wrong, not only the first.
    """
    values: dict[str, Any] = {}
    wrong: list[str] = []
    for name in declared:
        variable, convert = VARIABLES[name]
        try:
            values[name] = convert(environment.get(variable, ""))
        except ValueError as error:
            wrong.append(f"{variable}={environment.get(variable, '')!r} ({error})")
    if wrong:
        raise BadSettings("environment: " + "; ".join(wrong))
    return Settings(**values)


@cache
def settings(*declared: str) -> Settings:
    """The settings of this process that a function declares, read on the first call."""
    return read(os.environ, declared)
