"""JSON Schemas of types: dataclasses (all their fields are there), typed dictionaries, and what they are made of.

Objects stay open: a later release may say more of a thing, so whoever reads one ignores what they do not know.
``closed`` is for our own tests, which let no key through that nobody described.
Source: https://json-schema.org/draft/2020-12
"""

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, NotRequired, Union, get_args, get_origin, get_type_hints, is_typeddict

Schema = dict[str, Any]
OF_PLAIN: Mapping[Any, Schema] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    NoneType: {"type": "null"},
    Any: {},
}


@dataclass(frozen=True)
class Changes:
    """Marks a list of changes, as ``cli.changes.as_data`` writes them: of these dataclasses, and of no others."""

    kinds: tuple[type, ...]


def of(kind: Any) -> Schema:
    """The schema of a type.

    Raises:
        TypeError: there is none for such a type.
    """
    if kind in OF_PLAIN:
        return dict(OF_PLAIN[kind])
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated and isinstance(arguments[1], Changes):
        return {"type": "array", "items": {"anyOf": [_change(one) for one in arguments[1].kinds]}}
    if origin in (Union, UnionType):
        return {"anyOf": [of(one) for one in arguments]}
    if is_dataclass(kind) or is_typeddict(kind):
        return _object(kind)
    if origin in (dict, Mapping) or _is(origin, Mapping):
        return {"type": "object", "additionalProperties": of(arguments[1])}
    if origin in (list, tuple) or _is(origin, Sequence):
        return {"type": "array", "items": of(arguments[0])}
    if _is(kind, tuple):  # a named one, written as an object
        return _object(kind)
    raise TypeError(f"no schema is known for {kind}")


def _is(kind: Any, base: type) -> bool:
    return inspect.isclass(kind) and issubclass(kind, base)


def _object(kind: Any, *, contents: bool = True, first: Mapping[str, Schema] | None = None) -> Schema:
    """An object of a type's fields; without ``contents`` those are left out that a dataclass does not show."""
    hints = get_type_hints(kind, include_extras=True)
    if is_dataclass(kind):
        hints = {one.name: hints[one.name] for one in fields(kind) if contents or one.repr}
    hints = {name: get_args(hint)[0] if get_origin(hint) is NotRequired else hint for name, hint in hints.items()}
    properties = {**(first or {}), **{name: of(hint) for name, hint in hints.items()}}
    required = kind.__required_keys__ if is_typeddict(kind) else properties
    return {
        "type": "object",
        "description": " ".join(str(inspect.getdoc(kind)).split()),
        "properties": properties,
        "required": [name for name in properties if name in required],
    }


def _change(kind: Any) -> Schema:
    """A change: its type, and its facts without contents."""
    return _object(kind, contents=False, first={"change": {"const": kind.__name__}})


def closed(schema: Any) -> Any:
    """The same with no room for keys that it does not describe."""
    if isinstance(schema, list):
        return [closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {name: closed(one) for name, one in schema.items()}
    return inner | ({"additionalProperties": False} if "properties" in inner else {})
