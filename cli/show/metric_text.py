"""Metrics in a line of text."""

from collections.abc import Mapping
from typing import Any


def render_text(verdict: Mapping[str, Any]) -> str:
    """Each metric of a verdict, by the label that evaluation gave it, with its value: three digits behind the point,
    none of thousands; one that is not defined says so, and so does an F1 of 0, which is that of a model that never says
    yes rightly.
    """
    metrics, details = verdict.get("metrics", {}), verdict.get("metric_details", {})
    labels = {name: details.get(name, {}).get("label", name) for name in metrics}
    return ", ".join(f"{labels[name]} {_short(value)}{_comment(name, value)}" for name, value in metrics.items())


def _comment(name: str, value: float | None) -> str:
    return " (not one positive was found; see decision in the model file)" if name == "f1" and value == 0 else ""


def _short(value: float | None) -> str:
    if value is None:
        return "not defined"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3f}"
