"""A step's arguments as a request to the API. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from localcloud.sagemaker import played_members

EXPRESSIONS = ({"Get"}, {"Std:Join"}, {"Std:JsonGet"})


def with_texts(arguments: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """The arguments, with numbers as texts in these maps of texts: a parameter may be a number."""
    texts = {
        name: {key: value if isinstance(value, str) else json.dumps(value) for key, value in arguments[name].items()}
        for name in names
        if name in arguments
    }
    return {**arguments, **texts}


def refused_members(operation: str, arguments: Mapping[str, Any]) -> list[str]:
    """Why arguments cannot be a request to an operation, as far as that is known before they are resolved."""
    return played_members.refusals(operation, _without_expressions(arguments))


def _without_expressions(value: Any) -> Any:
    if isinstance(value, Mapping):
        if set(value) in EXPRESSIONS:
            return None
        return {name: _without_expressions(part) for name, part in value.items()}
    return [_without_expressions(part) for part in value] if isinstance(value, list) else value
