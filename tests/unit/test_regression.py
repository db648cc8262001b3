"""A target that is a number: learnt as it is or as its logarithm, answered and measured in its own unit."""

import json

import numpy as np
import pytest
from artifact.answers import ValueAnswer, answer_from
from compare import comparison, metric_of, ranking
from data.column_rules import ColumnRule, split_from
from features.features import CategoryColumn, Features, NumberColumn
from hypothesis import given
from hypothesis import strategies as st
from job.refusals import Refused

NUMBERS = st.floats(1, 1e6)


@given(NUMBERS)
def test_a_logarithm_is_undone_in_the_answer(number):
    answer = ValueAnswer("log")

    (learnt,) = answer.learnt(np.array([number]))

    assert answer.response_fields(learnt)["value"] == pytest.approx(number)
    assert answer.encode(answer.text(number)) == number
    assert answer_from(json.loads(json.dumps(answer.document()))) == answer


@pytest.mark.parametrize(("transform", "text", "words"), [
    ("none", "much", "not a number"), ("none", "inf", "not a finite number"), ("log", "0", "not above 0"),
    ("none", "1_000", "not a number"),
])  # fmt: skip
def test_a_target_that_cannot_be_learnt_is_refused(transform, text, words):
    with pytest.raises(Refused, match=words):
        ValueAnswer(transform).encode(text)


def test_dense_rows_have_no_holes():
    columns = (NumberColumn("rooms", frozenset({"NA"}), mean=4.0, scale=2.0), CategoryColumn("plan", {"a": 0, "b": 1}))
    features = Features("m", columns, ValueAnswer(), "y", None, (), {})

    rows = features.dense([["6", "NA", ""], ["b", "a", "unheard-of"]])

    assert rows.tolist() == [[1.0, 0.0, 1.0], [0.0, 1.0, 0.0], [0.0, 0.0, 0.0]]
    assert features.dense_width == 3


def test_a_columns_own_marks_stand_in_the_place_of_the_data_sets():
    marks = frozenset({"NA"})

    assert ColumnRule.parse("category", marks).missing == marks
    assert ColumnRule.parse({"kind": "category", "missing": []}, marks).missing == frozenset()


@pytest.mark.parametrize(("train", "validation"), [("0.9", "0.2"), ("0", "0.5"), ("many", "0.1"), ("0.9", "0.1")])
def test_fractions_that_leave_nothing_are_refused(train, validation):
    with pytest.raises(Refused, match="TrainFraction"):
        split_from({"TrainFraction": train, "ValidationFraction": validation})


def test_fractions_leave_the_rest_for_test():
    assert split_from({"TrainFraction": "0.7", "ValidationFraction": "0.2"})["test"] == pytest.approx(0.1)


def found_of(**values):
    return {
        name: {"metrics": {"rmse": value, "r2": 1 - value}, "verdict": {"passed": True}}
        for name, value in values.items()
    }


def test_the_lowest_error_or_the_highest_share_wins():
    found = found_of(a=0.3, b=0.1, c=0.2)

    assert ranking(found, "rmse") == ["b", "c", "a"]
    assert ranking(found, "r2") == ["b", "c", "a"]
    assert comparison(found, "rmse")["winner"] == "b"


def test_a_metric_that_is_not_defined_never_wins():
    found = found_of(a=0.3, b=0.1)
    found["b"]["metrics"]["rmse"] = None

    assert ranking(found, "rmse") == ["a", "b"]


def test_a_metric_is_named_in_either_case():
    assert metric_of("RMSE", ["rmse", "r2"]) == "rmse"
    with pytest.raises(Refused, match="known here: rmse, r2"):
        metric_of("auc", ["rmse", "r2"])
