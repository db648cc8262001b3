"""The values of one field of an event pattern: what stands in its array, and each operator's own grammar. Pure.

The reasons are EventBridge's own words, down to those that speak of another operator than the one at hand.

Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
Source: https://github.com/aws/event-ruler (JsonRuleCompiler)
"""

from __future__ import annotations

import math
from collections.abc import Callable

from localcloud.bus.patterns import values
from localcloud.bus.patterns.tokens import Token, Tokens
from localcloud.bus.patterns.values import Matcher

ONE_KEY = "Only one key allowed in match expression"
TOO_MANY = "Too many elements in numeric expression"
STRING_OR_NUMBER = ("string", "number")
Single = Callable[[str], Matcher]


def field_values(tokens: Tokens) -> list[Matcher]:
    """The alternatives of a field, whose ``[`` was read.

    Raises:
        InvalidPattern: AWS refuses them.
    """
    found: list[Matcher] = []
    while (token := tokens.next()).kind != "]":
        if token.kind == "{":
            found.append(_expression(tokens))
        elif token.kind == "string":
            found.append(values.text(tokens.text(token)))
        elif token.kind == "number":
            found.append(values.number(token.text))
        elif token.kind in ("true", "false", "null"):
            found.append(values.literal({"true": True, "false": False, "null": None}[token.kind]))
        else:
            raise tokens.refused("Match value must be String, number, true, false, or null")
    if not found:
        raise tokens.refused("Empty arrays are not allowed")
    return found


def _expression(tokens: Tokens) -> Matcher:
    name = tokens.next()
    if name.kind != "name":
        raise tokens.refused("Match expression name not found")
    operator = OPERATORS.get(name.text)
    if operator is None:
        raise tokens.refused(f"Unrecognized match type {name.text}")
    return operator(tokens)


def _end(tokens: Tokens, otherwise: str) -> None:
    if tokens.next().kind != "}":
        raise tokens.refused(otherwise)


def _string(tokens: Tokens, token: Token, otherwise: str) -> str:
    if token.kind != "string":
        raise tokens.refused(otherwise)
    return tokens.text(token)


def _of_text(make: Single, what: str) -> Callable[[Tokens], Matcher]:
    """An operator that takes one string."""

    def read(tokens: Tokens) -> Matcher:
        wanted = _string(tokens, tokens.next(), f"{what} match pattern must be a string")
        made = _made(tokens, make, wanted)
        _end(tokens, ONE_KEY)
        return made

    return read


def _made(tokens: Tokens, make: Single, wanted: str) -> Matcher:
    try:
        return make(wanted)
    except ValueError as error:
        raise tokens.refused(str(error)) from None


def _affix(make: Single, ignoring_case: Single, what: str) -> Callable[[Tokens], Matcher]:
    """``prefix`` or ``suffix``: of a string, or of ``equals-ignore-case``."""

    def read(tokens: Tokens) -> Matcher:
        token = tokens.next()
        if token.kind != "{":
            made = make(_string(tokens, token, f"{what} match pattern must be a string"))
            _end(tokens, ONE_KEY)
            return made
        name = tokens.next()
        if name.kind != "name":
            raise tokens.refused(f"{what.title()} expression name not found")
        if name.text != "equals-ignore-case":
            raise tokens.refused(f"Unsupported {what} pattern: {name.text}")
        wanted = _string(tokens, tokens.next(), "equals-ignore-case match pattern must be a string")
        _end(tokens, ONE_KEY)
        _end(tokens, ONE_KEY)
        return ignoring_case(wanted)

    return read


def _exists(tokens: Tokens) -> Matcher:
    token = tokens.next()
    if token.kind not in ("true", "false"):
        raise tokens.refused("exists match pattern must be either true or false.")
    _end(tokens, ONE_KEY)
    return values.PRESENT if token.kind == "true" else values.ABSENT


def _cidr(tokens: Tokens) -> Matcher:
    block = _string(tokens, tokens.next(), "prefix match pattern must be a string")
    try:
        made = values.network(block)
    except ValueError as error:
        raise tokens.refused_nowhere(str(error)) from None
    _end(tokens, ONE_KEY)
    return made


# --- numeric


def _numeric(tokens: Tokens) -> Matcher:
    if tokens.next().kind != "[":
        raise tokens.refused("Value of numeric must be an array.")
    token = tokens.next()
    if token.kind != "string":
        raise tokens.refused(f"Invalid member in numeric match: {token.text}")
    operator, token = tokens.text(token), tokens.next()
    if operator not in ("=", ">", ">=", "<", "<="):
        raise tokens.refused(f"Unrecognized numeric range operator: {operator}")
    if token.kind != "number":
        raise tokens.refused(f"Value of {'equals' if operator == '=' else operator} must be numeric")
    made = _comparison(tokens, operator, token.text)
    _end(tokens, TOO_MANY)
    return made


def _comparison(tokens: Tokens, operator: str, limit: str) -> Matcher:
    token = tokens.next()
    if token.kind != "]" and operator in (">", ">="):
        return _range(tokens, token, operator, limit)
    if token.kind != "]":
        raise tokens.refused(TOO_MANY)
    value = _bound(tokens, limit)
    if operator == "=":
        return values.number(limit)
    if operator in (">", ">="):
        return values.between(value, math.inf, above=operator == ">", below=False)
    return values.between(-math.inf, value, above=False, below=operator == "<")


