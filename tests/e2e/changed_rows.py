"""Rows of a CSV, each changed in its place."""

import csv
from collections.abc import Callable
from pathlib import Path

Row = dict[str, str]


def change_rows(path: Path, change: Callable[[Row], object]) -> Path:
    """Let ``change`` change each row of the file, which is written again; its path."""
    with path.open(newline="") as file:
        found = list(csv.DictReader(file))
    for row in found:
        change(row)
    with path.open("w", newline="") as file:
        lines = csv.DictWriter(file, list(found[0]))
        lines.writeheader()
        lines.writerows(found)
    return path
