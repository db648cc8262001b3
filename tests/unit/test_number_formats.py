"""Numbers as people write them, read alike at the door, in the jobs and behind the endpoint."""

import math
from pathlib import Path

import numpy as np
import pytest
from app.decide.uploads import readings
from app.decide.uploads.number_formats import NumberFormat as DoorFormat
from data import profiles
from data.column_rules import ColumnRule
from evaluation import slices
from features.features import NumberColumn, _column_from
from features.number_formats import NumberFormat
from hypothesis import given
from hypothesis import strategies as st
from job.refusals import Refused

ROOT = Path(__file__).parents[2]
GERMAN = {"decimal": ",", "thousands": ".", "strip": ["€", "EUR"]}
ENGLISH = {"thousands": ",", "strip": ["$"]}
SHARE = {"strip": ["%"]}
FRENCH = {"decimal": ",", "thousands": " ", "strip": ["km"]}
FORMATS = [GERMAN, ENGLISH, SHARE, FRENCH]
ODD = st.text(st.sampled_from(" 0123456789.,'+-$€%keE_x"), max_size=12)


def test_the_door_and_the_jobs_have_the_very_same_rule() -> None:
    files = ("functions/app/decide/uploads/number_formats.py", "processing_scripts/features/number_formats.py")

    assert len({(ROOT / name).read_bytes() for name in files}) == 1


@pytest.mark.parametrize(("given", "text", "number"), [
    (GERMAN, "1.234,5", 1234.5), (GERMAN, "-1.234.567 €", -1234567), (GERMAN, "EUR 12", 12), (GERMAN, " 0,5 ", 0.5),
    (GERMAN, "-€ 5", -5), (GERMAN, "€ -5", -5), (ENGLISH, "$12,345", 12345), (ENGLISH, "12345.5", 12345.5),
    (ENGLISH, "-$1,000.25", -1000.25), (SHARE, "12%", 12), (SHARE, "+12.5 %", 12.5), (FRENCH, "1 234,5 km", 1234.5),
    (FRENCH, "1\u00a0234", 1234), (FRENCH, "1\u202f234", 1234), (ENGLISH, ".5", 0.5),
])  # fmt: skip
def test_a_number_is_read_as_its_format_says(given: dict[str, object], text: str, number: float) -> None:
    assert float(NumberFormat.parse(given).plain(text)) == number


@pytest.mark.parametrize(("given", "text"), [
    (GERMAN, "1234.5"), (GERMAN, "1.23,5"), (GERMAN, "1,5,5"), (ENGLISH, "1,5"), (ENGLISH, "1,234,5"), (SHARE, "1,5"),
    (SHARE, "12 $"), (SHARE, "about 5"), (SHARE, "1_000"), (SHARE, "--5"), (SHARE, "1e5"), (SHARE, "nan"), (SHARE, "%"),
    (FRENCH, "12 34"), (GERMAN, "12.3456"),
])  # fmt: skip
def test_what_the_format_does_not_write_is_no_number(given: dict[str, object], text: str) -> None:
    with pytest.raises(ValueError, match="is not a number"):
        NumberFormat.parse(given).plain(text)


@given(st.sampled_from(FORMATS), ODD)
def test_the_door_takes_what_the_jobs_read_and_the_same_number(form: dict[str, object], text: str) -> None:
    column = NumberColumn("c", writing=NumberFormat.parse(form))
    try:
        at_the_door = readings.number(text, (), DoorFormat.parse(form))
    except ValueError:
        with pytest.raises(Refused):
            column.number(text)
        return

    assert np.array_equal([column.number(text)], [at_the_door], equal_nan=True)


def test_a_json_number_is_one_as_it_stands() -> None:
    column = NumberColumn("c", writing=NumberFormat.parse(GERMAN))

    assert [column.number(value) for value in (1234.5, 7, "1.234,5", None)][:3] == [1234.5, 7, 1234.5]
    assert math.isnan(column.number(None))
    assert _column_from(column.document()) == column


def test_profiles_and_slices_read_the_same_numbers() -> None:
    rule = ColumnRule.parse({"kind": "number", "number_format": GERMAN, "missing": ["k.A."]}, frozenset())
    texts = ["1.000,5 €", "2", "k.A.", "", "3"]
    counted = [(np.array(texts, dtype=object), np.ones(5, np.int64))]

    profile = profiles._profile(counted, rule)
    (first, *_) = slices.cut("c", "number", texts, rule.missing, rule.writing)

    assert (profile["min"], profile["max"], profile["missing"]) == (2, 1000.5, 2)
    assert first.name == "up to 2"
