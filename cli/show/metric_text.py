"""Metrics in a line of text."""

from collections.abc import Mapping
from typing import Any


def render_text(verdict: Mapping[str, Any]) -> str:
    """Each metric of a verdict, by the label that evaluation gave it, with its value: three digits behind the point,
    none of thousands; one that is not defined says so.
    """
    metrics, details = verdict.get("metrics", {}), verdict.get("metric_details", {})
    labels = {name: details.get(name, {}).get("label", name) for name in metrics}
    return ", ".join(f"{labels[name]} {_short(value)}" for name, value in metrics.items())


def _short(value: float | None) -> str:
    if value is None:
        return "not defined"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3f}"
