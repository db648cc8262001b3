"""Rows for the demo and the tests, made up here: one file per model, and the same seed gives the same rows."""

from collections.abc import Mapping

import numpy as np

from cli.demo_data import blocks, customers, employees, houses
from cli.demo_data.texts import Texts

ROWS_AT_A_TIME = 200_000
MAKERS = {
    "churn": customers.columns, "house-price": houses.columns, "california-housing": blocks.columns,
    "employee-bonus": employees.columns,
}  # fmt: skip


def generate(model: str, rows: int, seed: int) -> str:
    """Make ``rows`` of ``model``'s rows as CSV with header; the same seed gives the same text.

    Raises:
        KeyError: when there is no demo data for ``model``.
    """
    make = MAKERS[model]
    rng = np.random.default_rng(seed)
    parts: list[str] = []
    for start in range(0, rows, ROWS_AT_A_TIME):
        columns = make(rng, start, min(ROWS_AT_A_TIME, rows - start))
        parts.append(table(columns) if not parts else _lines(columns))
    return "".join(parts)


def table(columns: Mapping[str, Texts]) -> str:
    """Columns of texts as CSV with header."""
    return ",".join(columns) + "\n" + _lines(columns)


def _lines(columns: Mapping[str, Texts]) -> str:
    texts = (column.tolist() for column in columns.values())
    return "\n".join(map(",".join, zip(*texts, strict=True))) + "\n"
