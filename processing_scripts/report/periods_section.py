"""How the model does in periods that are ever newer than what it has learnt from."""

from html import escape

from evaluation import metrics
from evaluation.metrics import label

from report.cells import Document, interval, number, quiet, section, table


def periods(document: Document) -> str:
    """Show the metrics of each period of the test rows, oldest first."""
    listed = document.get("periods", [])
    if not listed:
        return ""
    known = metrics.of_task(document["task"]).values()
    names = [metric.name for metric in known if metric.compact and metric.name in listed[0]["metrics"]]
    rows = []
    for place, period in enumerate(listed):
        path = f"periods.{place}"
        cells = [number(document, f"{path}.metrics.{name}.value") + interval(document, f"{path}.metrics.{name}")
                 for name in names]  # fmt: skip
        rows.append([_begin(period, place), number(document, f"{path}.rows"), *cells])
    note = quiet(
        "One model, which has learnt from rows before all of these: what falls from one period to the next is what its "
        "age costs. Nothing is decided by it. Small figures: 95% intervals."
    )
    return section("Over time", table(["from", "test rows", *(escape(label(name)) for name in names)], rows), note)


def _begin(period: Document, place: int) -> str:
    """Write from when on a period is: a time below its day, and neither of them broken."""
    if "from" not in period:
        return f"period {place + 1}"
    day, _, time = period["from"].partition("T")
    below = f'<span class="range">{escape(time)}</span>' if time else ""
    return f'<span class="whole">{escape(day)}</span>{below}'
