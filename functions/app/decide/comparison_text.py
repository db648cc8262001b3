"""A version's metrics for people, beside those of the champion on the same rows. Pure."""

from typing import Any


def metric_text(value: Any) -> str:
    """A metric for people."""
    if not isinstance(value, float):
        return "-" if value is None else str(value)
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4f}"


def signed_text(value: float) -> str:
    """A difference for people, with its sign."""
    return f"{value:+,.0f}" if abs(value) >= 1000 else f"{value:+.4g}"


def _named(verdict: dict[str, Any]) -> dict[str, str]:
    """Each metric's label, with which way is better where that is not the usual one."""
    details = verdict.get("metric_details", {})
    return {
        name: details.get(name, {}).get("label", name)
        + (" (lower is better)" if details.get(name, {}).get("lower_is_better") else "")
        for name in verdict.get("metrics", {})
    }


def _measured(verdict: dict[str, Any]) -> dict[str, str]:
    """Each metric with its interval, where it has one."""
    texts = {}
    for name, value in verdict.get("metrics", {}).items():
        details = verdict.get("metric_details", {}).get(name, {})
        low, high = metric_text(details.get("low")), metric_text(details.get("high"))
        texts[name] = metric_text(value) + (f" ({low} to {high})" if details.get("low") is not None else "")
    return texts


def comparison_lines(verdict: dict[str, Any]) -> list[str]:
    """The metrics of a version, beside those of the champion on the same test rows where there is one; and how well
    what serves answered rows that were new to it.
    """
    return _compared(verdict) + (["", str(verdict["serving"])] if verdict.get("serving") else [])


def _compared(verdict: dict[str, Any]) -> list[str]:
    champion, labels, own = verdict.get("champion", {}), _named(verdict), _measured(verdict)
    width = max(map(len, labels.values()), default=0)
    this = "this (95% interval)" if any(")" in text for text in own.values()) else "this"
    if "differences" not in champion:
        lines = [f"  {'':<{width}}  {this}"] if this != "this" else []
        lines += [f"  {labels[name]:<{width}}  {text}" for name, text in own.items()]
        reason = champion.get("reason")
        return lines + (["", f"It was not compared with version {champion['version']}: {reason}"] if reason else [])
    wide = max(10, len(this), *map(len, own.values()))
    before = f"version {champion['version']}"
    lines = [f"  {'':<{width}}  {this:>{wide}}  {before:>10}  difference (95% interval)"]
    for name, text in own.items():
        difference = champion["differences"].get(name, {})
        lines.append(
            f"  {labels[name]:<{width}}  {text:>{wide}}  {metric_text(difference.get('champion')):>10}  "
            f"{_difference_text(difference)}"
        )
    rows = champion.get("interval", {}).get("of", 0)
    lines += ["", f"Both on the same {rows} test rows; what is not called better or worse may be chance."]
    return lines + ([f"Beware: {champion['warning']}."] if champion.get("warning") else [])


def _difference_text(difference: dict[str, Any]) -> str:
    if difference.get("low") is None:
        return ""
    low, value, high = (signed_text(difference[part]) for part in ("low", "difference", "high"))
    return f"{value} ({low} to {high})" + {"challenger": ", better", "champion": ", worse"}.get(
        difference["better"], ""
    )
