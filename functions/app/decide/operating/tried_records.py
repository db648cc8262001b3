"""One record that somebody tries: its form, the CSV that the endpoint takes, and what it answered. Pure."""

import csv
import io
from collections.abc import Mapping
from typing import Any, NamedTuple

from app.decide.comparison_text import metric_text
from app.decide.uploads.published_model import Data
from app.decide.uploads.scores import feature_columns
from app.errors import ContainerFailed

PREFIX = "column-"  # of a field's name, before the column's number
MOST_COLUMNS = 200
UNKNOWN = "unknown_levels"


class Field(NamedTuple):
    """A column in the form."""

    id: str
    column: str
    is_number: bool
    given: str


class Tried(NamedTuple):
    """What an endpoint answered."""

    answers: tuple[tuple[str, str], ...]
    unknown: tuple[str, ...]  # columns whose value is no level that the model knows


def fields(data: Data, form: Mapping[str, str]) -> tuple[Field, ...]:
    """The form's fields: a column each, as it was filled in."""
    return tuple(
        Field(f"{PREFIX}{number}", name, name in data.kinds and data.kinds[name].number,
              form.get(f"{PREFIX}{number}", ""))
        for number, name in enumerate(feature_columns(data))
    )  # fmt: skip


def record_csv(found: tuple[Field, ...]) -> str:
    """A header and one row; what was left blank is missing."""
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows([[one.column for one in found], [one.given for one in found]])
    return file.getvalue()


def tried(document: Mapping[str, Any]) -> Tried:
    """What an endpoint's document says of the one record.

    Raises:
        ContainerFailed: it has not one prediction.
    """
    predictions, unknown = document["predictions"], document.get(UNKNOWN)
    if len(predictions) != 1:
        raise ContainerFailed(f"it answers one record with {len(predictions)} predictions")
    answers = ((str(name), metric_text(value) if isinstance(value, float) else str(value))
               for name, value in predictions[0].items())  # fmt: skip
    return Tried(tuple(answers), tuple(unknown) if isinstance(unknown, dict) else ())
