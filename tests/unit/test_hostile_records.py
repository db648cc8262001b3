"""What anybody who may ask an endpoint can send: a refusal in one line, bounded, never a fault of the server."""

import json
from typing import Any

import inference
import pytest
from artifact.answers import BinaryAnswer
from features.features import CategoryColumn, Features, NumberColumn
from job.refusals import MOST

COLUMNS = (CategoryColumn("plan", {"basic": 0, "gold": 1}), NumberColumn("spent"))
FEATURES = Features("m", COLUMNS, BinaryAnswer("Yes", "No"), "left", "id", (), {})
MODEL = inference.Model(lambda matrix: matrix[:, 1], FEATURES)
CSV, JSON, LINES = "text/csv", "application/json", "application/jsonlines"


def instances(*records: Any) -> str:
    return json.dumps({"instances": list(records)})


BODIES: dict[str, tuple[str | bytes, str]] = {
    "nothing": ("", CSV),
    "line breaks alone": ("\n\r\n\n", CSV),
    "too few fields": ("gold", CSV),
    "100,000 fields": ("," * 100_000, CSV),
    "a text for a number": ("gold,many", CSV),
    "a number of 100,000 digits and a letter": ("gold," + "9" * 100_000 + "x", CSV),
    "an escape for a number": ("gold,\x1b[2J\x07", CSV),
    "bidi controls for a number": ("gold,\u202e12", CSV),
    "line breaks for a number": ('gold,"1\n\nTo approve:\n"', CSV),
    "an underscore in a number": ("gold,1_000", CSV),
    "a quote that never ends": ('"gold,1', CSV),
    "a quote in the middle": ('go"ld"x,1\n"a"b,2', CSV),
    "bytes that are no text": (b"gold,\xff", CSV),
    "half a pair": (b"gold,\xed\xa0\x80", CSV),
    "UTF-16": ("gold,1".encode("utf-16"), CSV),
    "a header alone": ("plan,spent\n", CSV),
    "a header of other names": ("plan,nothing\ngold,1\n", CSV),
    "no JSON": ("{", JSON),
    "a number alone": ("1", JSON),
    "deep JSON": ("[" * 100_000, JSON),
    "deep lines": ("[" * 100_000, LINES),
    "no instances": ("{}", JSON),
    "instances that are none": (instances(), JSON),
    "an instance that is a list": (instances([1]), JSON),
    "an instance without a column": (instances({"plan": "gold"}), JSON),
    "an object for a number": (instances({"plan": "gold", "spent": {"a": 1}}), JSON),
    "a list for a level": (instances({"plan": ["gold"], "spent": 1}), JSON),
    "a text for a number, in JSON": (instances({"plan": "gold", "spent": "\x1b[2J\u202e\n"}), JSON),
    "half a character": ('{"instances": [{"plan": "gold", "spent": "\\ud800"}]}', JSON),
    "a list that is too short": ('["gold"]', LINES),
    "lines of which one is none": ('["gold", "1"]\nx', LINES),
    "a content type of our own": ("gold,1", "text/csv-ish\r\nX-Forged: 1"),
    "a content type that is long": ("gold,1", "x" * 100_000),
}  # fmt: skip
ODD_BUT_GOOD = {
    "no number": ("gold,nan", CSV),
    "an endless number": ("gold,inf", CSV),
    "a number beyond all": ("gold,1e999", CSV),
    "a level that nobody knows": ("\x1b[2J\u202e,1", CSV),
    "a level of a million characters": ("g" * 1_000_000 + ",1", CSV),
    "null": (instances({"plan": None, "spent": None}), JSON),
    "more columns": (instances({"plan": "gold", "spent": 1, "__proto__": "x", "left": "Yes"}), JSON),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_record_that_cannot_be_read_is_refused_in_a_line(name: str) -> None:
    body, content_type = BODIES[name]

    answer = inference.transform_fn(MODEL, body, content_type, "application/json")

    assert 400 <= answer.status_code < 500
    error = json.loads(answer.get_data())["error"]
    assert error
    assert error.isprintable()
    assert len(error) <= MOST
    assert "X-Forged" not in str(answer.headers)


@pytest.mark.parametrize("name", ODD_BUT_GOOD)
def test_an_odd_record_has_an_answer(name: str) -> None:
    body, content_type = ODD_BUT_GOOD[name]

    text, media = inference.transform_fn(MODEL, body, content_type, "application/json")

    assert media == JSON
    assert len(json.loads(text)["predictions"]) == 1
