"""Data checks: the warnings that uploads got when they arrived, and drift of the features. Text in, HTML out."""

from html import escape

from report import charts
from report.cells import Document, number, quiet, section, table

SHARES = ("train", "validation", "test")
DRIFTED = 12  # columns that are shown in any case, most drifted first
SHOWN = 20  # warnings; an evaluation may carry those of many uploads


def warnings(document: Document) -> list[tuple[str, dict[str, str]]]:
    """List file and finding of each warning that an upload of this run got when it arrived, newest upload first."""
    sources = document.get("lineage", {}).get("sources", [])
    return [(source["name"], warning) for source in reversed(sources) for warning in source.get("warnings", [])]


def drifted(document: Document) -> list[str]:
    """List the columns of the test rows that are no longer distributed as in the champion's data."""
    return [line["column"] for line in document.get("drift", []) if line["drifted"]]


def doubts(document: Document) -> str:
    """Show what looks too good to be true, or is not what it seems."""
    rows = [[escape(doubt[part]) for part in ("column", "expected", "found")] for doubt in document.get("doubts", [])]
    return section("Doubts", table(["what", "expected", "found"], rows, "words")) if rows else ""


def checks(document: Document) -> str:
    """Show the data checks: uploads first, rows that do not count, where time cut, then drift."""
    parts = [_uploads(document), _not_counted(document), _cut(document), _drift(document)]
    return section("Data checks", *filter(None, parts)) if any(parts) else ""


def _uploads(document: Document) -> str:
    if not document.get("lineage", {}).get("sources"):
        return ""
    listed = warnings(document)
    if not listed:
        return "<p>The uploads gave no warning when they arrived.</p>"
    rows = [
        [escape(warning["column"]), escape(warning["expected"]),
         f'{escape(warning["found"])}<br><span class="quiet">{escape(name)}</span>']
        for name, warning in listed[:SHOWN]
    ]  # fmt: skip
    more = quiet(f"and {len(listed) - SHOWN} more.") if len(listed) > SHOWN else ""
    title = f"<p>{len(listed)} warning{'s' if len(listed) > 1 else ''} when the data arrived:</p>"
    return title + table(["column", "expected", "found"], rows, "words") + more


def uncounted(document: Document) -> int:
    """Count the rows that do not count and are no older uploads' rows, which newer ones replace as they should."""
    reasons = document.get("not_counted", {})
    return sum(reason["rows"] for name, reason in reasons.items() if name != "superseded")


def _not_counted(document: Document) -> str:
    rows = [
        [number(document, f"not_counted.{name}.rows"), escape(reason["told"])]
        for name, reason in document.get("not_counted", {}).items()
    ]
    return f"<p>Rows that do not count:</p>{table(['rows', 'why'], rows, 'words')}" if rows else ""


def _cut(document: Document) -> str:
    cut = document.get("cut")
    if not cut:
        return ""
    if "newest" not in cut:
        return f"<p>Split by time, by {escape(cut['by'])}; where is not said, as the data are sensitive.</p>"
    begins = [f"{name} from {escape(cut[f'{name}_from'])}" for name in SHARES if f"{name}_from" in cut]
    return f"<p>Split by time, by {escape(cut['by'])}: {', '.join(begins)} to {escape(cut['newest'])}.</p>"


def _drift(document: Document) -> str:
    lines = document.get("drift", [])
    if not lines:
        return ""
    names = drifted(document)
    result = (
        f"Drifted: {escape(', '.join(names))}." if names else "No column has drifted from the champion&rsquo;s data."
    )
    rows = [
        [escape(line["column"]) + (' <span class="tag">drifted</span>' if line["drifted"] else ""),
         charts.meter(line["psi"] / max(2 * line["limit"], 1e-9)), number(document, f"drift.{place}.psi"),
         number(document, f"drift.{place}.missing", share=True)]
        for place, line in enumerate(lines)
        if place < DRIFTED or line["drifted"]
    ]  # fmt: skip
    note = (
        "Population stability index (PSI) of the test rows against the champion&rsquo;s data; a column has drifted "
        f"above {lines[0]['limit']:g} and above what chance explains."
    )
    more = f" The other {len(lines) - len(rows)} drifted less." if len(lines) > len(rows) else ""
    return f"<p>{result}</p>{table(['column', '', 'PSI', 'missing'], rows, 'bars')}{quiet(note + more)}"
