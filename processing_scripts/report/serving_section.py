"""How the version that serves does on rows that it had never seen, upload by upload."""

from html import escape

from evaluation import metrics
from evaluation.metrics import label

from report import charts
from report.cells import Document, interval, number, quiet, section, table, value_at
from report.charts import Axis
from report.plots import figure

LEAST_DRAWN = 2  # windows; one is no line


def serving(document: Document) -> str:
    """Show each window with its metrics, and the gate's first as a line; or why nothing was measured."""
    measured = document.get("serving") or {}
    windows, version = measured.get("windows", []), measured.get("version")
    if version is None or not (windows or measured.get("reason")):
        return ""
    title = f"What serves, on new rows, by upload: version {version}"
    if not windows:
        return section(title, quiet(f"Nothing was measured: {escape(measured['reason'])}."))
    known = [metric.name for metric in metrics.of_task(document["task"]).values() if metric.compact]
    names = [name for name in known if name in windows[0]["metrics"]]
    head = ["upload", "rows", *(escape(label(name)) for name in names), "mean predicted", "mean true"]
    rows = [_row(document, place, names) for place in range(len(windows))]
    drawn = [_chart(document)] if len(windows) >= LEAST_DRAWN else []
    return section(title, *drawn, table(head, rows), quiet(_note(document)))


def _row(document: Document, place: int, names: list[str]) -> list[str]:
    path, window = f"serving.windows.{place}", value_at(document, f"serving.windows.{place}")
    more = window["of"] - len(window["uploads"])
    uploads = ", ".join(escape(name.rpartition("/")[2]) for name in window["uploads"])
    cells = [number(document, f"{path}.metrics.{name}.value") + interval(document, f"{path}.metrics.{name}")
             for name in names]  # fmt: skip
    means = [number(document, f"{path}.{name}") if name in window else "" for name in ("mean_predicted", "mean_actual")]
    when = f'<span class="range">{escape(window["end"][:10])}</span>'
    named = f"{uploads}{f' and {more} more' if more else ''}{when}"
    return [named, number(document, f"{path}.rows"), *cells, *means]


def _chart(document: Document) -> str:
    measured = document["serving"]
    of_windows = [window["metrics"][measured["metric"]] for window in measured["windows"]]
    points = [(at, of["value"]) for at, of in enumerate(of_windows, 1) if of["value"] is not None]
    spans = [
        [(at, of["low"]), (at, of["high"])] for at, of in enumerate(of_windows, 1) if of["low"] is not None
    ]  # fmt: skip
    if len(points) < LEAST_DRAWN:
        return ""
    heights = [value for _, value in (*points, *(end for span in spans for end in span))]
    x, y = Axis(1, len(of_windows), "upload"), Axis(min(heights), max(heights), label(measured["metric"]))
    marks = charts.line(x, y, points), charts.dots(x, y, points), *(charts.line(x, y, span, "even") for span in spans)
    title = f"{label(measured['metric'])} of what serves, by upload"
    return figure(escape(title), charts.plot(title, x, y, *marks))


def _note(document: Document) -> str:
    measured = document["serving"]
    note = (
        "Rows that version had never seen, answered before anything learnt from them; small uploads of one batch "
        "together. Small figures: 95% intervals. Nothing is decided by it here."
    )
    lost = [
        (measured["known"], "rows stood in an upload before"), (measured["beyond"], "were not asked, for their number"),
    ]  # fmt: skip
    paths = ("serving.known", "serving.beyond")
    note += "".join(f" {number(document, path)} {why}." for path, (rows, why) in zip(paths, lost, strict=True) if rows)
    return note + (f" Beware: {escape(measured['warning'])}." if measured.get("warning") else "")
