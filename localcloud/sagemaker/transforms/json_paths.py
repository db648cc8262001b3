"""The JSONPath that batch transform's filters understand. Pure.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform-data-processing.html#data-processing-operators
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

LONGEST = 63
DOTTED = re.compile(r"\.([A-Za-z_][A-Za-z0-9_-]*|\*)")
BRACKET = re.compile(r"\[([^\]]*)\]")
NAMES = re.compile(r"\s*(?:'[^']*'|\"[^\"]*\")(?:\s*,\s*(?:'[^']*'|\"[^\"]*\"))*\s*")
NAME = re.compile(r"'([^']*)'|\"([^\"]*)\"")
INDICES = re.compile(r"\s*-?\d*(?::-?\d*)?(?:\s*,\s*-?\d*(?::-?\d*)?)*\s*")
Pick = Callable[[Any], Any]


class BadPath(ValueError):
    """Not a path that batch transform takes, or one that points at nothing in a record."""


def compiled(path: str) -> Pick:
    """What a path selects of a record: a value, or of several names an object, of several indices a list.

    Raises:
        BadPath: it is not understood. Whatever it answers raises it too, for a record without what is asked for.
    """
    if not path.startswith("$") or len(path) > LONGEST:
        raise BadPath(f"{path!r} is not a JSONPath that starts with $ and has at most {LONGEST} characters")
    rest, picks = path[1:], []
    while rest:
        if matched := DOTTED.match(rest):
            picks.append(_everything if matched[1] == "*" else _named((matched[1],)))
        elif matched := BRACKET.match(rest):
            picks.append(_bracket(path, matched[1]))
        else:
            raise BadPath(f"{path!r} has an operator that batch transform does not take, at {rest!r}")
        rest = rest[matched.end() :]

    def pick(record: Any) -> Any:
        for step in picks:
            record = step(record)
        return record

    return pick


def _bracket(path: str, inside: str) -> Pick:
    if inside.strip() == "*":
        return _everything
    if NAMES.fullmatch(inside):
        return _named(tuple(one or other for one, other in NAME.findall(inside)))
    if inside.strip() and INDICES.fullmatch(inside):
        return _indexed([part.strip() for part in inside.split(",")])
    raise BadPath(f"{path!r} has an operator that batch transform does not take, at [{inside}]")


def _everything(record: Any) -> Any:
    return list(record.values()) if isinstance(record, dict) else record


def _named(names: tuple[str, ...]) -> Pick:
    def pick(record: Any) -> Any:
        if not isinstance(record, dict) or any(name not in record for name in names):
            raise BadPath(f"there is no {' and '.join(names)} in {str(record)[:100]}")
        return record[names[0]] if len(names) == 1 else {name: record[name] for name in names}

    return pick


def _indexed(parts: list[str]) -> Pick:
    alone = len(parts) == 1 and ":" not in parts[0]

    def pick(record: Any) -> Any:
        if not isinstance(record, list):
            raise BadPath(f"there is no item [{','.join(parts)}] in {str(record)[:100]}")
        found = [item for part in parts for item in _items(record, part)]
        return found[0] if alone else found

    return pick


def _items(record: list[Any], part: str) -> list[Any]:
    start, colon, end = part.partition(":")
    first = int(start) if start else 0
    if not -len(record) <= first < len(record) or (end and abs(int(end)) > len(record)):
        raise BadPath(f"[{part}] is not within the {len(record)} fields of {str(record)[:100]}")
    if not colon:
        return [record[first]]
    return record[first : int(end) if end else None]
