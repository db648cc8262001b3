"""What of several classes is not what it seems: one that is never said, or that too few rows have to know it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from data.profiles import FEW

from evaluation.rows import Rows

Doubt = dict[str, str]


def of_classes(rows: Rows, classes: Sequence[str], profile: Mapping[str, Any], target: str) -> Iterator[Doubt]:
    """List them; ``profile`` is that of all rows that count, whose ``target`` column has a level a class."""
    levels = profile.get("columns", {}).get(target, {}).get("levels")
    actual, predicted = (
        np.bincount(labels.astype(int), minlength=len(classes)) for labels in (rows.actual, rows.predicted)
    )
    for number, name in enumerate(classes):
        counted = None if levels is None else levels.get(name, 0)
        if counted is not None and counted < FEW:
            yield {
                "column": f"class {name!r}", "expected": f"{FEW} rows or more of each class",
                "found": f"{counted:,} rows in all data: it is hardly learnt, and what is measured of it is chance",
            }  # fmt: skip
        elif actual[number] and not predicted[number]:
            yield {
                "column": f"class {name!r}", "expected": f"{actual[number] / len(rows):.1%} of the rows, as they are",
                "found": f"it is the answer to none of {len(rows):,} test rows, though its probabilities are given",
            }  # fmt: skip
