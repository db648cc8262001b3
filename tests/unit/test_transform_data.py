"""Batch transform's records: how they are cut, filtered, joined and put together."""

from __future__ import annotations

import gzip
from typing import Any

import pytest

from localcloud.sagemaker.transforms import transform_data
from localcloud.sagemaker.transforms.json_paths import BadPath, compiled
from localcloud.sagemaker.transforms.transform_data import BadTransform, Form, unpacked

RECORD = {"id": 7, "features": [1, 2, 3], "more": {"a": 1, "b": 2}}


def form(**more: Any) -> Form:
    usual = {"split": True, "single": False, "assembled": True, "most_bytes": 0, "content_type": "text/csv"}
    return Form(**{**usual, "accept": "", **more})


@pytest.mark.parametrize(
    ("path", "record", "found"),
    [
        ("$", RECORD, RECORD),
        ("$.features", RECORD, [1, 2, 3]),
        ("$['id','features']", RECORD, {"id": 7, "features": [1, 2, 3]}),
        ("$.more.b", RECORD, 2),
        ("$.more.*", RECORD, [1, 2]),
        ("$[1:]", ["a", "b", "c"], ["b", "c"]),
        ("$[0,-1]", ["a", "b", "c"], ["a", "c"]),
        ("$[0,2:]", ["a", "b", "c", "d"], ["a", "c", "d"]),
        ("$[:2]", ["a", "b", "c"], ["a", "b"]),
        ("$[1]", ["a", "b", "c"], "b"),
        ("$.features[0]", RECORD, 1),
    ],
)
def test_a_path_selects_as_batch_transform_does(path: str, record: Any, found: Any) -> None:
    assert compiled(path)(record) == found


@pytest.mark.parametrize("path", ["id", "$..id", "$[?(@.id)]", "$[a]", "$[0", "$." + "a" * 70])
def test_a_path_with_other_operators_is_refused(path: str) -> None:
    with pytest.raises(BadPath):
        compiled(path)


@pytest.mark.parametrize(
    ("path", "record"), [("$.name", RECORD), ("$[3]", [1, 2, 3]), ("$[0]", RECORD), ("$[5:]", [1])]
)
def test_a_path_that_points_at_nothing_says_so(path: str, record: Any) -> None:
    with pytest.raises(BadPath, match=r"there is no|is not within"):
        compiled(path)(record)


def test_lines_are_put_together_up_to_the_payload() -> None:
    data = b"aaaa\nbbbb\r\n\ncccc\ndddd"

    assert list(form(most_bytes=10).requests(data)) == [[b"aaaa", b"bbbb"], [b"cccc", b"dddd"]]
    assert list(form(single=True).requests(data)) == [[b"aaaa"], [b"bbbb"], [b"cccc"], [b"dddd"]]
    assert list(form().requests(data)) == [[b"aaaa", b"bbbb", b"cccc", b"dddd"]]


def test_a_whole_object_is_one_record_unless_it_is_split() -> None:
    assert list(form(split=False).requests(b"a\nb\n")) == [[b"a\nb\n"]]


def test_a_record_that_no_request_can_hold_is_refused() -> None:
    with pytest.raises(BadTransform, match="Too much data for max payload size: a record has 5 bytes"):
        list(form(most_bytes=4).requests(b"aa\naaaaa\n"))


def test_an_id_is_kept_from_the_model_and_joined_to_its_answer() -> None:
    asked = form(input_filter="$[1:]", output_filter="$[0,-1]", joined=True)
    records = [b'7,1.5,"a, b"', b"8,2.5,c"]

    assert asked.body(records) == b'1.5,"a, b"\n2.5,c'
    assert asked.output(records, b"0.25,Yes\n0.75,No\n") == b"7,Yes\n8,No\n"


def test_a_csv_record_is_joined_whole() -> None:
    assert form(joined=True).output([b'7,"a, b"'], b"0.25\n") == b'7,"a, b",0.25\n'


def test_json_lines_are_joined_under_their_key() -> None:
    asked = form(content_type="application/jsonlines", joined=True, output_filter="$['id','SageMakerOutput']")

    found = asked.output([b'{"id": 7, "x": 1}'], b'{"score": 0.5}')

    assert found == b'{"id": 7, "SageMakerOutput": {"score": 0.5}}\n'


def test_a_json_array_is_joined_as_input_and_output() -> None:
    found = form(content_type="application/jsonlines", joined=True).output([b"[1, 2]"], b"0.5")

    assert found == b'{"SageMakerInput": [1, 2], "SageMakerOutput": 0.5}\n'


def test_answers_that_do_not_fit_their_records_are_refused() -> None:
    with pytest.raises(BadTransform, match=r"mismatched line count between the input and the output \(2 and 1\)"):
        form(joined=True).output([b"1", b"2"], b"0.5\n")


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"input_filter": "$..x"}, "batch transform does not take"),
        ({"joined": True, "split": False}, "needs SplitType Line"),
        ({"joined": True, "content_type": "application/x-image"}, "takes CSV and JSON"),
        ({"joined": True, "accept": "application/jsonlines"}, "Accept application/jsonlines alike"),
    ],
)
def test_parts_that_do_not_go_together_are_refused(more: dict[str, Any], told: str) -> None:
    with pytest.raises(BadTransform, match=told):
        form(**more)


def test_answers_are_kept_as_they_came_unless_they_are_assembled_by_line() -> None:
    assert form(assembled=False).output([b"1"], b"0.5") == b"0.5"
    assert form(assembled=True).output([b"1"], b"0.5\n") == b"0.5\n"


PACKED = gzip.compress(b"1,2\n" * 1000)


@pytest.mark.parametrize(
    "data", [b"1,2\n", PACKED[:-9], PACKED[:20] + b"\0" * 9 + PACKED[29:], b"\x1f\x8b"],
    ids=["no gzip", "cut off", "damaged", "two bytes"],
)  # fmt: skip
def test_an_object_that_gzip_cannot_read_fails_with_why(data: bytes) -> None:
    with pytest.raises(BadTransform, match="cannot decompress it with gzip: "):
        unpacked(data)


def test_an_object_of_a_few_bytes_that_stands_for_gigabytes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transform_data, "MOST_UNPACKED_BYTES", 1000)

    with pytest.raises(BadTransform, match="decompresses to more than 1,000 bytes"):
        unpacked(PACKED)
