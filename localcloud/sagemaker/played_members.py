"""Which members of a request the local cloud takes, read from request_members.py. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from localcloud.sagemaker.request_members import INSTEAD, MEMBERS

TOKEN = re.compile(r"(~?)(\w+)(?:=(\w+))?(\*?)|([()])")


@dataclass(frozen=True)
class Member:
    """One member: ``only`` this value if any, ``below`` these members of its own (None: any)."""

    name: str
    described: bool = False  # taken and said again, without effect here
    only: str | None = None
    below: Mapping[str, Member] | None = field(default=None, compare=False)


class BadNotation(ValueError):
    """The table of members is not written as it should be."""


@cache
def members_of(operation: str) -> Mapping[str, Member]:
    """The members that an operation's request may have.

    Raises:
        KeyError: the operation is not in the table.
        BadNotation: its row cannot be read.
    """
    tokens = TOKEN.findall(MEMBERS[operation])
    found, rest = _parsed(tokens, 0)
    if rest != len(tokens):
        raise BadNotation(f"{operation}: a parenthesis too many")
    return found


def _parsed(tokens: list[tuple[str, ...]], at: int) -> tuple[dict[str, Member], int]:
    """The members from ``at`` up to the closing parenthesis, and where it is."""
    found: dict[str, Member] = {}
    while at < len(tokens) and tokens[at][4] != ")":
        described, name, only, anything, mark = tokens[at]
        if mark or name in found:
            raise BadNotation(f"{name or mark} is not expected after {', '.join(found)}")
        below: dict[str, Member] | None = None if anything or only else {}
        at += 1
        if at < len(tokens) and tokens[at][4] == "(":
            below, at = _parsed(tokens, at + 1)
            at += 1
        found[name] = Member(name, bool(described), only or None, below)
    return found, at


def refusals(operation: str, request: Mapping[str, Any]) -> list[str]:
    """What of a request is refused, each with its path, in the order of the request."""
    return list(_refused(members_of(operation), request, ""))


def _refused(members: Mapping[str, Member], given: Mapping[str, Any], path: str) -> Iterator[str]:
    for name, value in given.items():
        where = f"{path}{name}"
        member = members.get(name)
        if member is None:
            if value not in (None, {}, []):
                yield f"{where} does not run outside AWS{_instead(where)}"
        elif member.only is not None:
            if value is not None and str(value) != member.only:
                yield f"{where} {value} does not run outside AWS: use {member.only}{_instead(where)}"
        elif member.below:
            yield from _refused_below(member.below, value, where)


def _refused_below(members: Mapping[str, Member], value: Any, where: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield from _refused(members, value, f"{where}.")
    elif isinstance(value, list):
        for number, part in enumerate(value):
            if isinstance(part, Mapping):
                yield from _refused(members, part, f"{where}[{number}].")


def _instead(where: str) -> str:
    plain = re.sub(r"\[\d+\]", "", where)
    told = next((text for name, text in INSTEAD.items() if plain == name or plain.endswith(f".{name}")), None)
    return f": {told}" if told else ""
