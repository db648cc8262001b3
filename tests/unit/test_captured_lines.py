"""Lines of data capture: which rows were asked about, and what was answered."""

import base64
import json
from datetime import UTC, datetime

import pytest
from app.decide.uploads.profiles import Kind
from app.decide.uploads.published_model import Data
from app.decide.watching.captured_lines import Captured, Unread, begun_at, hour_of, rows_of

AT = "2026-07-30T13:36:30Z"
NUMBER, LEVEL = Kind(True, frozenset()), Kind(False, frozenset())
CHURN = Data("y", "id", ("Yes", "No"), (), ("id", "a", "b", "y"), True, {"a": NUMBER, "b": LEVEL})
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
