"""Whatever a container answers is predictions or is refused by name: nothing else comes of reading it."""

import json
import re
from typing import Any

import pytest
from app.decide.operating.tried_records import tried
from app.decide.predictions import describe_differences, parse_answer
from app.decide.transform_plans import ScoresMissing, parse_predictions
from app.decide.uploads.profiles import Kind
from app.decide.uploads.published_model import Data
from app.decide.uploads.scores import rows_with_scores
from app.decide.watching.scored_rows import ScoredRows
from app.errors import ContainerFailed
from hypothesis import example, given
from hypothesis import strategies as st

VALUE, LABEL = [{"value": 1.0}], [{"probability": 0.5, "label": "Yes"}]
NUMBERS = Data("y", None, (), (), ("a", "y"), True, {"a": Kind(True, frozenset())})
LABELS = NUMBERS._replace(labels=("Yes", "No"))
DEEP = b"[" * 100_000
NESTED = b'{"predictions": [{"value": ' + b"[" * 500 + b"]" * 500 + b"}]}"
LONG = b'{"predictions": [{"value": 1' + b"0" * 400 + b"}]}"

plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
values = st.recursive(plain, lambda of: st.lists(of, max_size=3) | st.dictionaries(st.text(max_size=5), of, max_size=3))
shapes = values | st.fixed_dictionaries({"predictions": values}, optional={"unknown_levels": values})
rows = st.fixed_dictionaries({"predictions": st.lists(st.fixed_dictionaries({"value": values}), max_size=2)})
bodies = st.binary(max_size=40) | st.builds(lambda one: json.dumps(one).encode(), shapes | rows)


@pytest.mark.parametrize(
    "body",
    [b"{}", b"[1]", b'"x"', b"5", b"null", b'{"predictions": null}', b'{"predictions": 5}', b'{"predictions": {}}',
     b'{"predictions": ["a"]}', b'{"predictions": [null]}', b'{"predictions": [[1]]}', b"\xff", DEEP, NESTED],
)  # fmt: skip
def test_what_is_no_list_of_predictions_is_a_failure_of_the_container_that_says_what_came(body: bytes) -> None:
    with pytest.raises(ContainerFailed, match=re.escape(body[:4].decode(errors="backslashreplace"))) as failed:
        parse_answer(body)

    assert len(str(failed.value)) < 500
    assert str(failed.value).isprintable()


@pytest.mark.parametrize("value", [b"null", b'"x"', b"NaN", b"1e999", b"true", b"[]", b'{"a": 1}'])
def test_a_value_of_another_kind_differs_from_the_stored_number(value: bytes) -> None:
    predictions = parse_answer(b'{"predictions": [{"value": ' + value + b"}]}")["predictions"]

    assert "answers 1 of 1 records otherwise" in describe_differences(VALUE, predictions)


def test_a_number_that_no_float_holds_differs() -> None:
    assert "answers 1 of 1" in describe_differences(VALUE, parse_answer(LONG)["predictions"])


@given(bodies)
@example(LONG)
@example(NESTED)
@example(DEEP)
def test_an_answer_is_compared_and_shown_or_refused(body: bytes) -> None:
    try:
        document = parse_answer(body)
    except ContainerFailed:
        return

    for stored in (VALUE, LABEL):
        assert describe_differences(stored, document["predictions"]).isprintable()
    try:
        tried(document)
    except ContainerFailed:
        assert len(document["predictions"]) != 1


lines = st.binary(max_size=20) | st.sampled_from(
    [b"1.0", b"Yes,0.5", b"0.5,Yes", b"\xff", b'"a', b"\0", b"1" + b"0" * 400, b"a" * 200_000, b"0.5,\xff", b",", b'""']
)
texts = st.builds(lambda found: [one.decode(errors="surrogateescape") for one in found], st.lists(lines, max_size=3))


@given(texts)
@example(["\udcff"])
@example(["a" * 200_000])
@example(["0.5,\udcff"])
def test_lines_of_a_transform_job_are_predictions_or_are_said_to_be_none(found: list[str]) -> None:
    for stored in (VALUE, LABEL):
        try:
            describe_differences(stored, parse_predictions(found, stored))
            said = ""
        except ScoresMissing as refused:
            said = str(refused)
        assert said.isprintable()
        assert len(said) < 500


@given(texts)
@example(["x"])
@example(["0.5,\udcff"])
@example(["a" * 200_000])
@example(["1.0,2.0"])
def test_lines_that_are_joined_with_a_file_are_its_scores_or_are_said_to_be_none(found: list[str]) -> None:
    for data in (NUMBERS, LABELS):
        observer: Any = ScoredRows(data, {"columns": {}})
        try:
            joined, said = list(rows_with_scores([b"a\n" + b"1\n" * len(found)], found, data, observer)), ""
        except ScoresMissing as refused:
            joined, said = [], str(refused)
        assert said.isprintable()
        assert bool("".join(joined).encode()) is not bool(said)
        observer.counts()
