"""A pipeline's steps as a graph: how far each is, and the whole as a drawing of text."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.decide.names.shown_text import shown
from app.decide.pages.step_graph import Graph, levels, needed
from rich.console import Group, RenderableType
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

MARKS = {"Succeeded": ("✓", "green"), "Failed": ("✗", "red"), "Stopped": ("✗", "red")}
WAITING = ("·", "dim")
ARROW = " → "


@dataclass(frozen=True)
class Node:
    """One step: ``status`` is SageMaker's, "" while it has not begun."""

    name: str
    status: str
    seconds: float | None
    cached: bool
    attempts: int = 1

    @property
    def label(self) -> str:
        """Its name, which attempt it is unless the first, and how long it took."""
        took = "cached" if self.cached else f"{self.seconds:.1f} s" if self.seconds is not None else ""
        attempt = f"attempt {self.attempts}" if self.attempts > 1 else ""
        return " ".join(filter(None, (shown(self.name, 80), attempt, took)))


def report(graph: Graph, nodes: Mapping[str, Node]) -> list[dict[str, Any]]:
    """The graph as plain data, steps in the order of their levels."""
    shown = needed(graph)
    return [
        {
            "step": name,
            "after": sorted(shown[name]),
            "status": nodes[name].status if name in nodes else "NotStarted",
            "seconds": nodes[name].seconds if name in nodes else None,
            "cached": name in nodes and nodes[name].cached,
        }
        for level in levels(graph)
        for name in level
    ]


def draw(graph: Graph, nodes: Mapping[str, Node], width: int) -> RenderableType:
    """Levels from left to right with the steps of each below one another; from top to bottom where it is too wide."""
    rows = [[nodes.get(name, Node(name, "", None, False)) for name in level] for level in levels(graph)]
    wide = sum(max(len(node.label) for node in level) + 2 for level in rows) + len(ARROW) * (len(rows) - 1)
    if wide > width:
        lines = (
            (at and not more, part) for at, level in enumerate(rows) for more, part in enumerate(_parts(level, width))
        )
        return Group(*(_across(part, "↓" if begins else " ") for begins, part in lines))
    view = Table.grid()
    cells: list[RenderableType] = []
    for at, level in enumerate(rows):
        cells += ([Text(ARROW, style="dim")] if at else []) + [Group(*(_cell(node) for node in level))]
    view.add_row(*cells)
    return view


def _parts(level: list[Node], width: int) -> Iterator[list[Node]]:
    """The steps of a level by lines: as many on each as fit beside one another."""
    part: list[Node] = []
    for node in level:
        if part and sum(len(one.label) + 3 for one in [*part, node]) + 1 > width:
            yield part
            part = []
        part.append(node)
    yield part


def _across(part: list[Node], arrow: str) -> RenderableType:
    view = Table.grid(padding=(0, 1))
    view.add_row(Text(arrow, style="dim"), *(_cell(node) for node in part))
    return view


def _cell(node: Node) -> RenderableType:
    if node.status in ("Executing", "Starting", "Stopping"):
        return Spinner("dots", text=node.label)
    mark, style = MARKS.get(node.status, WAITING)
    return Text(f"{mark} {node.label}", style=style)
