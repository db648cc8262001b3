"""DynamoDB's attribute values in answers: as moto keeps them, they are what goes over the wire."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from localcloud.front import moto_patches

SHAPE = "AttributeValue"


class Encoded(Exception):
    """A value that is not on the wire what it is in memory: moto writes it."""


def install() -> None:
    """Take a value as it is, and each of its ten types by its own name where it has to be written otherwise."""

    def get_value(self: Any, value: Any, key: str, shape: Any) -> Any:
        of = getattr(shape, "parent", None)
        if of is not None and of.name == SHAPE and _speaks_of_items(self) and isinstance(value, dict):
            return value.get(key)
        return search(self, value, key, shape)

    def structure(self: Any, serialized: Any, value: Any, shape: Any, key: str) -> None:
        if shape.name == SHAPE and key and _speaks_of_items(self):
            try:
                self._default_serialize(serialized, on_the_wire(value), shape, key)
            except Encoded:
                pass
            else:
                return
        write(self, serialized, value, shape, key)

    search = moto_patches.replace("moto.core.serialize:ResponseSerializer.get_value", get_value)
    write = moto_patches.replace("moto.core.serialize:BaseJSONSerializer._serialize_type_structure", structure)


def on_the_wire(value: Any) -> dict[str, Any]:
    """A value such as ``{"M": {"rows": {"N": "3"}}}`` in JSON's types.

    Raises:
        Encoded: it holds bytes, or is none that moto keeps.
    """
    if not isinstance(value, dict) or len(value) != 1:
        raise Encoded
    ((kind, held),) = value.items()
    made = WRITTEN.get(kind)
    if made is None:
        raise Encoded
    return {kind: made(held)}


def _text(held: Any) -> str:
    if type(held) is not str:
        raise Encoded
    return held


def _truth(held: Any) -> bool:
    if type(held) is not bool:
        raise Encoded
    return held


def _texts(held: Any) -> list[str]:
    return [_text(one) for one in _listed(held)]


def _values(held: Any) -> list[dict[str, Any]]:
    return [on_the_wire(one) for one in _listed(held)]


def _map(held: Any) -> dict[str, Any]:
    if not isinstance(held, dict):
        raise Encoded
    return {name: on_the_wire(one) for name, one in held.items()}


def _listed(held: Any) -> list[Any]:
    if type(held) is not list:
        raise Encoded
    return held


WRITTEN: Mapping[str, Callable[[Any], Any]] = {
    "S": _text, "N": _text, "BOOL": _truth, "NULL": _truth, "SS": _texts, "NS": _texts, "L": _values, "M": _map,
}  # fmt: skip


def _speaks_of_items(serializer: Any) -> bool:
    return bool(serializer.operation_model.service_model.service_name.startswith("dynamodb"))
