"""A metric over a model's versions, or over time, as a line. Pure: points only; the page's template draws them."""

from collections.abc import Sequence
from typing import NamedTuple

from app.decide.comparison_text import metric_text

WIDTH, HEIGHT, MARGIN = 160.0, 48.0, 4.0
FEWEST = 2  # versions that make a line


class Line(NamedTuple):
    """A metric's course, oldest version first."""

    label: str
    points: str  # of an SVG polyline
    last: tuple[float, float]
    first_text: str
    last_text: str
    words: str  # the same for who cannot see it


def line(label: str, found: Sequence[tuple[int, float]]) -> Line | None:
    """The course of a metric over ``(version, value)``, oldest first; None of fewer than two."""
    return course(label, [(f"version {version}", value) for version, value in found])


def course(label: str, found: Sequence[tuple[str, float]]) -> Line | None:
    """The course of a metric over ``(name, value)``, oldest first; None of fewer than two."""
    if len(found) < FEWEST:
        return None
    values = [value for _, value in found]
    spread = max(values) - min(values)
    low, spread = (min(values), spread) if spread else (min(values) - 0.5, 1.0)  # what stays the same is in the middle
    across = (WIDTH - 2 * MARGIN) / (len(found) - 1)
    points = [
        (round(MARGIN + at * across, 1), round(HEIGHT - MARGIN - (value - low) / spread * (HEIGHT - 2 * MARGIN), 1))
        for at, value in enumerate(values)
    ]
    told = ", ".join(f"{name} {metric_text(value)}" for name, value in found)
    return Line(
        label, " ".join(f"{x:g},{y:g}" for x, y in points), points[-1],
        metric_text(values[0]), metric_text(values[-1]), f"{label}: {told}",
    )  # fmt: skip
