"""The groups of the test rows by the columns that a model file's ``fairness`` names, features or not."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from data.column_rules import ColumnRule
from data.holdouts import HeldOut
from job.shown_text import shown

from evaluation import metrics, slices
from evaluation.fairness.groups import Compared
from evaluation.rows import Rows
from evaluation.slices import Slice


def compared(config: Mapping[str, Any], test: HeldOut, rows: Rows) -> list[Compared]:
    """Measure the groups of each column, and by each class where there are several; none where none are asked for.

    Where the data are sensitive, groups go by numbers: their names are what rows say.
    """
    fairness = config.get("fairness")
    if not fairness:
        return []
    least = int(fairness.get("rows", slices.SMALL))
    classes = config["data"].get("classes", ()) if config["task"] == metrics.MULTICLASS else ()
    by_column = []
    for column in fairness["columns"]:
        parts = list(_groups(column, config["data"], test))
        by_column += [Compared.of(column, parts, config["task"], rows, least)]
        by_column += Compared.of_classes(column, parts, classes, rows, least)
    return by_column


def _groups(column: str, data: Mapping[str, Any], test: HeldOut) -> Iterator[Slice]:
    marks, texts = frozenset(data["missing"]), test.column(column)
    given = data["columns"].get(column) or _kind_of(texts, marks)
    rule = ColumnRule.parse(given, marks)
    named = not data.get("sensitive", False)
    for part in slices.cut(column, rule.kind, texts, rule.missing, rule.writing, named=named):
        yield replace(part, name=shown(part.name, slices.NAME))


def _kind_of(texts: Sequence[str], marks: frozenset[str]) -> str:
    """Take a column that is no feature for numbers where it has more values than are shown, and all are numbers."""
    values = {text for text in texts if text and text not in marks}
    return "number" if len(values) > slices.LEVELS and all(map(_is_number, values)) else "category"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
