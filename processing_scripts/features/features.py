"""The transformer from raw fields to the algorithm's numbers: fitted on training rows, the same in every place.

Each column is a rule from one text to one number. Training applies the rule to the distinct texts of a column, serving
to the texts of a request; there is no second implementation. Trees take these numbers as they are ("ordinal"), but of
categories with few levels, where the model file says so, one 0/1 column for each level; what measures distances or
adds up takes them "dense": numbers centred and scaled, missing ones at the mean, every category as 0/1 columns. Needs
only the standard library and numpy: it travels inside the deployable artifact.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from artifact.answers import Answer, answer_from
from job.numbers import LARGEST
from job.refusals import Refused
from numpy.typing import NDArray

from features.derived import Derived, as_of_from, derived_from
from features.levels import by_writing, text_of, written
from features.number_formats import NumberFormat

FORMAT = 2
ORDINAL, DENSE = "ordinal", "dense"
DENSE_ALGORITHMS = ("knn", "linear-learner")

Value = str | float | int | bool | None
"""A field as it arrives: text from CSV, any scalar from JSON."""


class Column(Protocol):
    """A rule from one field to one number; NaN stands for missing or unknown."""

    @property
    def name(self) -> str:
        """Name the column as the header of an upload does."""

    def number(self, value: Value) -> float:
        """Apply the rule."""

    def dense(self, numbers: NDArray[np.float64]) -> NDArray[np.float64]:
        """Spread ``(rows,)`` numbers of this column to ``(rows, width)`` without NaN."""

    @property
    def dense_names(self) -> tuple[str, ...]:
        """Name each of ``dense``'s numbers for people."""

    def ordinal(self, numbers: NDArray[np.float64]) -> NDArray[np.float64]:
        """Spread ``(rows,)`` numbers of this column to the ``(rows, width)`` that trees read; NaN is missing."""

    @property
    def ordinal_names(self) -> tuple[str, ...]:
        """Name each of ``ordinal``'s numbers for people."""

    def document(self) -> dict[str, Any]:
        """Serialize as JSON."""


@dataclass(frozen=True)
class NumberColumn:
    """A number as it stands. Blank, a missing mark, nan or infinity is missing.

    ``mean`` and ``scale`` (its standard deviation, or 1) are those of training rows, where something reads them dense.
    """

    name: str
    missing: frozenset[str] = frozenset()
    mean: float = 0.0
    scale: float = 1.0
    writing: NumberFormat | None = None  # of its texts; a JSON number is one as it stands

    def number(self, value: Value) -> float:
        """Apply the rule.

        Raises:
            Refused: when the text is not a number.
        """
        text = text_of(value)
        if not text or text in self.missing:
            return math.nan
        try:
            plain = self.writing.plain(text) if self.writing and isinstance(value, str) else text
            parsed = float(plain.replace("_", "?"))  # Python would take 1_000 for a number, nobody else does
        except ValueError:
            numbers = f"column {self.name!r} takes numbers and got"
            raise Refused(f"{numbers} {text[:80]!r}", f"{numbers} a text") from None
        return parsed if -LARGEST <= parsed <= LARGEST else math.nan  # as `finite`, without a call for each text

    def dense(self, numbers: NDArray[np.float64]) -> NDArray[np.float64]:
        """Centre and scale, one column; missing is 0, the mean."""
        scaled: NDArray[np.float64] = np.nan_to_num((numbers - self.mean) / self.scale, nan=0.0)
        return scaled[:, None]

    @property
    def dense_names(self) -> tuple[str, ...]:
        """Give the column's own name."""
        return (self.name,)

    def ordinal(self, numbers: NDArray[np.float64]) -> NDArray[np.float64]:
        """Leave the numbers as they are."""
        return numbers[:, None]

    @property
    def ordinal_names(self) -> tuple[str, ...]:
        """Give the column's own name."""
        return (self.name,)

    def document(self) -> dict[str, Any]:
        """Serialize as JSON."""
        known: dict[str, Any] = {"missing": sorted(self.missing)} if self.missing else {}
        known |= {"number_format": self.writing.document()} if self.writing else {}
        return {"name": self.name, "kind": "number", "mean": self.mean, "scale": self.scale, **known}


