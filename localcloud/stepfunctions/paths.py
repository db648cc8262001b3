"""What a JSONPath finds in a state's data. Pure.

A definite path (names and single indices alone) means one value, and fails where there is none. Any other (a filter, a
wildcard, a slice, a deep scan, several indices) means a list of all that it finds, also of one value or none; what
stands before its first such step has to be there.
Source: https://states-language.net/#path and https://github.com/json-path/JsonPath#what-is-returned-when
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from jsonpath_ng.exceptions import JSONPathError
from jsonpath_ng.ext import parse
from jsonpath_ng.jsonpath import Child, Descendants, Fields, Index, JSONPath, Root, This


class Unreadable(ValueError):
    """A path that cannot be evaluated here; the text names it."""


class NotFound(LookupError):
    """Nothing is where a path leads."""


def find(path: str, data: Any) -> Any:
    """The value of a definite path, or the list of what any other finds.

    Raises:
        NotFound, Unreadable
    """
    expression = _parsed(path)
    if _is_definite(expression):
        matches = expression.find(data)
        if not matches:
            raise NotFound(path)
        return matches[0].value
    if not _definite_part(expression).find(data):
        raise NotFound(path)
    return [match.value for match in expression.find(data)]


@lru_cache(maxsize=1024)
def _parsed(path: str) -> JSONPath:
    try:
        return parse(path)
    except JSONPathError as error:
        raise Unreadable(f"The JSONPath '{path}' cannot be evaluated in the local cloud: {error}") from error


def _is_definite(expression: JSONPath) -> bool:
    if isinstance(expression, Child):
        return _is_definite(expression.left) and _is_definite(expression.right)
    if isinstance(expression, Fields):
        return len(expression.fields) == 1 and expression.fields[0] != "*"
    if isinstance(expression, Index):
        return len(expression.indices) == 1
    return isinstance(expression, (Root, This))


def _definite_part(expression: JSONPath) -> JSONPath:
    """The path as far as it is definite from its beginning on."""
    while not _is_definite(expression):
        if not isinstance(expression, (Child, Descendants)):
            return Root()
        expression = expression.left
    return expression
