"""Policies without one part of a statement, and which of them nobody would miss."""

import copy
from collections.abc import Callable, Iterator, Mapping
from operator import eq
from typing import Any

from localcloud.iam.policies import AccessRequest
from tests.contract.role_policies import Document, Policies, Where


def shown(where: Where, statement: Document) -> str:
    return f"{where.holder.rpartition(':')[2]} ({where.kind}): {statement['Effect']} {statement['Action']}"


def without(statement: Document, *path: Any) -> Document:
    made = copy.deepcopy(statement)
    inner: Any = made
    for key in path[:-1]:
        inner = inner[key]
    del inner[path[-1]]
    return made


def weakened(statement: Document) -> Iterator[tuple[str, Document | None]]:
    """The statement gone, and with one action, resource, service or condition less."""
    yield "the statement", None
    for name in ("Action", "Resource"):
        found = statement.get(name)
        if isinstance(found, list) and len(found) > 1:
            yield from ((str(one), without(statement, name, number)) for number, one in enumerate(found))
    for operator, keys in statement.get("Condition", {}).items():
        for key, wanted in keys.items():
            made = without(statement, "Condition", operator, key)
            yield f"the condition {operator} {key}", made
            if isinstance(wanted, list) and len(wanted) > 1:
                for number, one in enumerate(wanted):
                    yield f"{key} {one}", without(statement, "Condition", operator, key, number)


def concerns(where: Where, ask: AccessRequest) -> bool:
    """Whether a holder's policy has a say in the answer."""
    if where.kind == "identity":
        return ask.principal == where.holder
    return ask.resource == where.holder or ask.resource.startswith(f"{where.holder}/")


class About:
    """What of ``policies`` speaks of what is asked, looked for once."""

    def __init__(self, policies: Policies) -> None:
        self._policies = policies
        self._found: dict[tuple[Any, ...], dict[Where, Document]] = {}

    def what(self, ask: AccessRequest) -> dict[Where, Document]:
        key = (ask.principal, ask.action, ask.resource, *ask.context.items())
        if key not in self._found:
            self._found[key] = self._policies.about(ask).found
        return self._found[key]


def survivors(
    policies: Policies, statements: Mapping[Where, Document], near: Callable[[Where], list[AccessRequest]]
) -> list[str]:
    """Each part of ``statements`` without which ``policies`` answer all the same what is asked ``near`` it."""
    survived, about = [], About(policies)
    for where, statement in statements.items():
        asked = [(ask, about.what(ask)) for ask in near(where)]  # what says nothing of it changes no answer
        before = [Policies(said).decide(ask).allowed for ask, said in asked]
        for what, made in weakened(statement):
            answers = (decided(ask, said, where, made) for ask, said in asked)
            if all(map(eq, answers, before)):
                survived.append(f"{shown(where, statement)}: nothing needs {what}")
    return survived


def decided(ask: AccessRequest, said: Mapping[Where, Document], where: Where, made: Document | None) -> bool:
    """Whether it is permitted where another statement, or none, stands at one place."""
    rest = {place: one for place, one in said.items() if place != where}
    return Policies(rest if made is None else {**rest, where: made}).decide(ask).allowed
