"""A pipeline's steps as a graph: which step waits for which, and which still can run. Pure."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

Graph = Mapping[str, frozenset[str]]  # step -> the steps that it waits for, in the definition's order
Sides = Mapping[str, tuple[str, str]]  # a step behind a condition -> the condition, and the outcome that it waits for
NOTHING = '{"Steps": []}'  # a definition


def of_definition(text: str) -> Graph:
    """The graph that a pipeline definition's JSON describes: by ``DependsOn``, by references to another step's
    properties, and from a condition to the steps that it decides upon.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps.html
    """
    waits_for = dict(_steps(json.loads(text)["Steps"], frozenset()))
    return {name: frozenset(before & set(waits_for)) - {name} for name, before in waits_for.items()}


def sides(text: str) -> Sides:
    """Which steps of a pipeline definition's JSON run only on one outcome of a condition: "True" or "False".

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ConditionStepMetadata.html
    """
    return dict(_sides(json.loads(text)["Steps"]))


def _sides(steps: list[dict[str, Any]]) -> Iterator[tuple[str, tuple[str, str]]]:
    for step in steps:
        for key, outcome in (("IfSteps", "True"), ("ElseSteps", "False")) if step["Type"] == "Condition" else ():
            behind = step["Arguments"].get(key, [])
            yield from ((one["Name"], (step["Name"], outcome)) for one in behind)
            yield from _sides(behind)


def still_open(graph: Graph, behind: Sides, outcomes: Mapping[str, str]) -> Graph:
    """The graph without the steps that no longer can run, as a condition chose the other side; ``outcomes`` by name."""

    def dropped(name: str) -> bool:
        if name not in behind:
            return False
        condition, outcome = behind[name]
        return outcomes.get(condition, outcome) != outcome or dropped(condition)

    return {name: before for name, before in graph.items() if not dropped(name)}


def _steps(steps: list[dict[str, Any]], after: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    for step in steps:
        arguments = step.get("Arguments", {})
        branches = [arguments.get(key, []) for key in ("IfSteps", "ElseSteps")] if step["Type"] == "Condition" else []
        own = {key: value for key, value in arguments.items() if not branches or key not in ("IfSteps", "ElseSteps")}
        named = {one if isinstance(one, str) else one["Step"] for one in step.get("DependsOn", [])}
        yield step["Name"], after | named | frozenset(_references(own))
        for branch in branches:
            yield from _steps(branch, frozenset({step["Name"]}))


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        path = value.get("Get")
        if isinstance(path, str) and path.startswith("Steps."):
            yield path.split(".")[1].split("[")[0]
        for inner in value.values():
            yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)


def levels(graph: Graph) -> list[list[str]]:
    """The steps by the longest way to each: those of one level could run side by side."""
    depth: dict[str, int] = {}

    def measure(name: str) -> int:
        if name not in depth:
            depth[name] = 1 + max((measure(before) for before in graph[name]), default=-1)
        return depth[name]

    for name in graph:
        measure(name)
    return [[name for name in graph if depth[name] == level] for level in range(max(depth.values(), default=-1) + 1)]


def needed(graph: Graph) -> Graph:
    """The graph without the ways that a longer one covers, which only clutter a drawing."""

    far: dict[str, frozenset[str]] = {}

    def behind(name: str) -> frozenset[str]:
        if name not in far:
            far[name] = frozenset().union(graph[name], *map(behind, graph[name]))
        return far[name]

    return {
        name: frozenset(one for one in before if not any(one in behind(other) for other in before - {one}))
        for name, before in graph.items()
    }
