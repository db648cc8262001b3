"""What an OpenAPI document asks of an API: its routes, or by name what nobody plays here. Pure.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Document = Mapping[str, Any]
METHODS = ("get", "put", "post", "delete", "options", "head", "patch")
ANY = "x-amazon-apigateway-any-method"
INTEGRATION = "x-amazon-apigateway-integration"
CORS = "x-amazon-apigateway-cors"
BINARY = "x-amazon-apigateway-binary-media-types"
DEFAULT = "$default"
FORMATS = ("1.0", "2.0")
_DESCRIBED = "swagger openapi info tags host basePath schemes servers produces consumes definitions components"
_SECURED = "securityDefinitions"
_TOP = {*_DESCRIBED.split(), "paths", "x-amazon-apigateway-importexport-version", CORS, BINARY, _SECURED}
_PATH = {*METHODS, ANY, "parameters", "summary", "description"}
_OPERATION = {
    *("summary", "description", "operationId", "tags", "produces", "consumes", "parameters", "requestBody"),
    *("responses", "deprecated", "isDefaultRoute", INTEGRATION),
}
_INTEGRATION = {
    *("type", "httpMethod", "uri", "payloadFormatVersion", "passthroughBehavior", "responses", "connectionType"),
    *("timeoutInMillis", "contentHandling"),
}
_FUNCTION = re.compile(r"(?:arn:[\w-]+:apigateway:[\w-]+:lambda:path/[\d-]+/functions/)?(arn:[\w-]+:lambda:[^/]+)")
ADVICE = "the local cloud plays routes to Lambda functions, open to whoever calls"


class Kind(StrEnum):
    """Which of API Gateway's two kinds an API is."""

    REST = "REST"
    HTTP = "HTTP"


class NotPlayed(ValueError):
    """A document asks for what is not done here; the text names it."""


class Invalid(ValueError):
    """A document that AWS would not take either."""


@dataclass(frozen=True)
class Route:
    """One method of one path, and the function that answers it. ``path`` may be ``$default``, ``method`` ANY."""

    method: str
    path: str
    function: str  # its ARN, perhaps with a version or an alias
    format: str  # of the event: 1.0 or 2.0
    timeout_s: float | None = None  # None: the longest

    @property
    def key(self) -> str:
        """How HTTP APIs call it."""
        return DEFAULT if self.path == DEFAULT else f"{self.method} {self.path}"


def routes(document: Document, kind: Kind) -> tuple[Route, ...]:
    """The routes of a document, in its order.

    Raises:
        NotPlayed: it asks for more than routes to functions.
        Invalid: it has no paths, or a route has no function.
    """
    _only(document, _TOP, "the document")
    if document.get("components", {}).get("securitySchemes") or document.get(_SECURED):
        raise NotPlayed(f"Authorizers and keys of an API are not played: {ADVICE}")
    paths = document.get("paths")
    if not isinstance(paths, Mapping):
        raise Invalid("The document has no paths")
    return tuple(route for path, spec in paths.items() for route in _of_path(str(path), spec, kind))


def _of_path(path: str, spec: Mapping[str, Any], kind: Kind) -> Iterator[Route]:
    _only(spec, _PATH, path)
    for name, operation in spec.items():
        if name not in METHODS and name != ANY:
            continue
        where = f"{name.upper()} {path}"
        if operation.get("security"):
            raise NotPlayed(f"{where} asks for authorization ({_names(operation['security'])}): {ADVICE}")
        _only({key: value for key, value in operation.items() if key != "security"}, _OPERATION, where)
        integration = operation.get(INTEGRATION)
        if integration is None:
            raise Invalid(f"No integration defined for method {where}")
        if name != "options" or str(integration.get("type", "")).lower() != "mock":  # a preflight: no page is answered
            yield _route("ANY" if name == ANY else name.upper(), path, integration, kind)


def _route(method: str, path: str, integration: Mapping[str, Any], kind: Kind) -> Route:
    where, type_ = f"{method} {path}", str(integration.get("type", "")).lower()
    if type_ != "aws_proxy":
        raise NotPlayed(f"{where} has an integration of type {type_ or 'none'}: {ADVICE} (aws_proxy)")
    _only(integration, _INTEGRATION, f"the integration of {where}")
    uri = str(integration.get("uri", "")).removesuffix("/invocations")
    function = _FUNCTION.fullmatch(uri)
    if function is None:
        raise NotPlayed(f"{where} leads to {uri or 'nothing'}: {ADVICE}")
    version = str(integration.get("payloadFormatVersion", "1.0"))
    if version not in FORMATS or (kind is Kind.REST and version != "1.0"):
        raise Invalid(f"{where}: payloadFormatVersion {version} is not supported for {kind} APIs")
    milliseconds = integration.get("timeoutInMillis")
    return Route(method, path, function[1], version, None if milliseconds is None else float(milliseconds) / 1000)


def _only(given: Mapping[str, Any], known: set[str], where: str) -> None:
    unknown = sorted(set(given) - known)
    if unknown:
        raise NotPlayed(f"{unknown[0]} of {where} is not played: {ADVICE}")


def _names(security: Any) -> str:
    return ", ".join(sorted({name for one in security for name in one})) or "none"
