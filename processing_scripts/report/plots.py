"""The plots of a report, drawn from evaluation.json's short lists of points."""

from collections.abc import Callable
from html import escape

from report import charts
from report.cells import Document, number, quiet, section
from report.charts import Axis

UNIT = (0.0, 1.0)


def section_of(document: Document) -> str:
    """Draw every plot that the document has numbers for."""
    drawn = [draw(document) for name, draw in PLOTS.items() if document.get("curves", {}).get(name)]
    drawn += [confusion(document)] if document.get("confusion") else []
    return section("Plots", f'<div class="figures">{"".join(drawn)}</div>') if drawn else ""


def figure(title: str, body: str, note: str = "") -> str:
    """Put a drawing under its title, with how to read it in small print."""
    return f"<figure><figcaption>{title}</figcaption>{body}{quiet(note) if note else ''}</figure>"


def _roc(document: Document) -> str:
    x, y = Axis(*UNIT, "false positive rate"), Axis(*UNIT, "true positive rate")
    marks = charts.line(x, y, [(0, 0), (1, 1)], "even"), charts.line(x, y, document["curves"]["roc"])
    area = number(document, "metrics.roc_auc") if "roc_auc" in document["metrics"] else ""
    return figure(f"ROC curve, area {area}", charts.plot("ROC curve", x, y, *marks))


def _precision_recall(document: Document) -> str:
    x, y = Axis(*UNIT, "recall"), Axis(*UNIT, "precision")
    curve = charts.line(x, y, document["curves"]["precision_recall"])
    return figure("Precision-recall curve", charts.plot("Precision-recall curve", x, y, curve))


def _calibration(document: Document) -> str:
    points = [(tenth["predicted"], tenth["actual"]) for tenth in document["curves"]["calibration"]]
    (low, high), names = UNIT, ("predicted probability", "observed frequency")
    if document["task"] == "regression":
        low, high, names = min(map(min, points)), max(map(max, points)), ("mean predicted", "mean actual")
    x, y = (Axis(low, high, name) for name in names)
    marks = charts.line(x, y, [(low, low), (high, high)], "even"), charts.line(x, y, points), charts.dots(x, y, points)
    note = f"Tenths of the test rows by prediction; on the dashed line, {names[0]} and {names[1]} agree."
    return figure("Calibration", charts.plot("Calibration", x, y, *marks), note)


def _scatter(document: Document) -> str:
    points = document["curves"]["scatter"]
    low, high = min(map(min, points)), max(map(max, points))
    x, y = Axis(low, high, "predicted"), Axis(low, high, "actual")
    marks = charts.line(x, y, [(low, low), (high, high)], "even"), charts.dots(x, y, points, 1.8)
    return figure("Predicted against actual", charts.plot("Predicted against actual", x, y, *marks))


def _residuals(document: Document) -> str:
    bars = [(part["from"], part["to"], part["rows"]) for part in document["curves"]["residuals"]]
    x = Axis(bars[0][0], bars[-1][1], "predicted minus actual")
    y = Axis(0, max(count for _, _, count in bars), "test rows")
    return figure("Residuals", charts.plot("Residuals", x, y, charts.columns(x, y, bars)))


PLOTS: dict[str, Callable[[Document], str]] = {
    "roc": _roc, "precision_recall": _precision_recall, "scatter": _scatter, "residuals": _residuals,
    "calibration": _calibration,
}  # fmt: skip


def confusion(document: Document) -> str:
    """Show the counts of test rows by predicted and actual label."""

    def cell(name: str, kind: str) -> str:
        return f'<td class="{kind}">{number(document, f"confusion.{name}")}</td>'

    labels = document.get("labels", {"positive": "yes", "negative": "no"})
    yes, no = (f"<th>{escape(labels[side])}</th>" for side in ("positive", "negative"))
    body = (
        f'<table class="confusion"><tr><td></td><th colspan="2">predicted</th></tr><tr><th>actual</th>{yes}{no}</tr>'
        f"<tr>{yes}{cell('true_positives', 'hit')}{cell('false_negatives', 'miss')}</tr>"
        f"<tr>{no}{cell('false_positives', 'miss')}{cell('true_negatives', 'hit')}</tr></table>"
    )
    return figure("Confusion matrix", body)
