"""What a report says of the data: warnings of the checks at upload, and whether it moved. Text in, HTML out."""

from html import escape

from report import charts
from report.cells import Document, number, section, table

DRIFTED = 12  # columns that are shown in any case, most moved first
SHOWN = 20  # warnings; an evaluation may carry those of many uploads


def warnings(document: Document) -> list[tuple[str, dict[str, str]]]:
    """File and finding of each warning that an upload of this run got when it arrived, newest upload first."""
    sources = document.get("lineage", {}).get("sources", [])
    return [(one["name"], warning) for one in reversed(sources) for warning in one.get("warnings", [])]


def moved(document: Document) -> list[str]:
    """Columns of the held-out rows that are no longer as the champion's data."""
    return [line["column"] for line in document.get("drift", []) if line["moved"]]


def checks(document: Document) -> str:
    """The section of data checks: uploads first, then drift."""
    parts = [_uploads(document), _drift(document)]
    return section("Data checks", *filter(None, parts)) if any(parts) else ""


def _uploads(document: Document) -> str:
    if not document.get("lineage", {}).get("sources"):
        return ""
    found = warnings(document)
    if not found:
        return "<p>The uploads gave no warning when they arrived.</p>"
    rows = [
        [escape(one["column"]), escape(one["expected"]), f"{escape(one['found'])}<br>{_quiet(name)}"]
        for name, one in found[:SHOWN]
    ]
    more = f'<p class="quiet">and {len(found) - SHOWN} more.</p>' if len(found) > SHOWN else ""
    said = f"<p>{len(found)} warning{'s' if len(found) > 1 else ''} when the data arrived:</p>"
    return said + table(["column", "expected", "found"], rows, "words") + more


def _quiet(text: str) -> str:
    return f'<span class="quiet">{escape(text)}</span>'


def _drift(document: Document) -> str:
    found = document.get("drift", [])
    if not found:
        return ""
    names = moved(document)
    said = f"Moved: {escape(', '.join(names))}." if names else "No column has moved against the champion&rsquo;s data."
    rows = [
        [escape(line["column"]) + (' <span class="tag">moved</span>' if line["moved"] else ""),
         charts.meter(line["psi"] / max(2 * line["limit"], 1e-9)), number(document, f"drift.{place}.psi"),
         number(document, f"drift.{place}.missing", share=True)]
        for place, line in enumerate(found)
        if place < DRIFTED or line["moved"]
    ]  # fmt: skip
    note = (
        "Population stability index of held-out rows against the champion&rsquo;s data; a column has moved above "
        f"{found[0]['limit']:g} and above what chance explains."
    )
    head = ["column", "", "PSI", "missing"]
    more = f" The other {len(found) - len(rows)} moved less." if len(found) > len(rows) else ""
    return f'<p>{said}</p>{table(head, rows, "bars")}<p class="quiet">{note}{more}</p>'
