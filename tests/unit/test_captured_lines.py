"""Lines of data capture: which rows were asked about, and what was answered."""

import base64
import json
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from app.decide.uploads.profiles import Kind
from app.decide.uploads.published_model import Data, Model
from app.decide.watching.captured_lines import (
    PER_MINUTE,
    Captured,
    Unread,
    begun_at,
    files_in,
    hour_of,
    rows_of,
    sampled,
)
from app.decide.watching.label_join import LabelJoin
from app.flow.watching import captured
from hypothesis import example, given
from hypothesis import strategies as st
from published_churn import PUBLISHED

AT = "2026-07-30T13:36:30Z"
NUMBER, LEVEL = Kind(True, frozenset()), Kind(False, frozenset())
CHURN = Data("y", "id", ("Yes", "No"), (), ("id", "a", "b", "y"), True, {"a": NUMBER, "b": LEVEL})
MODEL = Model.parse(json.dumps(PUBLISHED))
PRICE = CHURN._replace(labels=())


def side(text: str, media: str = "text/csv", encoding: str = "") -> dict[str, str]:
    known = encoding or {"text/csv": "CSV"}.get(media.partition(";")[0], "JSON")
    data = base64.b64encode(text.encode()).decode() if known == "BASE64" else text
    return {"observedContentType": media, "mode": "INPUT", "data": data, "encoding": known}


def line(asked: dict[str, str], answered: dict[str, str], **told: str) -> str:
    sides = {"endpointInput": asked, "endpointOutput": answered}
    event = {"eventId": "e-1", "inferenceTime": AT} | told
    return json.dumps({"captureData": sides, "eventMetadata": event, "eventVersion": "0"})


def test_a_row_as_csv_has_its_answer_and_the_callers_id() -> None:
    found = list(rows_of(line(side("5,x"), side("0.25,No\n", "text/csv; charset=utf-8"), inferenceId="c-1"), CHURN))

    assert found == [Captured(["5", "x"], ["0.25", "No"], "c-1", AT)]


@pytest.mark.parametrize(
    ("asked", "media"),
    [
        ("5,x\n6,y\n", "text/csv"),
        ("b,a\nx,5\ny,6\n", "text/csv"),
        ('{"instances": [{"a": 5, "b": "x"}, {"b": "y", "a": 6}]}', "application/json"),
    ],
    ids=["csv", "csv with a header", "json"],
)
@pytest.mark.parametrize("encoding", ["", "BASE64"], ids=["text", "base64"])
def test_rows_are_read_as_the_container_reads_them(asked: str, media: str, encoding: str) -> None:
    answers = '{"predictions": [{"probability": 0.25, "label": "No"}, {"probability": 0.75, "label": "Yes"}]}'

    found = list(rows_of(line(side(asked, media, encoding), side(answers, "application/json"), inferenceId="c"), CHURN))

    assert [(one.record, one.answer[-1], one.id) for one in found] == [(["5", "x"], "No", ""), (["6", "y"], "Yes", "")]


def test_a_number_is_answered_as_csv_or_json() -> None:
    for answered in (side("3.5\n"), side('{"predictions": [{"value": 3.5}]}', "application/json")):
        (row,) = rows_of(line(side("5,"), answered), PRICE)
        assert (row.record, row.answer) == (["5", ""], ["3.5"])


@pytest.mark.parametrize(
    "whole",
    [
        "", "{}", "[]", line(side("5"), side("0.25,No")), line(side("5,x"), side("")),
        line(side("5,x"), side("0.25,No\n0.5,No")), line(side('{"a": 1}', "application/json"), side("0.25,No")),
        line(side("5,x", "text/plain", "BASE64"), side("0.25,No")),
        line(side("5,x"), side("0.25,No"), inferenceTime="?"),
        line({**side("5,x"), "encoding": "BASE64"}, side("0.25,No")),
    ],
)  # fmt: skip
def test_what_is_no_request_of_this_model_is_said_so_and_quotes_nothing(whole: str) -> None:
    with pytest.raises(Unread) as refused:
        list(rows_of(whole, CHURN))
    assert "5" not in str(refused.value)


def test_a_number_that_is_none_is_no_answer() -> None:
    with pytest.raises(Unread):
        list(rows_of(line(side("5,x"), side("No")), PRICE))


