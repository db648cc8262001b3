"""DynamoDB's condition and update expressions, as far as the ledger uses them; another one is refused.

Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html and
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.UpdateExpressions.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Any

Item = dict[str, Any]  # name -> typed value
Request = dict[str, Any]
Condition = Callable[[Item, Request], bool]
TOKEN = re.compile(r"<>|[<=(),]|[#:]?\w+")
CLAUSE = re.compile(r"\b(SET|REMOVE|ADD) ")
APPEND = re.compile(r"list_append\(if_not_exists\((#\w+), (:\w+)\), (:\w+)\)")


@lru_cache(maxsize=256)
def condition(text: str) -> Condition:
    """Compile a condition."""
    tokens = TOKEN.findall(text)
    found = _either(tokens)
    if tokens:
        raise NotImplementedError(f"condition {text!r}: what is {tokens[0]!r}?")
    return found


def _either(tokens: list[str]) -> Condition:
    parts = [_all(tokens)]
    while tokens and tokens[0] == "OR":
        tokens.pop(0)
        parts.append(_all(tokens))
    return parts[0] if len(parts) == 1 else lambda item, request: any(part(item, request) for part in parts)


def _all(tokens: list[str]) -> Condition:
    parts = [_one(tokens)]
    while tokens and tokens[0] == "AND":
        tokens.pop(0)
        parts.append(_one(tokens))
    return parts[0] if len(parts) == 1 else lambda item, request: all(part(item, request) for part in parts)


def _one(tokens: list[str]) -> Condition:
    first = tokens.pop(0)
    if first == "NOT":
        inner = _one(tokens)
        return lambda item, request: not inner(item, request)
    if first == "(":
        inner = _either(tokens)
        _expect(tokens, ")")
        return inner
    if first in ("attribute_exists", "attribute_not_exists", "contains"):
        return _function(first, tokens)
    sign, second = tokens.pop(0), tokens.pop(0)
    if sign == "<":
        return lambda item, request: _is_less(_value(first, item, request), _value(second, item, request))
    if sign not in ("=", "<>"):
        raise NotImplementedError(f"comparison {sign!r}")
    equal = sign == "="
    return lambda item, request: same(_value(first, item, request), _value(second, item, request)) == equal


def _function(name: str, tokens: list[str]) -> Condition:
    _expect(tokens, "(")
    path = tokens.pop(0)
    if name == "contains":
        _expect(tokens, ",")
        wanted = tokens.pop(0)
        _expect(tokens, ")")
        return lambda item, request: _contains(_value(path, item, request), _value(wanted, item, request))
    _expect(tokens, ")")
    there = name == "attribute_exists"
    return lambda item, request: (_value(path, item, request) is not None) == there


def _expect(tokens: list[str], token: str) -> None:
    if tokens.pop(0) != token:
        raise NotImplementedError(f"{token!r} is missing")


def _value(operand: str, item: Item, request: Request) -> Any:
    if operand[0] == ":":
        return request["ExpressionAttributeValues"][operand]
    return item.get(request["ExpressionAttributeNames"][operand] if operand[0] == "#" else operand)


def same(one: Any, other: Any) -> bool:
    """Whether two typed values are equal; numbers by value. What is not there equals nothing."""
    if one is None or other is None:
        return False
    if "N" in one and "N" in other:
        return Decimal(one["N"]) == Decimal(other["N"])
    return bool(one == other)


def _is_less(one: Any, other: Any) -> bool:
    """Whether a text comes before another. What is not there comes before nothing."""
    if one is None or other is None:
        return False
    if "S" in one and "S" in other:
        return bool(one["S"] < other["S"])
    raise NotImplementedError(f"{one} < {other}")


def _contains(whole: Any, part: Any) -> bool:
    if whole is None:
        return False
    if "SS" in whole:
        return part.get("S") in whole["SS"]
    raise NotImplementedError(f"contains of {whole}")


def updated(item: Item, request: Request) -> Item:
    """The item after an UpdateItem."""
    result = dict(item)
    names, values = request.get("ExpressionAttributeNames", {}), request.get("ExpressionAttributeValues", {})
    for kind, body in _clauses(request.get("UpdateExpression", "")):
        for action in body:
            if kind == "SET":
                left, right = action
                result[names[left]] = _new_value(right, item, names, values)
            elif kind == "REMOVE":
                result.pop(names[action[0]], None)
            else:
                result[names[action[0]]] = _added(item.get(names[action[0]]), values[action[1]])
    return result


@lru_cache(maxsize=256)
def _clauses(expression: str) -> tuple[tuple[str, tuple[tuple[str, ...], ...]], ...]:
    parts = CLAUSE.split(expression)[1:]
    clauses = []
    for kind, body in zip(parts[::2], parts[1::2], strict=True):
        actions = [part.strip() for part in re.split(r",\s*(?![^()]*\))", body)]
        separator = " = " if kind == "SET" else " "
        clauses.append((kind, tuple(tuple(action.split(separator, 1)) for action in actions)))
    return tuple(clauses)


def _new_value(right: str, item: Item, names: dict[str, str], values: Item) -> Any:
    if right in values:
        return values[right]
    found = APPEND.fullmatch(right)
    if not found:
        raise NotImplementedError(f"SET … = {right}")
    before = item.get(names[found[1]], values[found[2]])
    return {"L": [*before["L"], *values[found[3]]["L"]]}


def _added(before: Any, more: Any) -> Any:
    if "N" in more:
        return {"N": str(Decimal((before or {"N": "0"})["N"]) + Decimal(more["N"]))}
    if "SS" in more:
        return {"SS": sorted({*(before or {"SS": []})["SS"], *more["SS"]})}
    raise NotImplementedError(f"ADD {more}")
