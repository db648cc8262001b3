"""Charts as SVG, written by hand: nothing to load, readable in light and dark, as sharp on a phone as on paper.

Colours are CSS variables of the page. Numbers in, text out.
"""

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

WIDTH, HEIGHT = 360, 300
LEFT, RIGHT, TOP, BOTTOM = 46, 20, 12, 40


class Axis(NamedTuple):
    """A range and its name."""

    low: float
    high: float
    label: str

    def share(self, value: float) -> float:
        """Scale a value to the range, from 0 to 1."""
        return (value - self.low) / (self.high - self.low) if self.high > self.low else 0.5


UNIT_TICKS = (0, 0.25, 0.5, 0.75, 1)


def _x(axis: Axis, value: float) -> float:
    return LEFT + axis.share(value) * (WIDTH - LEFT - RIGHT)


def _y(axis: Axis, value: float) -> float:
    return HEIGHT - BOTTOM - axis.share(value) * (HEIGHT - TOP - BOTTOM)


def plot(title: str, x: Axis, y: Axis, *marks: str) -> str:
    """Draw a square of axes with ``marks`` on it."""
    parts = [f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">', *_grid(x, y), *marks]
    middle = (TOP + HEIGHT - BOTTOM) / 2
    parts.append(f'<text class="name" x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 6}">{escape(x.label)}</text>')
    parts.append(f'<text class="name" transform="translate(11 {middle}) rotate(-90)">{escape(y.label)}</text></svg>')
    return "".join(parts)


def _grid(x: Axis, y: Axis) -> list[str]:
    parts = []
    for share in UNIT_TICKS:
        value = x.low + share * (x.high - x.low)
        at = _x(x, value)
        parts.append(f'<line class="grid" x1="{at:.1f}" x2="{at:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>')
        parts.append(f'<text class="tick" x="{at:.1f}" y="{HEIGHT - BOTTOM + 14}">{short(value)}</text>')
        value = y.low + share * (y.high - y.low)
        at = _y(y, value)
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{at:.1f}" y2="{at:.1f}"/>')
        parts.append(f'<text class="tick end" x="{LEFT - 5}" y="{at + 3.5:.1f}">{short(value)}</text>')
    return parts


def short(value: float) -> str:
    """Write a number on an axis."""
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.3g}{unit}"
    return f"{value:.3g}"


def line(x: Axis, y: Axis, points: Sequence[Sequence[float]], kind: str = "line") -> str:
    """Draw a curve; ``kind`` is its CSS class."""
    path = " ".join(f"{_x(x, a):.1f},{_y(y, b):.1f}" for a, b in points)
    return f'<polyline class="{kind}" points="{path}"/>'


def dots(x: Axis, y: Axis, points: Sequence[Sequence[float]], radius: float = 3) -> str:
    """Draw points."""
    return "".join(f'<circle class="dot" cx="{_x(x, a):.1f}" cy="{_y(y, b):.1f}" r="{radius}"/>' for a, b in points)


def columns(x: Axis, y: Axis, bars: Sequence[tuple[float, float, float]]) -> str:
    """Draw standing bars: from, to, height."""
    return "".join(
        f'<rect class="bar" x="{_x(x, low):.1f}" width="{max(_x(x, high) - _x(x, low) - 1, 1):.1f}" '
        f'y="{_y(y, tall):.1f}" height="{_y(y, y.low) - _y(y, tall):.1f}"/>'
        for low, high, tall in bars
    )


def meter(share: float) -> str:
    """Draw a lying bar in a table's cell, ``share`` of its width from 0 to 1."""
    width = 100 * min(max(share, 0), 1)
    bar = f'<rect width="{width:.1f}" height="1"/>'
    return f'<svg class="meter" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">{bar}</svg>'


def interval(low: float, value: float, high: float, reach: float, good: bool | None) -> str:
    """Draw a difference and its interval around zero; ``reach`` is the value at either end. ``good`` None: chance."""
    axis = Axis(-reach, reach, "")

    def at(number: float) -> float:
        return 4 + 152 * min(max(axis.share(number), 0), 1)

    kind = {True: "good", False: "bad", None: "chance"}[good]
    return (
        f'<svg class="interval {kind}" viewBox="0 0 160 18" role="img" aria-label="{low:+.4g} to {high:+.4g}">'
        f'<line class="zero" x1="80" x2="80" y1="0" y2="18"/>'
        f'<line class="span" x1="{at(low):.1f}" x2="{at(high):.1f}" y1="9" y2="9"/>'
        f'<circle cx="{at(value):.1f}" cy="9" r="4.5"/></svg>'
    )
