"""The small parts of a report: numbers that know where they are from, and tables. Text in, HTML out."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

Document = Mapping[str, Any]


def at(document: Any, path: str) -> Any:
    """What stands at a path such as ``slices.3.metrics.f1``."""
    for part in path.split("."):
        document = document[int(part)] if isinstance(document, list) else document[part]
    return document


def number(document: Document, path: str, sign: bool = False, share: bool = False) -> str:
    """The number at ``path``, short for the eye and exact beside it; a ``share`` is shown in percent."""
    value = at(document, path)
    if value is None:
        return '<span class="quiet">&ndash;</span>'
    text = f"{value:.1%}" if share else f"{value:,}" if isinstance(value, int) else _digits(value)
    text = f"+{text}" if sign and value > 0 else text
    return f'<data value="{value!r}" data-path="{escape(path)}">{text.replace("-", "&minus;")}</data>'


def _digits(value: float) -> str:
    if abs(value) >= 1e7:  # a squared error in dollars is wider than a phone
        return f"{value:.4g}".replace("e+0", "e").replace("e+", "e")
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}" if abs(value) >= 10 else f"{value:.4f}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]], kind: str = "") -> str:
    """Cells are HTML. Columns behind the first are numbers."""
    top = "".join(f"<th>{cell}</th>" for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<div class="wide"><table class="{kind}"><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'


def section(title: str, *body: str) -> str:
    """A part of the page under a title."""
    return f"<section><h2>{title}</h2>{''.join(body)}</section>"
