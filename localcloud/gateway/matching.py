"""Which route of an API a request takes. Pure.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html and
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-set-up-simple-proxy.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from localcloud.gateway.documents import DEFAULT, Kind, Route

_PARAMETER = re.compile(r"\{([^}+]+)(\+?)\}")


@dataclass(frozen=True)
class Match:
    """A route, and what its path's parameters are in this request."""

    route: Route
    parameters: dict[str, str]


def find(routes: Iterable[Route], kind: Kind, method: str, path: str) -> Match | None:
    """The most specific route for a request below the stage; None: there is none.

    A REST API looks for the path first, and then for the method; an HTTP API for both at once, then for ``$default``.
    """
    asked = (path.rstrip("/") or "/") if kind is Kind.REST else path
    found = [(route, match) for route in routes if (match := _pattern(route.path).fullmatch(asked))]
    if kind is Kind.REST and found:
        best = min(_rank(route.path) for route, _ in found)
        found = [(route, match) for route, match in found if _rank(route.path) == best]
    found = [(route, match) for route, match in found if route.method in (method, "ANY")]
    if not found:
        return None
    route, match = min(found, key=lambda one: (_rank(one[0].path), one[0].method == "ANY"))
    values = match.groups()
    return Match(route, dict(zip(_names(route.path), values, strict=True)))


def _rank(path: str) -> tuple[object, ...]:
    """Sorts what is more specific first: the route of last resort, greedy parameters, parameters; part by part."""
    parts = path.strip("/").split("/")
    kinds = [2 if part.endswith("+}") else 1 if part.startswith("{") else 0 for part in parts]
    return path == DEFAULT, 2 in kinds, kinds if 2 not in kinds else -len(parts), kinds.count(1)


@cache
def _pattern(path: str) -> re.Pattern[str]:
    if path == DEFAULT:
        return re.compile(".*", re.DOTALL)
    parts = _PARAMETER.split(path)  # text, name, plus, text, …
    text = [re.escape(parts[0])]
    for plus, after in zip(parts[2::3], parts[3::3], strict=True):
        text += ["(.+)" if plus else "([^/]+)", re.escape(after)]
    return re.compile("".join(text), re.DOTALL)


def _names(path: str) -> list[str]:
    return [name for name, _ in _PARAMETER.findall(path)]
