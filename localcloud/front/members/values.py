"""Values of members that are played with other values: what moto would take and then not heed. Pure.

A request that has such a value is refused with its member's name, as one that sets a member which nobody plays.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

NOT_DELIVERED = ("sms", "firehose", "application")
# Of the filter syntax moto reads words that all have to be there, and one text in quotes.
# Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
_PLAYED_PATTERN = re.compile(r"\s*|[A-Za-z]\w*(?: [A-Za-z]\w*)*|\"[^\"]*\"", re.ASCII)


def unplayed_values(service: str, operation: str, document: Mapping[str, Any]) -> list[str]:
    """What a request to moto's ``service`` says that nobody plays, each with its member's name."""
    look = _LOOKS.get((service, operation))
    said = look(document) if look else None
    return [said] if said else []


def is_looked_at(service: str, operation: str) -> bool:
    """Whether a request's values have to be known."""
    return (service, operation) in _LOOKS


def _log_pattern(document: Mapping[str, Any]) -> str | None:
    pattern = document.get("filterPattern") or ""
    if _PLAYED_PATTERN.fullmatch(str(pattern)):
        return None
    return f'filterPattern {pattern} does not run outside AWS: use words that all have to be there, or one "text"'


def _subscribed_pattern(document: Mapping[str, Any]) -> str | None:
    pattern = document.get("filterPattern")
    return f"filterPattern {pattern} does not run outside AWS: use an empty one" if str(pattern or "").strip() else None


def _protocol(document: Mapping[str, Any]) -> str | None:
    protocol = document.get("Protocol")
    return f"Protocol {protocol} does not run outside AWS" if protocol in NOT_DELIVERED else None


def _weights(document: Mapping[str, Any]) -> str | None:
    routing = document.get("RoutingConfig")
    has_weights = isinstance(routing, dict) and routing.get("AdditionalVersionWeights")
    return "RoutingConfig with weights does not run outside AWS: an alias leads to one version" if has_weights else None


def _code(document: Mapping[str, Any]) -> str | None:
    code = document.get("Code")
    has_version = isinstance(code, dict) and code.get("S3ObjectVersion")
    return "Code with S3ObjectVersion does not run outside AWS: the latest object is taken" if has_version else None


def _export(document: Mapping[str, Any]) -> str | None:
    return None if document.get("S3Prefix") else "S3Prefix cannot be left out outside AWS: name one"


_LOOKS: dict[tuple[str, str], Callable[[Mapping[str, Any]], str | None]] = {
    ("logs", "FilterLogEvents"): _log_pattern,
    ("logs", "PutSubscriptionFilter"): _subscribed_pattern,
    ("awslambda", "CreateAlias"): _weights,
    ("awslambda", "UpdateAlias"): _weights,
    ("awslambda", "CreateFunction"): _code,
    ("sns", "Subscribe"): _protocol,
    ("dynamodb", "ExportTableToPointInTime"): _export,
}
