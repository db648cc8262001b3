"""Metrics in a line of text."""

from collections.abc import Mapping


def render_text(metrics: Mapping[str, float | None]) -> str:
    """Each metric with its value: three digits behind the point, none of thousands; one that is not defined says so."""
    return ", ".join(f"{name} {_short(value)}" for name, value in metrics.items())


def _short(value: float | None) -> str:
    if value is None:
        return "not defined"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3f}"
