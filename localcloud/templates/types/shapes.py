"""Template values as an API takes them. A template may write every number and boolean as text, and some services
spell in lower camel case; botocore's models say what each operation wants. Pure.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from localcloud.templates.errors import ResourceFailed

_TRUE, _FALSE = ("true", "True", "TRUE"), ("false", "False", "FALSE")


def fit(client: Any, operation: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """``values`` in the types that ``operation`` (snake_case) takes: texts to numbers, documents to JSON text.

    Raises:
        ResourceFailed: a key that the operation does not know, at any depth.
    """
    model = client.meta.service_model
    shape = model.operation_model(client.meta.method_to_api_mapping[operation]).input_shape
    fitted: dict[str, Any] = _fit(shape, dict(values), "")
    return fitted


def _fit(shape: Shape, value: Any, path: str) -> Any:
    if isinstance(shape, StructureShape) and isinstance(value, Mapping):
        return _fit_structure(shape, value, path)
    if isinstance(shape, ListShape):
        items = value if isinstance(value, list) else [value]
        return [_fit(shape.member, item, f"{path}/{index}") for index, item in enumerate(items)]
    if isinstance(shape, MapShape) and isinstance(value, Mapping):
        return {str(key): _fit(shape.value, item, f"{path}/{key}") for key, item in value.items()}
    return _SCALARS.get(shape.type_name, _same)(value)


def _fit_structure(shape: StructureShape, value: Mapping[str, Any], path: str) -> dict[str, Any]:
    unknown = sorted(set(value) - set(shape.members))
    if unknown:
        raise ResourceFailed(
            f"Properties validation failed with message: #{path}: extraneous key [{unknown[0]}] is not permitted"
        )
    return {key: _fit(shape.members[key], item, f"{path}/{key}") for key, item in value.items()}


def _same(value: Any) -> Any:
    return value


def text(value: Any) -> str:
    """A value where an API wants text: documents as JSON, booleans in lower case."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value) if isinstance(value, (dict, list)) else str(value)


def boolean(value: Any) -> Any:
    """A boolean, also when the template wrote it as text."""
    return True if value in _TRUE else False if value in _FALSE else value


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, str) and value.lstrip("-").isdigit() else value


def _fraction(value: Any) -> Any:
    try:
        return float(value)
    except (TypeError, ValueError):
        return value


_SCALARS: dict[str, Callable[[Any], Any]] = {
    "string": text,
    "boolean": boolean,
    "integer": _whole,
    "long": _whole,
    "float": _fraction,
    "double": _fraction,
}


def lower_first(value: Any) -> Any:
    """Keys of structures with a small first letter, at every depth (``LogGroupArn`` -> ``logGroupArn``)."""
    if isinstance(value, list):
        return [lower_first(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {key[:1].lower() + key[1:]: lower_first(item) for key, item in value.items()}


def picked(properties: Mapping[str, Any], *names: str, **renamed: str) -> dict[str, Any]:
    """The named properties that are there; ``renamed`` maps the API's name to the property's."""
    found = {name: properties[name] for name in names if name in properties}
    return found | {api: properties[own] for api, own in renamed.items() if own in properties}