def _range(tokens: Tokens, second: Token, operator: str, low: str) -> Matcher:
    if second.kind != "string":
        raise tokens.refused(f"Bad value in numeric range: {second.text}")
    upper = tokens.text(second)
    if upper not in ("<", "<="):
        raise tokens.refused(f"Bad numeric range operator: {upper}")
    high = tokens.next()
    if high.kind != "number":
        raise tokens.refused(f"Value of {upper} must be numeric")
    if tokens.next().kind != "]":
        raise tokens.refused("Too many terms in numeric range expression")
    bottom, top = _bound(tokens, low), _bound(tokens, high.text)
    if bottom >= top:
        raise tokens.refused("Bottom must be less than top")
    return values.between(bottom, top, above=operator == ">", below=upper == "<")


def _bound(tokens: Tokens, written: str) -> float:
    try:
        return values.bound(written)
    except ValueError as error:
        raise tokens.refused(str(error)) from None


# --- anything-but


def _anything_but(tokens: Tokens) -> Matcher:
    token = tokens.next()
    if token.kind != "{":
        made = _but_values(tokens, token)
        _end(tokens, TOO_MANY)
        return made
    name = tokens.next()
    if name.kind != "name":
        raise tokens.refused("Anything-But expression name not found")
    if name.text not in BUT_OPERATORS:
        raise tokens.refused(f"Unsupported anything-but pattern: {name.text}")
    make, otherwise = BUT_OPERATORS[name.text]
    made = _but_texts(tokens, tokens.next(), make, otherwise)
    _end(tokens, TOO_MANY)
    _end(tokens, TOO_MANY)
    return made


def _but_values(tokens: Tokens, token: Token) -> Matcher:
    _check_but(tokens, token)
    if token.kind == "[":
        return values.anything_but(_but_list(tokens))
    if token.kind == "string":
        return values.anything_but([values.plain(tokens.text(token))])
    try:
        values.bound(token.text)
    except ValueError as error:
        raise tokens.refused_nowhere(str(error)) from None
    return values.anything_but([values.number(token.text)])


def _check_but(tokens: Tokens, token: Token) -> None:
    if token.kind not in ("[", *STRING_OR_NUMBER):
        raise tokens.refused("Value of anything-but must be an array or single string/number value.")


def _but_list(tokens: Tokens) -> list[Matcher]:
    found: list[Matcher] = []
    kinds: set[str] = set()
    while (token := tokens.next()).kind != "]":
        if token.kind == "string":
            found.append(values.plain(tokens.text(token)))
        elif token.kind == "number":
            _bound(tokens, token.text)
            found.append(values.number(token.text))
        else:
            raise tokens.refused_twice("Inside anything but list, start|null|boolean is not supported.")
        kinds.add(token.kind)
    if len(kinds) != 1:
        mixed = "either all values are number or string, mixed type is not supported"
        raise tokens.refused(f"Inside anything but list, {mixed}")
    return found


def _but_texts(tokens: Tokens, token: Token, make: Single, otherwise: str) -> Matcher:
    _check_but(tokens, token)
    if token.kind != "[":
        wanted = _string(tokens, token, otherwise)
        return values.anything_but([_made(tokens, make, _not_empty(tokens, make, wanted))])
    wanted_ones: list[str] = []
    while (token := tokens.next()).kind != "]":
        if token.kind != "string":
            raise tokens.refused_twice(otherwise)
        wanted_ones.append(tokens.text(token))
        if wanted_ones[-1] == "" and make in (values.prefix, values.suffix):
            raise tokens.refused_twice("Null prefix/suffix not allowed")
    if not wanted_ones:
        raise tokens.refused("Empty arrays are not allowed")
    return values.anything_but([_made(tokens, make, wanted) for wanted in wanted_ones])


def _not_empty(tokens: Tokens, make: Single, wanted: str) -> str:
    if wanted == "" and make in (values.prefix, values.suffix):
        raise tokens.refused("Null prefix/suffix not allowed")
    return wanted


BUT_OPERATORS: dict[str, tuple[Single, str]] = {
    "equals-ignore-case": (
        values.ignoring_case,
        "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.",
    ),
    "prefix": (values.prefix, "prefix/suffix match pattern must be a string"),
    "suffix": (values.suffix, "prefix/suffix match pattern must be a string"),
    "wildcard": (values.wildcard, "wildcard match pattern must be a string"),
}
OPERATORS: dict[str, Callable[[Tokens], Matcher]] = {
    "exactly": _of_text(values.plain, "exact"),
    "prefix": _affix(values.prefix, values.prefix_ignoring_case, "prefix"),
    "suffix": _affix(values.suffix, values.suffix_ignoring_case, "suffix"),
    "numeric": _numeric,
    "anything-but": _anything_but,
    "exists": _exists,
    "cidr": _cidr,
    "equals-ignore-case": _of_text(values.ignoring_case, "equals-ignore-case"),
    "wildcard": _of_text(values.wildcard, "wildcard"),
}
