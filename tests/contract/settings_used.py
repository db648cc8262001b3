"""Which settings a Lambda uses: every field that its handler, and all that it calls, take of ``settings``."""

import ast
from functools import cache
from pathlib import Path
from typing import NamedTuple

from app.ledger.task_tokens import WaiterKind

FUNCTIONS = Path(__file__).parents[2] / "functions"
LAZILY = {"app.flow.awaited_transforms": [(f"app.flow.{kind}", "resume_waiter") for kind in WaiterKind]}
Place = tuple[str, str]  # module and function


class Module(NamedTuple):
    """A module's functions, and what its names mean."""

    functions: dict[str, ast.FunctionDef]
    names: dict[str, Place]  # imported name -> module and name in it; "" for a module itself


@cache
def module(name: str) -> Module:
    path = FUNCTIONS / Path(*name.split("."))
    source = path.with_suffix(".py") if path.with_suffix(".py").is_file() else path / "__init__.py"
    tree = ast.parse(source.read_text())
    names: dict[str, Place] = {}
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "app":
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                known = (FUNCTIONS / Path(*inner.split("."))).with_suffix(".py").is_file()
                names[alias.asname or alias.name] = (inner, "") if known else (str(node.module), alias.name)
    return Module({node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}, names)


def called(place: Place) -> set[Place]:
    """What a function mentions of the app's functions."""
    here = module(place[0])
    found: set[Place] = set(LAZILY.get(place[0], []) if place[1] == "_resume" else [])
    for node in ast.walk(here.functions[place[1]]):
        if isinstance(node, ast.Name):
            found.add(here.names.get(node.id, (place[0], node.id)))
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in here.names:
            found.add((here.names[node.value.id][0], node.attr))
    return {(name, function) for name, function in found if function and function in module(name).functions}


def fields(place: Place) -> set[str]:
    """The settings that a function itself takes."""
    found = set()
    for node in ast.walk(module(place[0]).functions[place[1]]):
        if isinstance(node, ast.Attribute):
            value = node.value.func if isinstance(node.value, ast.Call) else node.value
            if isinstance(value, ast.Name) and value.id == "settings":
                found.add(node.attr)
    return found


def reached(handler: str) -> set[Place]:
    """A Lambda's functions, and all that they call."""
    seen: set[Place] = set()
    open_ends: list[Place] = [(handler, name) for name in module(handler).functions]
    while open_ends:
        place = open_ends.pop()
        if place not in seen:
            seen.add(place)
            open_ends += called(place)
    return seen


def used(handler: str) -> set[str]:
    """The settings that a Lambda uses."""
    return set().union(*map(fields, reached(handler)))


def names_used(handler: str) -> set[str]:
    """Every name that a Lambda's functions, and all that they call, mention."""
    bodies = (module(name).functions[function] for name, function in reached(handler))
    return {node.id for body in bodies for node in ast.walk(body) if isinstance(node, ast.Name)}
