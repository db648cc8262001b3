"""Records as JSON lines, as a batch transform sends them: read at once where they are plain, one by one where not."""

import csv
import io
import json

import pytest
from artifact.answers import ValueAnswer
from data import records
from features.features import CategoryColumn, Features, NumberColumn
from hypothesis import given
from hypothesis import strategies as st
from job.refusals import Refused

COLUMNS = (NumberColumn("a", frozenset(), 0.0, 1.0), CategoryColumn("b", {"x": 0}))
FEATURES = Features("m", COLUMNS, ValueAnswer(), "y", None, (), {})
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"))


def read(*lines: str) -> list[list[object]]:
    return [list(column) for column in records.read("\n".join(lines) + "\n", records.LINES, FEATURES)]


@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1))
def test_lists_of_texts_are_read_as_csv_with_the_same_texts(rows: list[tuple[str, str]]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([("a", "b"), *rows])

    assert read(*(json.dumps(row) for row in rows)) == [list(column) for column in zip(*rows, strict=True)]
    assert read(*map(json.dumps, rows)) == [list(c) for c in records.read(text.getvalue(), records.CSV, FEATURES)]


@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1))
def test_objects_are_read_by_name_whatever_else_they_hold_and_in_whatever_order(rows: list[tuple[str, str]]) -> None:
    objects = [{"b": second, "other": "1", "a": first} for first, second in rows]

    assert read(*map(json.dumps, objects)) == [list(column) for column in zip(*rows, strict=True)]


def test_lists_objects_numbers_and_blanks_may_stand_together() -> None:
    assert read('["1", "x"]', '{"b": "y", "a": 2.5}', "", "[null, true]") == [["1", 2.5, None], ["x", "y", True]]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (['["1", "x"]', '["2"]'], "record 2 has 1 fields; expected 2: a, b"),
        (['["1", "x"],["2", "y"]', '["3"'], "record 1 is not JSON"),
        (['["1", "x"], ["2", "y"]'], "record 1 is not JSON"),
        (['["1", ["x"]]'], "record 1: 'b' must be one value"),
        (['["1", "x"]', '{"a": "1"}'], "record 2 has no 'b'"),
        (['["1", "x"]', "7"], "record 2 is not an object"),
        ([""], "no record; send one line per record"),
    ],
)
def test_a_line_that_is_no_record_is_named(lines: list[str], said: str) -> None:
    with pytest.raises(Refused, match=said):
        read(*lines)
