"""The transformer: one rule per column, fitted on training rows, kept as JSON."""

import json
import math

import numpy as np
import pytest
from artifact.answers import BinaryAnswer
from features.features import CategoryColumn, Features, NumberColumn, features_from
from features.levels import ordered_levels, written
from hypothesis import given
from hypothesis import strategies as st
from job.refusals import Refused

ANSWER = BinaryAnswer("Yes", "No")
COLUMNS = (NumberColumn("tenure", frozenset({"NA"})), CategoryColumn("plan", {"basic": 0, "gold": 1}))
FEATURES = Features("m", COLUMNS, ANSWER, "Churn", "id", ("NA",), {"train": 1, "validation": 1, "test": 1})


@pytest.mark.parametrize("text", ["", " ", "\t", "NA", " NA ", "nan", "inf", "-Infinity", None])
def test_blank_marked_and_infinite_numbers_are_missing(text):
    assert math.isnan(COLUMNS[0].number(text))


@pytest.mark.parametrize(("value", "number"), [("29.85", 29.85), (" 7 ", 7.0), (7, 7.0), ("1e3", 1000.0)])
def test_a_number_is_read_as_it_stands(value, number):
    assert COLUMNS[0].number(value) == number


@pytest.mark.parametrize("text", ["seven", "1,5", "1_000"])
def test_a_text_that_is_no_number_is_refused_with_its_column(text):
    with pytest.raises(Refused, match="'tenure'"):
        COLUMNS[0].number(text)


def test_an_unknown_category_is_missing():
    assert math.isnan(COLUMNS[1].number("platinum"))


def places(*levels):
    return CategoryColumn("k", {level: place for place, level in enumerate(levels)}, missing=frozenset({"-1"}))


@pytest.mark.parametrize(
    ("levels", "value", "meant"),
    [
        (("1.0", "2.0"), 2.0, "2.0"), (("1.0", "2.0"), 2, "2.0"), (("1.0", "2.0"), "2", "2.0"),
        (("01", "02", "10"), 2, "02"), (("01", "02", "10"), "2.0", "02"), (("0.10", "0.2"), 0.1, "0.10"),
        (("true", "false"), True, "true"), (("TRUE", "FALSE"), False, "FALSE"), (("0", "1"), True, "1"),
        (("1.0", "0.0"), "False", "0.0"), (("True", "true"), True, "True"), (("-0", "5"), 0, "-0"),
        (("007", "12345678901234567890"), 12345678901234567890, "12345678901234567890"),
    ],
)  # fmt: skip
def test_a_json_number_or_truth_reaches_the_level_that_it_means(levels, value, meant):
    assert places(*levels).number(value) == levels.index(meant)


@pytest.mark.parametrize(
    ("levels", "value"),
    [
        (("01", "1.0", "x"), 1), (("yes", "no"), True), (("1", "0", "2"), True), (("1e3", "x"), 1000),
        (("12345678901234567891", "x"), 12345678901234567890), (("-1.0", "x"), "-1"), (("x",), "X"), (("2",), "\uff12"),
    ],
)  # fmt: skip
def test_what_means_two_levels_or_none_is_missing(levels, value):
    assert math.isnan(places(*levels).number(value))


@given(st.decimals(allow_nan=False, allow_infinity=False, places=3).map(str) | st.text("0123.-+ex", max_size=5))
def test_one_writing_is_that_of_its_own(text):
    assert written(written(text)) == written(text)


def test_unknown_levels_are_counted_and_marks_are_none():
    column = CategoryColumn("plan", {"1.0": 0, "gold": 1}, missing=frozenset({"NA"}))
    features = Features("m", (column, NumberColumn("x")), ANSWER, "y", None, (), {})

    assert features.unknown([["gold", 1, True, "", "NA", None, "silver", "silver", " gold "], range(9)]) == {"plan": 3}
    assert features_from(json.loads(json.dumps(features.document()))).columns[0] == column


@given(st.lists(st.sampled_from(["basic", "gold", " gold", "?", ""]), min_size=1, max_size=80))
def test_many_rows_and_one_row_get_the_same_numbers(plans):
    tenure = [str(at) for at in range(len(plans))]
    together = FEATURES.matrix([tenure, plans])

    alone = np.vstack([FEATURES.matrix([[tenure[at]], [plans[at]]]) for at in range(len(plans))])

    np.testing.assert_array_equal(together, alone)


def test_features_survive_json():
    assert features_from(json.loads(json.dumps(FEATURES.document()))) == FEATURES


def test_another_format_is_refused():
    with pytest.raises(Refused, match="format 99"):
        features_from(FEATURES.document() | {"format": 99})


def test_levels_stand_in_the_order_of_their_mean_target():
    rows, totals = {"low": 100, "high": 100, "middle": 100}, {"low": 5.0, "high": 90.0, "middle": 50.0}

    assert list(ordered_levels(rows, totals, frozenset())) == ["low", "middle", "high"]


def test_rare_and_missing_levels_have_no_place():
    rows = {"often": 50, "rare": 2, "": 50, "NA": 50}

    assert ordered_levels(rows, dict.fromkeys(rows, 1.0), frozenset({"NA"})) == {"often": 0}


ONE_HOT = Features(
    "m", (COLUMNS[0], CategoryColumn("plan", {"basic": 0, "gold": 1}, one_hot=True)), ANSWER, "Churn", "id", (), {}
)


def test_a_category_of_few_levels_is_one_column_a_level_for_trees_too():
    matrix = ONE_HOT.matrix([["1", "2", "NA"], ["gold", "platinum", "basic"]])

    np.testing.assert_array_equal(matrix, np.array([[1, 0, 1], [2, 0, 0], [math.nan, 1, 0]], np.float32))
    assert ONE_HOT.matrix_columns == ("tenure", "plan", "plan")
    assert ONE_HOT.columns[1].ordinal_names == ("plan=basic", "plan=gold")


def test_what_trees_read_as_columns_of_levels_survives_json():
    assert features_from(json.loads(json.dumps(ONE_HOT.document()))) == ONE_HOT