@dataclass(frozen=True)
class CategoryColumn:
    """A level's place among the levels ordered by mean target on training rows. Anything else is missing."""

    name: str
    levels: Mapping[str, int]
    one_hot: bool = False  # for trees too
    missing: frozenset[str] = frozenset()

    @cached_property
    def _by_writing(self) -> Mapping[str, int]:
        return by_writing(self.levels)

    def number(self, value: Value) -> float:
        """Apply the rule."""
        text = text_of(value)
        place = self.levels.get(text)
        if place is None and text not in self.missing:
            place = self._by_writing.get(written(text))
        return math.nan if place is None else float(place)

    def knows(self, value: Value) -> bool:
        """Say whether a field is a level, or missing by its own word."""
        text = text_of(value)
        return not text or text in self.missing or not math.isnan(self.number(text))

    def dense(self, numbers: NDArray[np.float64]) -> NDArray[np.float64]:
        """Make one 0/1 column a level; all 0 for missing."""
        chosen: NDArray[np.float64] = (numbers[:, None] == np.arange(len(self.levels))).astype(np.float64)
        return chosen

    @property
    def dense_names(self) -> tuple[str, ...]:
        """Give one name a level."""
        return tuple(f"{self.name}={level}" for level in self.levels)

    def ordinal(self, numbers: NDArray[np.float64]) -> NDArray[np.float64]:
        """Leave the places, or make 0/1 columns where the column is one of few levels."""
        return self.dense(numbers) if self.one_hot else numbers[:, None]

    @property
    def ordinal_names(self) -> tuple[str, ...]:
        """Give the column's own name, or one name a level."""
        return self.dense_names if self.one_hot else (self.name,)

    def document(self) -> dict[str, Any]:
        """Serialize as JSON."""
        known: dict[str, Any] = {"one_hot": True} if self.one_hot else {}
        known |= {"missing": sorted(self.missing)} if self.missing else {}
        return {"name": self.name, "kind": "category", "levels": list(self.levels), **known}


