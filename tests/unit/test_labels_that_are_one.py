"""Labels, classes and names of bands that one reading makes equal are refused before anything is trained."""

import math
from pathlib import Path

import pytest
from features.levels import written
from hypothesis import given
from hypothesis import strategies as st
from spoilt import problems_of

from pipelines.model.class_rules import reading

CLASSES = "[low, middle, high]"
PADDED = ["0", "-0", "+0", ".0", "0.", "00", "01", "1", "1.0", "-1", "10", "0.10", ".1", "TRUE", "true", "False", "yes"]


def said_of_classes(folder: Path, classes: str) -> list[tuple[str, str]]:
    found = problems_of(folder, "grades", (CLASSES, classes))
    return [(problem.where, str(problem)) for problem in found]


@pytest.mark.parametrize(("classes", "second", "first"), [
    ('["0", "0.0", "1"]', "0.0", "0"), ('["01", "2", "1"]', "1", "01"), ('["true", "no", "TRUE"]', "TRUE", "true"),
    ('["-0", "1", "0"]', "0", "-0"),
])  # fmt: skip
def test_classes_that_are_one_number_or_truth_are_refused(
    tmp_path: Path, classes: str, second: str, first: str
) -> None:
    [(where, what)] = said_of_classes(tmp_path, classes)

    assert where.startswith("data.classes[")
    assert f"{second!r} is read as {first!r} is, which is one of them too" in what


@pytest.mark.parametrize("classes", ['["1", "2", "10"]', '["a", "A", "b"]', '["0", "1", "true"]', '["1e1", "10", "2"]'])
def test_classes_that_are_read_apart_are_taken(tmp_path: Path, classes: str) -> None:
    assert said_of_classes(tmp_path, classes) == []


def test_classes_that_yaml_reads_as_numbers_are_asked_for_in_quotes(tmp_path: Path) -> None:
    assert all("put it in quotes" in str(problem) or "unique" in str(problem)
               for problem in problems_of(tmp_path, "grades", (CLASSES, "[0, 0.0, 1]")))  # fmt: skip


@pytest.mark.parametrize(("positive", "negative", "where", "words"), [
    ("1", "1.0", "data.negative_label", "'1.0' is read as '1' is"),
    ("True", "true", "data.negative_label", "'true' is read as 'True' is"),
    ("yes ", "no", "data.positive_label", "'yes ' begins or ends with a blank"),
])  # fmt: skip
def test_two_labels_that_are_one_or_that_no_target_can_be_are_refused(
    tmp_path: Path, positive: str, negative: str, where: str, words: str
) -> None:
    [problem] = problems_of(
        tmp_path, "churn", ('positive_label: "Yes"', f'positive_label: "{positive}"'),
        ('negative_label: "No"', f'negative_label: "{negative}"'),
    )  # fmt: skip

    assert (problem.where, words in str(problem)) == (where, True)


def test_a_label_that_marks_a_missing_value_is_refused(tmp_path: Path) -> None:
    [problem] = problems_of(tmp_path, "churn", ('negative_label: "No"', 'negative_label: "No"\n  missing: ["No"]'))

    assert problem.where == "data.negative_label"
    assert "a mark for a missing value too" in str(problem)


@given(st.sampled_from(PADDED), st.sampled_from(PADDED))
def test_what_is_one_label_here_is_one_level_behind_the_endpoint(one: str, other: str) -> None:
    assert (reading(one) == reading(other)) == (written(one) == written(other))


@given(st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-1000, max_value=1000))
def test_a_number_is_one_label_however_it_is_written(number: object) -> None:
    text = f"{number:f}"

    assert reading(text) == reading(f"{text}0") == reading(f" {text} ")
    assert math.isclose(float(reading(text)), float(text))
