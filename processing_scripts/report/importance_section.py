"""Feature importance: which features the predictions depend on most. Text in, HTML out."""

from html import escape

from report import charts
from report.cells import Document, number, quiet, section, table

SHOWN = 20  # features
METHODS = {
    "SHAP": "Mean absolute SHAP value over {rows} test rows, in {unit}.",
    "shuffled": "Permutation importance: mean absolute change of the prediction where a feature\u2019s values are "
    "those of another row; {rows} test rows, in the unit that is learnt.",
    "weights": "Mean absolute contribution to a linear model over {rows} test rows, in {unit}; its weights are worked "
    "out from its predictions.",
}
UNITS = {
    "binary_classification": "log-odds",
    "multiclass_classification": "the margin that is learnt of each class, over all classes",
}


def importance(document: Document) -> str:
    """Show the features, most important first."""
    ranked, nothing = document.get("importance", []), document.get("not_learnt", [])
    if not ranked:
        return ""
    largest = max(feature["contribution"] for feature in ranked) or 1
    rows = [
        [escape(feature["column"]), charts.meter(feature["contribution"] / largest),
         number(document, f"importance.{place}.contribution")]
        for place, feature in enumerate(ranked[:SHOWN])
    ]  # fmt: skip
    note = METHODS.get(document.get("importance_by") or "", "").format(
        rows=number(document, "importance_rows") if document.get("importance_rows") else "some",
        unit=UNITS.get(document["task"], "the unit that is learnt"),
    )
    more = f" The other {len(ranked) - SHOWN} matter less." if len(ranked) > SHOWN else ""
    bars = table(["feature", "", ""], rows, "bars")
    return section("Feature importance", bars, quiet(note + more), _nothing(nothing))


def _nothing(columns: list[str]) -> str:
    """Name the columns that no model could learn from: all their levels are rare."""
    if not columns:
        return ""
    return quiet(f"Nothing is learnt from {escape(', '.join(columns))}: each level has too few rows for training.")
