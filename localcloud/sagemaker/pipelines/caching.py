"""When a step's earlier run may stand in for it. Pure.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/pipelines-default-keys.html and
https://docs.aws.amazon.com/sagemaker/latest/dg/pipelines-caching.html
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

DURATION = re.compile(
    r"P?(?:(?P<years>\d+)y)?(?:(?P<months>\d+)m)?(?:(?P<weeks>\d+)w)?(?:(?P<days>\d+)d)?"
    r"(?:t(?:(?P<hours>\d+)h)?(?:(?P<minutes>\d+)m)?(?:(?P<seconds>\d+)s)?)?",
    re.IGNORECASE,
)
DAYS = {"years": 365, "months": 30, "weeks": 7, "days": 1}


def key(pipeline: str, step: str, kind: str, deciding: Iterable[str], arguments: Mapping[str, Any]) -> str | None:
    """The digest of the arguments that decide whether a step runs again; None: such a step is never cached.

    ``deciding`` are paths into the resolved ``arguments``; "*" is all of them.
    """
    if not deciding:
        return None
    found = arguments if tuple(deciding) == ("*",) else {name: _at(arguments, name) for name in deciding}
    text = json.dumps([pipeline, step, kind, {name: value for name, value in found.items() if value}],
                      sort_keys=True, default=str)  # fmt: skip
    return hashlib.sha256(text.encode()).hexdigest()


def _at(arguments: Mapping[str, Any], path: str) -> Any:
    first, _, rest = path.partition(".")
    value = arguments.get(first)
    return _at(value, rest) if rest and value else value


def lifetime(expires: str) -> timedelta | None:
    """``30d``, ``PT1H``, ``30dT5h`` as a time span; None for no end.

    Raises:
        ValueError: not a duration.
    """
    if not expires:
        return None
    matched = DURATION.fullmatch(expires)
    if matched is None or not any(matched.groupdict().values()):
        raise ValueError(f"{expires!r} is not a duration such as 30d or PT1H")
    parts = {name: int(text) for name, text in matched.groupdict().items() if text}
    days = sum(DAYS[name] * number for name, number in parts.items() if name in DAYS)
    return timedelta(
        days=days,
        hours=parts.get("hours", 0),
        minutes=parts.get("minutes", 0),
        seconds=parts.get("seconds", 0),
    )
