"""DynamoDB's attribute values in answers: as moto keeps them, they are what goes over the wire."""

from __future__ import annotations

from typing import Any

from localcloud.front import moto_patches

SHAPE = "AttributeValue"


def install() -> None:
    """Take each of a value's ten types by its own name."""

    def get_value(self: Any, value: Any, key: str, shape: Any) -> Any:
        of = getattr(shape, "parent", None)
        service = self.operation_model.service_model.service_name
        if of is not None and of.name == SHAPE and service.startswith("dynamodb") and isinstance(value, dict):
            return value.get(key)
        return search(self, value, key, shape)

    search = moto_patches.replace("moto.core.serialize:ResponseSerializer.get_value", get_value)