def test_the_time_of_a_file_is_in_its_key() -> None:
    key = "captured/churn/retrain--churn/AllTraffic/2026/07/30/13/36-30-412-0a1b.jsonl"

    assert begun_at(key) == datetime(2026, 7, 30, 13, 36, 30, tzinfo=UTC)
    assert hour_of(datetime(2026, 7, 3, 4, 5, tzinfo=UTC)) == "2026/07/03/04"
    assert begun_at("captured/churn/retrain--churn/AllTraffic/notes.txt") is None
    assert begun_at("captured/churn/x/AllTraffic/2026/17/30/13/36-30-412-0a1b.jsonl") is None


FOLDER = "captured/churn/retrain--churn/AllTraffic/"


def test_of_a_busy_minute_ten_files_count_the_same_at_each_look_and_the_others_are_told() -> None:
    quiet = [f"{FOLDER}2026/07/30/13/36-{second:02}-000-a.jsonl" for second in range(PER_MINUTE)]
    busy = [f"{FOLDER}2026/07/30/13/37-{second:02}-000-{one}.jsonl" for second in range(60) for one in "ab"]

    first, second = sampled(files_in(quiet + busy, FOLDER))

    assert ([file.key for file in first[0]], first[1]) == (quiet, 0)
    assert (len(second[0]), second[1]) == (PER_MINUTE, 120 - PER_MINUTE)
    assert [file.key for file in second[0]] == sorted(file.key for file in second[0])
    assert list(sampled(files_in(quiet + busy, FOLDER))) == [first, second]


@pytest.mark.parametrize(
    "key", ["2026/07/30/13/x/2099/01/01/00/00-00-a.jsonl", "x/2026/07/30/13/36-30-a.jsonl", "0001/01/01/00/00-00-a"]
)
def test_a_file_that_lies_elsewhere_below_the_folder_is_none(key: str) -> None:
    assert list(files_in([FOLDER + key], FOLDER)) == []


plain = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
values = st.recursive(plain, lambda of: st.lists(of, max_size=3) | st.dictionaries(st.text(max_size=5), of, max_size=3))
media = st.sampled_from(["text/csv", "application/json", "text/csv; x", "x"]) | values
cells = st.text(max_size=8) | st.sampled_from(
    ["5,x", "a,b\n5,x", "\ufeff5,x\n", '"', "1" + "0" * 400, "\ud800,x", "nan,x"]
)
bodies = cells | st.builds(json.dumps, values) | st.builds(
    lambda name, rows: json.dumps({name: rows}),
    st.sampled_from(["instances", "predictions"]),
    st.lists(st.fixed_dictionaries({}, optional={"a": values, "b": values, "id": values, "label": values}), max_size=2),
)  # fmt: skip
sides = values | st.fixed_dictionaries(
    {"observedContentType": media, "encoding": st.sampled_from(["CSV", "JSON", "BASE64"]) | values, "data": bodies}
)
times = st.sampled_from([AT, "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "2026-07-30"]) | values
documents = st.builds(
    lambda asked, told, at, identity: {
        "captureData": {"endpointInput": asked, "endpointOutput": told},
        "eventMetadata": {"inferenceTime": at, "inferenceId": identity},
    },
    sides, sides, times, values,
)  # fmt: skip
lines = st.binary(max_size=40).map(lambda body: body.decode(errors="surrogateescape")) | st.builds(
    json.dumps, values | documents
)


@given(st.lists(lines, max_size=3))
@example(["[" * 100_000])
@example(["\udcff"])
@example([line(side("\ud800,\ud800"), side("0.25,\ud800"))])
@example(
    [line(side('{"instances": [{"a": ' + "[" * 900 + "]" * 900 + ', "b": 1}]}', "application/json"), side("0.1,No"))]
)
def test_whatever_a_captured_file_holds_is_counted_or_is_unread(found: list[str]) -> None:
    for data in (CHURN, PRICE):
        baseline = {"columns": {"a": {"kind": "number", "edges": [1.0], "missing": 0, "counts": [1, 1]},
                                "b": {"kind": "category", "levels": {"x": 1}, "missing": 0, "other": 0}}}  # fmt: skip
        counted = captured.counted(found, MODEL._replace(data=data), baseline, datetime(1, 1, 2, tzinfo=UTC))
        assert 0 <= counted.unread <= len(found)
        assert all(isinstance(count, int) for counts in counted.rows.counts().values() for count in counts)
        for text in found:
            with suppress(Unread):
                for row in rows_of(text, data):
                    join = LabelJoin(data, {row.id: 1.0})
                    join.answered(1, row.id, row.answer, row.at)
