"""The figures of a report, drawn from evaluation.json's short lists of points."""

from collections.abc import Callable

from report import charts
from report.cells import Document, number
from report.charts import Axis

UNIT = (0.0, 1.0)


def figure(title: str, body: str, note: str = "") -> str:
    """A drawing with its title and, in small print, how to read it."""
    return f"<figure><figcaption>{title}</figcaption>{body}{f'<p class=quiet>{note}</p>' if note else ''}</figure>"


def _roc(document: Document) -> str:
    x, y = Axis(*UNIT, "false positive rate"), Axis(*UNIT, "true positive rate")
    marks = charts.line(x, y, [(0, 0), (1, 1)], "even"), charts.line(x, y, document["curves"]["roc"])
    value = number(document, "metrics.roc_auc") if "roc_auc" in document["metrics"] else ""
    return figure(f"ROC, area {value}", charts.plot("ROC curve", x, y, *marks))


def _precision_recall(document: Document) -> str:
    x, y = Axis(*UNIT, "recall"), Axis(*UNIT, "precision")
    curve = charts.line(x, y, document["curves"]["precision_recall"])
    return figure("Precision and recall", charts.plot("Precision-recall curve", x, y, curve))


def _calibration(document: Document) -> str:
    points = [(one["said"], one["true"]) for one in document["curves"]["calibration"]]
    low, high = UNIT
    if document["task"] != "binary_classification":
        low, high = min(map(min, points)), max(map(max, points))
    x, y = Axis(low, high, "said"), Axis(low, high, "true")
    marks = charts.line(x, y, [(low, low), (high, high)], "even"), charts.line(x, y, points), charts.dots(x, y, points)
    note = "Tenths of the held-out rows by what was said; on the line, it came true."
    return figure("Calibration", charts.plot("Calibration", x, y, *marks), note)


def _scatter(document: Document) -> str:
    points = document["curves"]["scatter"]
    low, high = min(map(min, points)), max(map(max, points))
    x, y = Axis(low, high, "predicted"), Axis(low, high, "true")
    marks = charts.line(x, y, [(low, low), (high, high)], "even"), charts.dots(x, y, points, 1.8)
    return figure("Predicted and true", charts.plot("Predicted and true", x, y, *marks))


def _residuals(document: Document) -> str:
    bars = [(one["from"], one["to"], one["rows"]) for one in document["curves"]["residuals"]]
    x = Axis(bars[0][0], bars[-1][1], "predicted minus true")
    y = Axis(0, max(tall for _, _, tall in bars), "held-out rows")
    return figure("Residuals", charts.plot("Residuals", x, y, charts.columns(x, y, bars)))


FIGURES: dict[str, Callable[[Document], str]] = {
    "roc": _roc, "precision_recall": _precision_recall, "scatter": _scatter, "residuals": _residuals,
    "calibration": _calibration,
}  # fmt: skip


def confusion(document: Document) -> str:
    """Counts of held-out rows by truth and answer."""

    def cell(name: str, kind: str) -> str:
        return f'<td class="{kind}">{number(document, f"confusion.{name}")}</td>'

    yes, no = (f"<th>{word}</th>" for word in ("yes", "no"))
    body = (
        f'<table class="confusion"><tr><td></td><th colspan="2">said</th></tr><tr><th>true</th>{yes}{no}</tr>'
        f"<tr>{yes}{cell('true_positives', 'hit')}{cell('false_negatives', 'miss')}</tr>"
        f"<tr>{no}{cell('false_positives', 'miss')}{cell('true_negatives', 'hit')}</tr></table>"
    )
    return figure("Confusion matrix", body)


def all_of(document: Document) -> list[str]:
    """Every figure that the document has numbers for."""
    found = [draw(document) for name, draw in FIGURES.items() if document.get("curves", {}).get(name)]
    return found + ([confusion(document)] if document.get("confusion") else [])
