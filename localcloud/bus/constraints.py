"""What AWS says when a parameter breaks a bound of its API's model: length, range, pattern, enumeration. Pure.

SDKs check types and the least lengths before they send; the service checks all.

Source: https://docs.aws.amazon.com/eventbridge/latest/APIReference/CommonErrors.html (ValidationError)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

_SCALARS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "long": (int,),
    "boolean": (bool,),
    "float": (int, float),
    "double": (int, float),
}
MUST = "failed to satisfy constraint: Member must"


def complaint(shape: Shape, asked: Mapping[str, Any]) -> str | None:
    """What AWS answers to a request of this shape, or None where every bound holds."""
    found = list(_broken(shape, asked, ""))
    if not found:
        return None
    return f"{len(found)} validation error{'s'[: len(found) - 1]} detected: {'; '.join(found)}"


def mistyped(shape: Shape, value: Any) -> str | None:
    """What AWS answers where a request cannot be read in this shape, or None where it can."""
    if value is None:
        return None
    if isinstance(value, Mapping) and isinstance(shape, (StructureShape, MapShape)):
        known = shape.members if isinstance(shape, StructureShape) else dict.fromkeys(value, shape.value)
        return _first(mistyped(known[name], item) for name, item in value.items() if name in known)
    if isinstance(value, list) and isinstance(shape, ListShape):
        return _first(mistyped(shape.member, item) for item in value)
    if isinstance(value, (Mapping, list)):
        return f"Start of {'list' if isinstance(value, list) else 'structure or map'} found where not expected."
    if isinstance(shape, (StructureShape, ListShape, MapShape)):
        return f"Unexpected field type: {value!r} found where a structure, map or list is expected."
    wanted = _SCALARS.get(shape.type_name)
    if wanted and (not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted)):
        return f"{value!r} can not be converted to {shape.type_name.title()}"
    return None


def _first(found: Iterator[str | None]) -> str | None:
    return next((one for one in found if one), None)


def _broken(shape: Shape, value: Any, path: str) -> Iterator[str]:
    if isinstance(shape, StructureShape) and isinstance(value, Mapping):
        yield from _broken_members(shape, value, path)
    elif isinstance(shape, ListShape) and isinstance(value, list):
        yield from _broken_length(shape, value, path)
        for number, item in enumerate(value, 1):
            yield from _broken(shape.member, item, f"{path}.{number}.member")
    elif isinstance(shape, MapShape) and isinstance(value, Mapping):
        yield from _broken_length(shape, value, path)
        for key, item in value.items():
            yield from _broken(shape.key, key, path)
            yield from _broken(shape.value, item, f"{path}.{key}.member")
    else:
        yield from _broken_scalar(shape, value, path)


def _broken_members(shape: StructureShape, value: Mapping[str, Any], path: str) -> Iterator[str]:
    for name, member in shape.members.items():
        spelled = f"{path}.{name[:1].lower()}{name[1:]}".lstrip(".")
        if value.get(name) is not None:
            yield from _broken(member, value[name], spelled)
        elif name in shape.required_members:
            yield f"Value null at '{spelled}' {MUST} not be null"


def _broken_scalar(shape: Shape, value: Any, path: str) -> Iterator[str]:
    bounds = shape.metadata
    if shape.type_name == "string" and isinstance(value, str):
        yield from _broken_length(shape, value, path)
        if "pattern" in bounds and not re.fullmatch(bounds["pattern"], value):
            yield f"Value '{value}' at '{path}' {MUST} satisfy regular expression pattern: {bounds['pattern']}"
        if bounds.get("enum") and value not in bounds["enum"]:
            yield f"Value '{value}' at '{path}' {MUST} satisfy enum value set: [{', '.join(bounds['enum'])}]"
    elif shape.type_name in ("integer", "long") and isinstance(value, int):
        if value < bounds.get("min", value):
            yield f"Value '{value}' at '{path}' {MUST} have value greater than or equal to {bounds['min']}"
        if value > bounds.get("max", value):
            yield f"Value '{value}' at '{path}' {MUST} have value less than or equal to {bounds['max']}"


def _broken_length(shape: Shape, value: Any, path: str) -> Iterator[str]:
    bounds, size = shape.metadata, len(value)
    if size < bounds.get("min", size):
        yield f"Value '{value}' at '{path}' {MUST} have length greater than or equal to {bounds['min']}"
    if size > bounds.get("max", size):
        yield f"Value '{value}' at '{path}' {MUST} have length less than or equal to {bounds['max']}"
