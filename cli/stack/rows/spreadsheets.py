"""Cells that a spreadsheet would run as formulas: found, and written so that it does not.

What is uploaded to be scored may come from strangers, and comes back character by character.
Source: https://owasp.org/www-community/attacks/CSV_Injection
"""

import csv
import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path

BEGINNINGS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001  some take the wide ones too
MARK = "'"  # a spreadsheet shows what follows, and takes it for text


def is_formula(cell: str) -> bool:
    """Whether a spreadsheet may run the cell: it begins as a formula does, and is no number."""
    return cell.startswith(BEGINNINGS) and not _is_number(cell)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return cell.isascii() and cell.isprintable()


def count_formulas(path: Path) -> int:
    """Count the cells of a CSV that a spreadsheet may run."""
    with path.open(encoding="utf-8", newline="") as file:
        return sum(is_formula(cell) for row in _rows(file) for cell in row)


def make_safe(path: Path) -> None:
    """Write a CSV anew, ``MARK`` before each cell that a spreadsheet may run; it is whole at every moment."""
    beside = path.with_name(f".{path.name}.part")
    with path.open(encoding="utf-8", newline="") as file, beside.open("w", encoding="utf-8", newline="") as safe:
        for row in _rows(file):
            safe.write(_line([MARK + cell if is_formula(cell) else cell for cell in row]))
    os.replace(beside, path)


def _line(cells: list[str]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(cells)  # its own line end, so that it quotes a carriage return in a cell too
    return text.getvalue().removesuffix("\r\n") + "\n"


def _rows(file: Iterator[str]) -> Iterator[list[str]]:
    csv.field_size_limit(sys.maxsize)
    return csv.reader(file)
