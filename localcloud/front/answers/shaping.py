"""A JSON answer by the model of its operation: without what AWS does not send, and with its types. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

FRACTION = re.compile(r"\.(\d{6})\d*")  # of a second, of which Python reads microseconds


def shaped(shape: Any, value: Any) -> Any:
    """``value`` without what is None and what the model does not know; a moment that is a text becomes its number.

    Source: https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html (absent members, timestamps as numbers)
    """
    kind = shape.type_name
    if kind == "structure" and isinstance(value, Mapping) and not shape.is_document_type:
        return _structure(shape, value)
    if kind == "list" and isinstance(value, list):
        return [shaped(shape.member, part) for part in value if part is not None]
    if kind == "map" and isinstance(value, Mapping):
        return {name: shaped(shape.value, part) for name, part in value.items() if part is not None}
    if kind == "timestamp" and isinstance(value, str):
        return _moment(shape, value)
    return value


def _structure(shape: Any, value: Mapping[str, Any]) -> dict[str, Any]:
    known = {member.serialization.get("name", name): member for name, member in shape.members.items()}
    return {name: shaped(known[name], part) for name, part in value.items() if name in known and part is not None}


def _moment(shape: Any, text: str) -> float | str:
    if shape.serialization.get("timestampFormat", "unixTimestamp") != "unixTimestamp":
        return text
    try:
        found = datetime.fromisoformat(FRACTION.sub(r".\1", text.removesuffix("Z")))
    except ValueError:
        return text
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
