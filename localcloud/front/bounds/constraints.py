"""What AWS says when a request breaks a bound of its API's model: length, range, pattern, enumeration, presence. Pure.

A shape is compiled once into checks of what is bounded in it, so that a request in order costs a few microseconds.
Members are looked up as they are sent.

Source: https://docs.aws.amazon.com/eventbridge/latest/APIReference/CommonErrors.html (ValidationError) and
https://smithy.io/2.0/spec/constraint-traits.html
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, NamedTuple

from botocore.model import ListShape, MapShape, Shape, StructureShape

from localcloud.front.bounds.patterns import compiled

MUST = "failed to satisfy constraint: Member must"
_NULL = "Value null"
_NUMBERS = ("integer", "long", "float", "double")


class Broken(NamedTuple):
    """A bound that does not hold: where, below what was checked; what was there; and the rule."""

    path: str
    value: str
    rule: str


Check = Callable[[Any], Collection[Broken]]
Bounds = Mapping[str, Any]
Narrower = Mapping[str, Bounds]  # by the names of shapes
AS_MODELLED: Narrower = {}


def complaint(check: Check, asked: Mapping[str, Any]) -> str | None:
    """What AWS answers to a request, or None where every bound holds."""
    found = [f"{value} at '{path.lstrip('.')}' {MUST} {rule}" for path, value, rule in check(asked)]
    return f"{len(found)} validation error{'s'[: len(found) - 1]} detected: {'; '.join(found)}" if found else None


def checked(shape: Shape, unbounded: Collection[str] = (), narrower: Narrower = AS_MODELLED) -> Check | None:
    """All checks of a shape, None where it has no bound.

    Shapes whose names are ``unbounded`` are not looked into; ``narrower`` has bounds that go before the model's.
    """
    return _Compiling(unbounded, narrower).of(shape)


def _nothing(_: Any) -> Collection[Broken]:
    return ()


class _Compiling:
    """One shape's checks; a shape that holds itself refers to its own."""

    def __init__(self, unbounded: Collection[str], narrower: Narrower) -> None:
        self._known: dict[str, Check | None] = dict.fromkeys(unbounded)
        self._narrower = narrower

    def of(self, shape: Shape) -> Check | None:
        """The check of a shape; None where nothing of it is bounded."""
        name = shape.name
        if name not in self._known:
            self._known[name] = lambda value: (self._known[name] or _nothing)(value)
            self._known[name] = self._made(shape)
        return self._known[name]

    def _made(self, shape: Shape) -> Check | None:
        if isinstance(shape, StructureShape):
            return self._structure(shape)
        bounds = {**shape.metadata, **self._narrower.get(shape.name, {})}
        if isinstance(shape, ListShape):
            return _list(_between(bounds, len, "length", _said), self.of(shape.member))
        if isinstance(shape, MapShape):
            return _map(_between(bounds, len, "length", _said), self.of(shape.key), self.of(shape.value))
        return _scalar(shape.type_name, bounds)

    def _structure(self, shape: StructureShape) -> Check | None:
        required = set(shape.required_members)
        rows = [
            (member.serialization.get("name", name), f".{name[:1].lower()}{name[1:]}", check, name in required)
            for name, member in shape.members.items()
            if (check := self.of(member)) is not None or name in required
        ]
        if not rows:
            return None

        def look(value: Any) -> Collection[Broken]:
            found: list[Broken] = []
            for sent_as, path, check, is_required in rows if isinstance(value, Mapping) else ():
                item = value.get(sent_as)
                if item is None:
                    if is_required:
                        found.append(Broken(path, _NULL, "not be null"))
                elif check is not None and (below := check(item)):
                    found += _within(path, below)
            return found

        return look


def _within(path: str, below: Collection[Broken]) -> Iterator[Broken]:
    return (Broken(path + one.path, one.value, one.rule) for one in below)


def _list(lengths: Check | None, member: Check | None) -> Check | None:
    if member is None:
        return lengths

    def look(value: Any) -> Collection[Broken]:
        if not isinstance(value, list):
            return ()
        found = [*lengths(value)] if lengths else []
        for number, item in enumerate(value, 1):
            if item is not None and (below := member(item)):
                found += _within(f".{number}.member", below)
        return found

    return look


def _map(lengths: Check | None, key: Check | None, member: Check | None) -> Check | None:
    if key is None and member is None:
        return lengths

    def look(value: Any) -> Collection[Broken]:
        if not isinstance(value, Mapping):
            return ()
        found = [*lengths(value)] if lengths else []
        for name, item in value.items():
            if key is not None and (below := key(name)):
                found += below
            if member is not None and item is not None and (below := member(item)):
                found += _within(f".{name}.member", below)
        return found

    return look


def _scalar(kind: str, bounds: Bounds) -> Check | None:
    if kind == "string":
        return _string(bounds)
    if kind == "blob":
        return _between(bounds, _bytes, "length", _unsaid)
    return _range(bounds) if kind in _NUMBERS else None


def _string(bounds: Bounds) -> Check | None:
    lengths = _between(bounds, len, "length", _said)
    fits, allowed = compiled(bounds.get("pattern")), frozenset(bounds.get("enum") or ())
    if lengths is None and fits is None and not allowed:
        return None

    def look(value: Any) -> Collection[Broken]:
        if not isinstance(value, str):
            return ()
        found = [*lengths(value)] if lengths else []
        if fits is not None and not found and not fits(value):
            found.append(Broken("", _said(value), f"satisfy regular expression pattern: {bounds['pattern']}"))
        if allowed and value not in allowed:
            found.append(Broken("", _said(value), f"satisfy enum value set: [{', '.join(bounds['enum'])}]"))
        return found

    return look


def _range(bounds: Bounds) -> Check | None:
    between = _between(bounds, lambda value: value, "value", _said)
    if between is None:
        return None
    return lambda value: between(value) if isinstance(value, (int, float)) else ()


def _between(bounds: Bounds, measure: Callable[[Any], float], what: str, said: Callable[[Any], str]) -> Check | None:
    least, most = bounds.get("min"), bounds.get("max")
    if least is None and most is None:
        return None
    lowest, highest = float("-inf") if least is None else least, float("inf") if most is None else most

    def look(value: Any) -> Collection[Broken]:
        found = measure(value)
        if lowest <= found <= highest:
            return ()
        rule = f"greater than or equal to {least}" if found < lowest else f"less than or equal to {most}"
        return (Broken("", said(value), f"have {what} {rule}"),)

    return look


def _bytes(value: Any) -> int:
    """The size of what may come as bytes, or as text in base64."""
    if not isinstance(value, str):
        return len(value)
    try:
        return len(base64.b64decode(value))
    except ValueError:
        return len(value)


def _unsaid(_: Any) -> str:
    return "Value"


def _said(value: Any) -> str:
    return f"Value '{_text(value)}'"


def _text(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_text, value))}]"
    return str(value).lower() if isinstance(value, bool) else str(value)
