"""Where a function's log goes: the group that its LoggingConfig names, or the one that Lambda names after it.

Source: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-loggroups.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.awslambda.models import LambdaFunction

GROUP = "localcloud_log_group"
TEXT = "Text"


def remember(function: LambdaFunction, spec: Mapping[str, Any]) -> None:
    """Keep what moto drops: the group of the function's LoggingConfig."""
    if "LoggingConfig" in spec:
        setattr(function, GROUP, (spec["LoggingConfig"] or {}).get("LogGroup"))


def check(spec: Mapping[str, Any]) -> None:
    """Refuse a LoggingConfig that changes how lines look, or which of them are kept.

    Raises:
        NotImplementedError: naming it.
    """
    wanted = spec.get("LoggingConfig") or {}
    if wanted.get("LogFormat", TEXT) != TEXT or {"ApplicationLogLevel", "SystemLogLevel"} & set(wanted):
        raise NotImplementedError(f"LoggingConfig {dict(wanted)} is not played: logs are kept as text, whole")


def group_of(function: LambdaFunction) -> str:
    """The log group of a function."""
    return str(getattr(function, GROUP, None) or f"/aws/lambda/{function.function_name}")
