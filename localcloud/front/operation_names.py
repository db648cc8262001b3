"""What a REST request asks for, by the name that AWS's own model of the service gives it. Pure.

Protocols that name their operation (JSON, Query, CBOR) do not come here.

Source: the ``http`` traits of botocore's service models, https://smithy.io/2.0/spec/http-bindings.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from urllib.parse import parse_qsl

from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel


@dataclass(frozen=True)
class Binding:
    """How one operation looks over HTTP: what must match, and how much of the request it explains."""

    name: str
    path: re.Pattern[str]
    query: tuple[tuple[str, str], ...]  # names with their values; "" for any value
    headers: tuple[str, ...]  # that must be there, in lower case
    labels: int  # placeholders of the path
    deprecated: bool  # in favour of another, which may look the same

    def matches(self, path: str, query: Mapping[str, str], headers: frozenset[str]) -> bool:
        """Whether a request may be this operation."""
        return (
            all(name in query and value in ("", query[name]) for name, value in self.query)
            and all(name in headers for name in self.headers)
            and self.path.fullmatch(path) is not None
        )


def operation_name(service: str, method: str, path: str, query: str, headers: frozenset[str]) -> str | None:
    """The operation of botocore's ``service`` that a REST request asks for; None: none of its operations.

    ``path`` may be quoted or not, ``query`` is the part after the question mark, ``headers`` are names in lower case.
    """
    sent = dict(parse_qsl(query, keep_blank_values=True))
    found = [one for one in bindings(service).get(method, ()) if one.matches(path, sent, headers)]
    named = [one.name for one in found if one.name == sent.get("x-id")]
    if named or not found:
        return named[0] if named else None
    return max(found, key=lambda one: (len(one.query) + len(one.headers), -one.labels, not one.deprecated)).name


@cache
def bindings(service: str) -> Mapping[str, tuple[Binding, ...]]:
    """A service's operations by HTTP method; none where botocore does not know it, or its protocol names operations."""
    try:
        model = ServiceModel(Loader().load_service_model(service, "service-2"))
    except UnknownServiceError:
        return {}
    if not str(model.metadata["protocol"]).startswith("rest"):
        return {}
    found: dict[str, list[Binding]] = {}
    for name in model.operation_names:
        operation = model.operation_model(name)
        found.setdefault(operation.http.get("method", "POST"), []).append(_binding(operation))
    return {method: tuple(several) for method, several in found.items()}


def _binding(operation: OperationModel) -> Binding:
    path, _, query = operation.http.get("requestUri", "/").partition("?")
    fixed = [(name, value) for name, value in parse_qsl(query, keep_blank_values=True) if name != "x-id"]
    labels = re.findall(r"\{[^}]+\}", path)
    pattern = "".join(_pattern(part) for part in re.split(r"(\{[^}]+\})", path.rstrip("/") or "/"))
    return Binding(
        operation.name,
        re.compile(f"{pattern}/?", re.DOTALL),  # no more slashes than one: they may be all of an object's key
        (*fixed, *((name, "") for name in _required(operation, "querystring"))),
        tuple(name.lower() for name in _required(operation, "header")),
        len(labels),
        operation.deprecated,
    )


def _pattern(part: str) -> str:
    if not part.startswith("{"):
        return re.escape(part)
    return ".+" if part.endswith("+}") else "[^/]+"


def _required(operation: OperationModel, location: str) -> Iterator[str]:
    shape = operation.input_shape
    if shape is None:
        return
    for member in shape.required_members:
        serialization = shape.members[member].serialization
        if serialization.get("location") == location:
            yield serialization.get("name", member)
