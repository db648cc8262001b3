"""What AWS says when a request's document cannot be read in its API's model: a member of another type. Pure.

SDKs check types before they send.
"""

from __future__ import annotations

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
