"""The one reader of the environment."""

import os
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Annotated, Any, NamedTuple, get_type_hints

from app.errors import BadSettings

SEPARATOR = "--"  # in no stack's name, so that no name of one stack is how another's begin


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


def at_least_one(value: str) -> int:
    """A whole number, at least 1; of seconds, or of things."""
    if int(value) < 1:
        raise ValueError("must be at least 1")
    return int(value)


def whole(value: str) -> int:
    """A whole number, at least 0."""
    if int(value) < 0:
        raise ValueError("must be at least 0")
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


class Variable(NamedTuple):
    """Where a setting stands in the environment, and how its text is read."""

    name: str
    read: Callable[[str], Any]


class Settings(NamedTuple):
    """What template.yaml tells a function. A field that the function does not declare is empty."""

    stack: Annotated[str, Variable("STACK_NAME", stack_name)] = ""
    data_bucket: Annotated[str, Variable("DATA_BUCKET", text)] = ""
    ledger_table: Annotated[str, Variable("LEDGER_TABLE", text)] = ""
    notification_topic_arn: Annotated[str, Variable("NOTIFICATION_TOPIC_ARN", text)] = ""
    quiet_s: Annotated[int, Variable("QUIET_SECONDS", at_least_one)] = 0
    max_wait_s: Annotated[int, Variable("MAX_WAIT_SECONDS", at_least_one)] = 0
    state_machine_arn: Annotated[str, Variable("STATE_MACHINE_ARN", text)] = ""
    bake_s: Annotated[int, Variable("BAKE_SECONDS", whole)] = 0  # alarms watch new instances for so long
    # What job outputs and volumes are under; empty: keys that AWS owns
    encryption_key_arn: Annotated[str, Variable("ENCRYPTION_KEY_ARN", str)] = ""
    alarm_topic_arn: Annotated[str, Variable("ALARM_TOPIC_ARN", text)] = ""  # who hears of an endpoint's alarms
    # Where endpoints run; empty: SageMaker's own network
    subnet_ids: Annotated[tuple[str, ...], Variable("SUBNET_IDS", words)] = ()
    security_group_ids: Annotated[tuple[str, ...], Variable("SECURITY_GROUP_IDS", words)] = ()
    network_isolation: Annotated[bool, Variable("NETWORK_ISOLATION", yes)] = False  # containers reach no network
    page_url: Annotated[str, Variable("PAGE_URL", str)] = ""  # where people decide in a browser; empty: nowhere
    # Where each reviewer hears of what they alone are asked
    reviewers_topic_arn: Annotated[str, Variable("REVIEWERS_TOPIC_ARN", text)] = ""
    webhook_url: Annotated[str, Variable("WEBHOOK_URL", str)] = ""  # a secret: whoever has it may post to the chat
    webhook_kind: Annotated[str, Variable("WEBHOOK_KIND", text)] = ""  # of app.decide.outside.chat_messages
    mlflow: Annotated[str, Variable("MLFLOW", text)] = ""  # URL or ARN of a tracking server; may hold a password
    mirror_function: Annotated[str, Variable("MIRROR_FUNCTION", str)] = ""  # shows runs in MLflow; empty: nobody does
    digest_hours: Annotated[int, Variable("DIGEST_HOURS", whole)] = 0  # so long news waits for other news
    scoring_machine_arn: Annotated[str, Variable("SCORING_MACHINE_ARN", text)] = ""
    max_pipelines: Annotated[int, Variable("MAX_PIPELINES", at_least_one)] = 0  # of the stack, at once
    arrivals_queue_url: Annotated[str, Variable("ARRIVALS_QUEUE_URL", text)] = ""
    champion_queue_url: Annotated[str, Variable("CHAMPION_QUEUE_URL", text)] = ""
    # Where what could not be taken lies: uploads, and events
    arrivals_letters_url: Annotated[str, Variable("ARRIVALS_LETTERS_URL", text)] = ""
    events_letters_url: Annotated[str, Variable("EVENTS_LETTERS_URL", text)] = ""
    verdict_function: Annotated[str, Variable("VERDICT_FUNCTION", text)] = ""  # reads the verdict of a run
    approval_function: Annotated[str, Variable("APPROVAL_FUNCTION", text)] = ""  # looks at a version's approval status
    # What the reconciler invokes: ReactingFunction -> name
    reacting_functions: Annotated[Mapping[str, str], Variable("REACTING_FUNCTIONS", pairs)] = {}


VARIABLES: dict[str, Variable] = {  # field -> its variable
    name: hint.__metadata__[0] for name, hint in get_type_hints(Settings, include_extras=True).items()
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
