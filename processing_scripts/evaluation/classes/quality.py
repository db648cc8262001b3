"""How well each class is told from the others, and what is taken for what. Numbers in, JSON out."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from evaluation import metrics
from evaluation.classes.formulas import against_rest, counts
from evaluation.comparison import or_null
from evaluation.rows import Rows

TOO_EASY = "accuracy"  # of one class against the rest: who never says a rare class is right nearly always


def document(rows: Rows, classes: Sequence[str]) -> dict[str, Any]:
    """Describe the counts by actual (down) and predicted class (across), and what two labels' metrics say of each."""
    cells = counts(rows)(np.ones(len(rows)))
    return {
        "confusion_matrix": {"labels": list(classes), "rows": [[int(count) for count in row] for row in cells]},
        "classes": [_of_class(rows, number, name) for number, name in enumerate(classes)],
    }


def _of_class(rows: Rows, number: int, name: str) -> dict[str, Any]:
    of_class = against_rest(rows, number)
    values, known = metrics.unweighted(metrics.BINARY, of_class), metrics.of_task(metrics.BINARY)
    measured = {name: or_null(value) for name, value in values.items() if known[name].published_as and name != TOO_EASY}
    return {
        "class": name,
        "rows": int(of_class.actual.sum()),
        "metrics": measured,
    }


def of_labels(rows: Rows) -> Rows:
    """Whether each row's label is right, beside the label's probability: two answers that can be held to each other."""
    right = (rows.actual == rows.predicted).astype(np.float64)
    return Rows(right, np.ones(len(rows)), rows.score.max(axis=1))
