"""The test rows of an evaluation with one model's predictions, as arrays."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Rows:
    """Actual targets and predictions, each ``(rows,)``.

    Of two labels, the positive one is 1.0 and ``score`` is its predicted probability; of several classes they are the
    classes' numbers, and ``score`` is ``(rows, classes)``, a probability each, or NaN where there are none; of
    regression all are in the target's own unit, and ``score`` is ``predicted``.
    """

    actual: Floats
    predicted: Floats
    score: Floats

    def at(self, which: NDArray[np.intp] | NDArray[np.bool_]) -> "Rows":
        """Select rows, by number or by mask."""
        return Rows(self.actual[which], self.predicted[which], self.score[which])

    def __len__(self) -> int:
        return len(self.actual)


def order_of(rows: Rows) -> NDArray[np.intp]:
    """Order rows by score, lowest first; of several classes by label, and then by the label's probability."""
    if rows.score.ndim == 1:
        return np.argsort(rows.score, kind="stable")
    return np.lexsort((rows.score.max(axis=1), rows.predicted))