@dataclass(frozen=True)
class Features:
    """The fitted transformer of one model, with what serving needs to read a record and to name its response."""

    model: str
    columns: tuple[Column, ...]
    answer: Answer
    target: str
    id: str | None
    missing: tuple[str, ...]
    rows: Mapping[str, int]  # by share: train, validation, test
    inputs: tuple[str, ...] = ()  # raw columns in the model's order, where they are not the features themselves
    derived: tuple[Derived, ...] = ()
    as_of: str = ""  # the day that years are counted to, in training and behind the endpoint; blank where none are
    sensitive: bool = False  # what a record says is not repeated

    @property
    def names(self) -> tuple[str, ...]:
        """Name the columns that a record needs, in the model's order."""
        return self.inputs or self.learnt_names

    @property
    def json_inputs(self) -> frozenset[str]:
        """Name the raw columns that hold JSON."""
        return frozenset(derived.column for derived in self.derived if derived.field)

    @property
    def learnt_names(self) -> tuple[str, ...]:
        """Name the columns that the algorithm learns from."""
        return tuple(column.name for column in self.columns)

    @cached_property
    def matrix_columns(self) -> tuple[str, ...]:
        """Name the feature that each column of ``matrix`` belongs to."""
        return tuple(column.name for column in self.columns for _ in column.ordinal_names)

    @property
    def dense_width(self) -> int:
        """Count the numbers of a dense row."""
        return sum(column.dense(np.zeros(1)).shape[1] for column in self.columns)

    def matrix(self, fields: Sequence[Sequence[Value]]) -> NDArray[np.float32]:
        """Turn raw fields by column (``names`` sequences of ``rows`` values) into ``(rows, width) float32``."""
        rows = len(fields[0]) if fields else 0
        matrix, at = np.empty((rows, len(self.matrix_columns)), dtype=np.float32), 0
        for column, values in self._learnt(fields):
            numbers = column.ordinal(np.array(_numbers(column, values)))
            matrix[:, at : at + numbers.shape[1]] = numbers
            at += numbers.shape[1]
        return matrix

    def dense(self, fields: Sequence[Sequence[Value]]) -> NDArray[np.float64]:
        """Turn raw fields by column into ``(rows, dense_width) float64`` without NaN."""
        pairs = self._learnt(fields)
        return np.hstack([column.dense(np.array(_numbers(column, values))) for column, values in pairs])

    def unknown(self, fields: Sequence[Sequence[Value]]) -> dict[str, int]:
        """Count the fields of each category that are no level that is known, and are read as missing."""
        counts = {
            column.name: sum(rows for text, rows in Counter(map(text_of, values)).items() if not column.knows(text))
            for column, values in self._learnt(fields)
            if isinstance(column, CategoryColumn)
        }
        return {name: rows for name, rows in counts.items() if rows}

    def _learnt(self, fields: Sequence[Sequence[Value]]) -> list[tuple[Column, Sequence[Value]]]:
        given: dict[str, Sequence[Value]] = dict(zip(self.names, fields, strict=True))
        given |= {derived.name: derived.texts(given[derived.column]) for derived in self.derived}
        return [(column, given[column.name]) for column in self.columns]

    def document(self) -> dict[str, Any]:
        """Serialize as JSON: features.json."""
        known: dict[str, Any] = {"inputs": list(self.inputs)} if self.inputs else {}
        known |= (
            {"derived": [{"name": derived.name, **derived.document()} for derived in self.derived]}
            if self.derived
            else {}
        )
        known |= {"as_of": self.as_of} if self.as_of else {}
        known |= {"sensitive": True} if self.sensitive else {}
        return known | {
            "format": FORMAT,
            "model": self.model,
            "columns": [column.document() for column in self.columns],
            "answer": self.answer.document(),
            "target": self.target,
            "id": self.id,
            "missing": list(self.missing),
            "rows": dict(self.rows),
        }


def _numbers(column: Column, values: Sequence[Value]) -> list[float]:
    if len(values) < 32 or set(map(type, values)) != {str}:
        return [column.number(value) for value in values]
    by_text: dict[Value, float] = {text: column.number(text) for text in set(values)}  # columns repeat themselves
    return [by_text[value] for value in values]


def features_from(document: Mapping[str, Any]) -> Features:
    """Read features.json.

    Raises:
        Refused: when another format of it is met.
    """
    if document.get("format") != FORMAT:
        raise Refused(f"features.json has format {document.get('format')!r}; this code reads format {FORMAT}")
    columns = tuple(_column_from(column) for column in document["columns"])
    rules, as_of = {derived["name"]: derived for derived in document.get("derived", [])}, document.get("as_of", "")
    return Features(
        document["model"], columns, answer_from(document["answer"]), document["target"], document["id"],
        tuple(document["missing"]), document["rows"], tuple(document.get("inputs", ())),
        derived_from(rules, {}, as_of_from(as_of) if as_of else None), as_of,
        document.get("sensitive", False),
    )  # fmt: skip


def _column_from(document: Mapping[str, Any]) -> Column:
    missing = frozenset(document.get("missing", ()))
    if document["kind"] == "number":
        writing = NumberFormat.parse(document.get("number_format"))
        return NumberColumn(document["name"], missing, document["mean"], document["scale"], writing)
    places = {level: place for place, level in enumerate(document["levels"])}
    return CategoryColumn(document["name"], places, document.get("one_hot", False), missing)
