"""A graph as boxes and lines, from top to bottom, and in words; a pipeline's. Pure: the page's template draws them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from app.decide.names.shown_text import shown
from app.decide.pages.run_progress import took_s, took_text
from app.decide.pages.step_graph import Graph, levels, needed, of_definition, sides, still_open

BOX_W, BOX_H, GAP_X, GAP_Y, EDGE = 118, 42, 10, 24, 2  # in the drawing's own unit: about a pixel
MOST_ACROSS = 3  # more of one level begin another line: a phone is narrow
LONGEST = 16  # characters of a name in its box
RUNS = ("Starting", "Executing", "Stopping")
MARKS = {"done": "✓", "failed": "✗", "runs": "●", "waits": "◐", "ahead": "○", "skipped": "⊘"}
SAID = {"done": "succeeded", "failed": "failed or stopped", "runs": "runs", "ahead": "has not begun"}  # of a step


class Box(NamedTuple):
    """A step in the drawing."""

    name: str  # cut to the box
    state: str  # of MARKS
    told: str  # mark, and how long it took
    x: float
    y: float


class Drawing(NamedTuple):
    """The whole graph."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    edges: tuple[str, ...]  # paths of SVG
    words: str  # the same for who cannot see it


def pipeline_drawing(definition: str, steps: Sequence[Mapping[str, Any]], now: datetime) -> Drawing | None:
    """The steps of a definition that have run, run, or still can, by SageMaker's list of those that have begun; None
    of a definition without steps.
    """
    outcomes = {one["StepName"]: _outcome(one) for one in steps if _outcome(one)}
    whole = still_open(of_definition(definition), sides(definition), outcomes)
    graph = needed({name: before & set(whole) for name, before in whole.items()})
    if not graph:
        return None
    begun = {str(one["StepName"]): one for one in steps}
    return draw(graph, graph, {name: _told(begun.get(name), now) for name in graph}, SAID)


def draw(order: Graph, lines: Graph, told: Mapping[str, tuple[str, str]], said: Mapping[str, str]) -> Drawing:
    """Draw the steps in the ``order`` of a graph, with the ``lines`` of another that has the same ones. Of each step
    ``told`` are its state, of MARKS, and how long it took; ``said`` are those states in words.
    """
    places = _places(order)
    boxes = tuple(_box(name, *told[name], places[name]) for name in places)
    edges = tuple(_edge(places[before], places[name]) for name in lines for before in sorted(lines[name]))
    right, bottom = (max(place[at] for place in places.values()) for at in (0, 1))
    words = _words(places, lines, {name: said[state] for name, (state, _) in told.items()})
    return Drawing(right + BOX_W + EDGE, bottom + BOX_H + EDGE, boxes, edges, words)


def _outcome(step: Mapping[str, Any]) -> str:
    return str(step.get("Metadata", {}).get("Condition", {}).get("Outcome", ""))


def state_of(step: Mapping[str, Any] | None) -> str:
    """How far a step is, of MARKS; None for one that has not begun."""
    if step is None:
        return "ahead"
    status = step.get("StepStatus")
    return "runs" if status in RUNS else "done" if status == "Succeeded" else "failed"


def _places(graph: Graph) -> dict[str, tuple[float, float]]:
    """Where each step's box is: lines from top to bottom, each in the middle of the widest."""
    lines = [level[at : at + MOST_ACROSS] for level in levels(graph) for at in range(0, len(level), MOST_ACROSS)]
    widest = max(map(len, lines)) * (BOX_W + GAP_X) - GAP_X
    return {
        name: (EDGE + (widest - len(line) * (BOX_W + GAP_X) + GAP_X) / 2 + at * (BOX_W + GAP_X),
               EDGE + row * (BOX_H + GAP_Y))
        for row, line in enumerate(lines)
        for at, name in enumerate(line)
    }  # fmt: skip


def _told(step: Mapping[str, Any] | None, now: datetime) -> tuple[str, str]:
    cached = step is not None and bool(step.get("CacheHitResult"))
    took = "" if step is None else "from the cache" if cached else took_text(took_s(step, now))
    return state_of(step), took


def _box(name: str, state: str, took: str, place: tuple[float, float]) -> Box:
    cut = name if len(name) <= LONGEST else name[: LONGEST - 1] + "…"
    return Box(shown(cut), state, f"{MARKS[state]} {took}".strip(), *place)


def _edge(source: tuple[float, float], target: tuple[float, float]) -> str:
    """From the middle below a box to the middle above another."""
    x0, y0, x1, y1 = source[0] + BOX_W / 2, source[1] + BOX_H, target[0] + BOX_W / 2, target[1]
    bend = GAP_Y / 2
    return f"M{x0:g},{y0:g} C{x0:g},{y0 + bend:g} {x1:g},{y1 - bend:g} {x1:g},{y1:g}"


def _words(names: Iterable[str], lines: Graph, said: Mapping[str, str]) -> str:
    """Each step, how far it is, and what it waits for."""
    after = {name: f", after {', '.join(sorted(lines[name]))}" if lines[name] else "" for name in lines}
    return shown("; ".join(f"{name} {said[name]}{after[name]}" for name in names), 2_000)
