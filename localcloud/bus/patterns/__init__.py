"""Event patterns of EventBridge: whether one is valid, and whether an event matches it. Pure.

A pattern is compiled to branches, one for each way through its ``$or``; a branch names paths of fields and what their
values are held against. An event matches a branch when each path has a value that holds, all of them from the same
elements of the arrays that they lie in. An event's array stands for its elements, an empty one for nothing.

Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern.html
Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns-arrays.html
Source: https://github.com/aws/event-ruler#json-array-matching
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from localcloud.bus.patterns.expressions import OPERATORS, field_values
from localcloud.bus.patterns.tokens import InvalidPattern, Tokens, ahead
from localcloud.bus.patterns.values import ABSENT, MOST_COMPLEX, Matcher, complexity

MOST_BRANCHES = 1000  # a bound of this cloud's own; a pattern of 2,048 characters could ask for 2 ** 50
TOO_COMPLEX = (
    "Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences after a wildcard"
    " character"
)
# Field names that keep a $or from being one.
# Source: https://github.com/aws/event-ruler#the-or-primitive (RESERVED_FIELD_NAMES_IN_OR_RELATIONSHIP)
RESERVED = {
    *OPERATORS,
    *("=", "<", "<=", ">", ">=", "regex", "not-wildcard", "not-equals-ignore-case"),
    *("date-after", "date-on-or-after", "date-before", "date-on-or-before", "in-date-range"),
    *("ip-address-in-range", "ip-address-not-in-range"),
}
Branch = dict[str, list[Matcher]]  # by path, names joined with dots
Elements = Mapping[int, int]  # of which element of which array a value is
Fields = Mapping[str, Sequence[tuple[Any, Elements]]]

__all__ = ["InvalidPattern", "Pattern", "compiled"]


class Pattern:
    """A valid pattern."""

    def __init__(self, source: str) -> None:
        """Compile.

        Raises:
            InvalidPattern: AWS refuses it; the text is its reason.
        """
        branches = _branches(source)
        self._branches = [tuple(sorted(branch.items())) for branch in branches]

    def matches(self, event: Mapping[str, Any]) -> bool:
        """Whether an event matches, in the shape that targets get."""
        fields = _fields_of(event)
        return any(_fits(branch, fields, {}) for branch in self._branches)


@lru_cache(maxsize=1024)
def compiled(source: str) -> Pattern:
    """The pattern of a text, compiled once.

    Raises:
        InvalidPattern: as ``Pattern``.
    """
    return Pattern(source)


def _fields_of(event: Mapping[str, Any]) -> Fields:
    """The values of an event by path, each with the elements of arrays that it lies in; an empty array has none."""
    fields: dict[str, list[tuple[Any, Elements]]] = defaultdict(list)
    left: list[tuple[tuple[str, ...], Any, Elements]] = [((), event, {})]
    arrays = 0
    while left:  # no recursion: events may be nested 1,000 deep
        path, value, elements = left.pop()
        if isinstance(value, Mapping):
            left.extend(((*path, name), inner, elements) for name, inner in value.items())
        elif isinstance(value, (list, tuple)):
            left.extend(
                (path, inner, {**elements, arrays: index} if isinstance(inner, (Mapping, list, tuple)) else elements)
                for index, inner in enumerate(value)
            )
            arrays += 1
        else:
            fields[".".join(path)].append((value, elements))
    return fields


def _fits(branch: Sequence[tuple[str, list[Matcher]]], fields: Fields, within: Elements) -> bool:
    """Whether the paths that are left find values that lie together."""
    if not branch:
        return True
    (path, matchers), rest = branch[0], branch[1:]
    together = [
        (value, both) for value, elements in fields.get(path, ()) if (both := _joined(within, elements)) is not None
    ]
    if not together:
        return any(matcher is ABSENT for matcher in matchers) and _fits(rest, fields, within)
    return any(
        any(matcher.holds(value) for matcher in matchers) and _fits(rest, fields, both) for value, both in together
    )


def _joined(within: Elements, elements: Elements) -> Elements | None:
    """Both, or None where they are of different elements of one array."""
    if any(within.get(array, index) != index for array, index in elements.items()):
        return None
    return {**within, **elements} if elements else within


# --- compiling


def _branches(source: str) -> list[Branch]:
    tokens = Tokens(source)
    if tokens.next().kind != "{":
        raise tokens.refused("Filter is not an object")
    try:
        branches = _object(tokens, [], ())
    except RecursionError:
        raise InvalidPattern("The pattern is nested too deeply") from None
    for branch in branches:
        for matchers in branch.values():
            if complexity(wildcard for matcher in matchers for wildcard in matcher.wildcards) > MOST_COMPLEX:
                raise InvalidPattern(TOO_COMPLEX)
    return branches


def _object(tokens: Tokens, branches: list[Branch], path: tuple[str, ...]) -> list[Branch]:
    """The branches with the fields of an object, whose ``{`` was read. The last of two equal paths counts."""
    empty = True
    while (name := tokens.next()).kind != "}":
        empty = False
        if name.text == "$or" and _is_or(tokens):
            branches = _or(tokens, branches, path)
            continue
        token = tokens.next()
        if token.kind == "{":
            branches = _object(tokens, branches, (*path, name.text))
        elif token.kind == "[":
            matchers = field_values(tokens)
            branches = [{**branch, ".".join((*path, name.text)): matchers} for branch in branches or [{}]]
        else:
            raise tokens.refused(f'"{name.text}" must be an object or an array')
    if empty:
        raise tokens.refused("Empty objects are not allowed")
    return branches


def _or(tokens: Tokens, branches: list[Branch], path: tuple[str, ...]) -> list[Branch]:
    tokens.next()
    found: list[Branch] = []
    while tokens.next().kind == "{":
        found.extend(_object(tokens, branches, path))
        if len(found) > MOST_BRANCHES:
            raise InvalidPattern(f"$or makes more than {MOST_BRANCHES} combinations")
    return found


def _is_or(tokens: Tokens) -> bool:
    """Whether what follows ``$or`` is alternatives: two objects or more, without a field named like an operator.

    Anything else is the values of a field that has this name, valid or not.
    """
    inside: list[str] = []
    objects, name = 0, "$or"
    for token in ahead(tokens):
        if len(inside) < 2 and token.kind not in (("{", "]") if inside else ("[",)):
            return False
        if token.kind == "name":
            name = token.text
            if inside[-1] == "object" and name in RESERVED:
                return False
        elif token.kind in ("[", "{"):
            inside.append(_context(token.kind, inside, name))
            objects += len(inside) == 2
        elif token.kind in ("]", "}"):
            inside.pop()
            if not inside:
                return objects > 1
    return False


def _context(bracket: str, inside: Sequence[str], name: str) -> str:
    """What a bracket begins: an ``$or``, a field's values, an object of fields, or an operator among values."""
    if bracket == "[":
        return "or" if name == "$or" and "values" not in inside else "values"
    return "operator" if inside[-1] in ("values", "operator") else "object"
