"""What in a definition points where. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any


def references(value: Any) -> Iterator[str]:
    """Every ``Get`` in a value, however deep."""
    if isinstance(value, Mapping):
        if set(value) == {"Get"} and isinstance(value["Get"], str):
            yield value["Get"]
            return
        for part in value.values():
            yield from references(part)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for part in value:
            yield from references(part)


def find_circle(edges: Mapping[str, frozenset[str]]) -> list[str]:
    """The names along one circle of ``edges``, first and last the same; empty where there is none."""
    done: set[str] = set()
    for start in edges:
        path: list[str] = []
        stack: list[tuple[str, Iterator[str]]] = [(start, iter(sorted(edges[start])))]
        if start not in done:
            path.append(start)
        while stack and path:
            following = next(stack[-1][1], None)
            if following is None:
                done.add(stack.pop()[0])
                path.pop()
            elif following in path:
                return [*path[path.index(following) :], following]
            elif following not in done:
                path.append(following)
                stack.append((following, iter(sorted(edges[following]))))
    return []
