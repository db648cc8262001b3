"""How the model does in periods that are ever newer than what it has learnt from, and one that learns anew in each."""

from html import escape

from evaluation import metrics
from evaluation.metrics import label

from report.cells import Document, interval, number, quiet, section, table

TITLE = "Over time"


def periods(document: Document) -> str:
    """Show the metrics of each period of the test rows, oldest first."""
    listed, rolling = document.get("periods", []), document.get("rolling", {})
    if "reason" in rolling:
        return section(TITLE, quiet(f"No rolling evaluation: {escape(rolling['reason'])}."))
    if not listed:
        return ""
    note = quiet(
        "One model, which has learnt from rows before all of these: what falls from one period to the next is what its "
        "age costs. Nothing is decided by it. Small figures: 95% intervals."
    )
    return section(TITLE, _table(document, "metrics", "test rows", "rows"), note, *(_anew(document) if rolling else ()))


def _names(document: Document) -> list[str]:
    """Name the metrics that are shown where there is little room."""
    known = metrics.of_task(document["task"]).values()
    measured = document["periods"][0]["metrics"]
    return [metric.name for metric in known if metric.compact and metric.name in measured]


def _table(document: Document, metric: str, counted: str, count: str) -> str:
    """Make the table of metrics, which stand below ``metric`` of each period, and of ``counted`` rows."""
    names, rows = _names(document), []
    for place, period in enumerate(document["periods"]):
        path = f"periods.{place}"
        if "reason" in period.get("anew", {}) and metric != "metrics":
            cells = [f'<span class="quiet">{escape(period["anew"]["reason"])}</span>', *[""] * (len(names) - 1)]
        else:
            cells = [number(document, f"{path}.{metric}.{name}.value") + interval(document, f"{path}.{metric}.{name}")
                     for name in names]  # fmt: skip
        rows.append([_begin(period, place), number(document, f"{path}.{count}"), *cells])
    return table(["from", counted, *(escape(label(name)) for name in names)], rows)


def _anew(document: Document) -> tuple[str, ...]:
    """Show a model that learns anew before each period, and what that gains over all of them."""
    cost = quiet(
        "Learnt anew before each period, from all rows before it, with the same hyperparameters and as many rounds. "
        f"That cost {number(document, 'rolling.trainings')} trainings more in this run's evaluation."
    )
    shown = _table(document, "anew.metrics", "learnt from", "anew.learnt")
    if "metrics" not in document["rolling"]:
        return cost, shown
    rows = []
    for name in (name for name in _names(document) if name in document["rolling"]["metrics"]):
        path = f"rolling.metrics.{name}"
        sides = [number(document, f"{path}.{side}") for side in ("aged", "anew")]
        change = number(document, f"{path}.difference", sign=True) + interval(document, path, sign=True)
        rows.append([escape(label(name)), *sides, change])
    over = quiet(f"Both on the same {number(document, 'rolling.rows')} test rows of these periods:")
    return cost, shown, over, table(["metric", "one model", "learnt anew", "difference"], rows)


def _begin(period: Document, place: int) -> str:
    """Write from when on a period is: a time below its day, and neither of them broken."""
    if "from" not in period:
        return f"period {place + 1}"
    day, _, time = period["from"].partition("T")
    below = f'<span class="range">{escape(time)}</span>' if time else ""
    return f'<span class="whole">{escape(day)}</span>{below}'
