"""The small parts of a report: numbers that carry their path in evaluation.json, and tables. Text in, HTML out."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

Document = Mapping[str, Any]


def value_at(document: Any, path: str) -> Any:
    """Look up a path such as ``slices.3.metrics.f1``."""
    for part in path.split("."):
        document = document[int(part)] if isinstance(document, list) else document[part]
    return document


def number(document: Document, path: str, sign: bool = False, share: bool = False) -> str:
    """Write the number at ``path``, short for the eye and exact beside it; a ``share`` in percent."""
    value = value_at(document, path)
    if value is None:
        return '<span class="quiet">&ndash;</span>'
    text = f"{value:.1%}" if share else f"{value:,}" if isinstance(value, int) else _digits(value)
    text = f"+{text}" if sign and value > 0 else text
    return f'<data value="{value!r}" data-path="{escape(path)}">{text.replace("-", "&minus;")}</data>'


def interval(document: Document, path: str, sign: bool = False) -> str:
    """Write the interval whose ends are ``low`` and ``high`` below ``path``, on a line of its own; "" for none."""
    ends = value_at(document, path)
    if ends.get("low") is None or ends.get("high") is None:
        return ""
    low, high = (number(document, f"{path}.{end}", sign) for end in ("low", "high"))
    return f'<span class="range">{low} to {high}</span>'


def _digits(value: float) -> str:
    if abs(value) >= 1e7:  # a squared error in dollars is wider than a phone
        return f"{value:.4g}".replace("e+0", "e").replace("e+", "e")
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}" if abs(value) >= 10 else f"{value:.4f}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]], kind: str = "") -> str:
    """Make a table of HTML cells. Columns behind the first are numbers; one that nothing names has no header cell, as a
    blank one would be read out to whoever hears the page. A table that is wider than the page moves in a frame of its
    own, which a keyboard reaches.
    """
    top = "".join(f"<th>{cell}</th>" if cell else "<td></td>" for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    whole = f'<table class="{kind}"><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>'
    return f'<div class="wide" tabindex="0">{whole}</div>'


def section(title: str, *body: str) -> str:
    """Put a part of the page under a title."""
    return f"<section><h2>{title}</h2>{''.join(body)}</section>"


def quiet(text: str) -> str:
    """Set HTML in the small print."""
    return f'<p class="quiet">{text}</p>'
