"""What data capture writes of a request and its answer: AWS's lines, and AWS's names of files."""

import base64
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from localcloud.sagemaker.endpoints.data_capture import Exchange, key_of, line, summary

AT = datetime(2026, 7, 30, 13, 36, 30, 412_000, tzinfo=UTC)
KINDS = {"CsvContentTypes": ["text/csv"], "JsonContentTypes": ["application/json"]}
BOTH = [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}]
ASKED = Exchange(b"0.00632,18.00", "text/csv", b'{"a": 1}', "application/json; charset=utf-8", "", AT)


def config(**changes: Any) -> dict[str, Any]:
    whole = {
        "InitialSamplingPercentage": 100, "DestinationS3Uri": "s3://bucket/captured/churn", "CaptureOptions": BOTH,
        "CaptureContentTypeHeader": KINDS,
    }  # fmt: skip
    return whole | changes


def test_a_line_has_both_ways_as_text_where_their_content_types_are_named() -> None:
    found = line(config(), ASKED)

    event = found["eventMetadata"].pop("eventId")
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", event)
    assert found == {
        "captureData": {
            "endpointInput": {
                "observedContentType": "text/csv", "mode": "INPUT", "data": "0.00632,18.00", "encoding": "CSV",
            },
            "endpointOutput": {
                "observedContentType": "application/json; charset=utf-8", "mode": "OUTPUT", "data": '{"a": 1}',
                "encoding": "JSON",
            },
        },
        "eventMetadata": {"inferenceTime": "2026-07-30T13:36:30Z"},
        "eventVersion": "0",
    }  # fmt: skip


def test_without_named_content_types_all_is_base64() -> None:
    whole = config()
    del whole["CaptureContentTypeHeader"]

    found = line(whole, ASKED)["captureData"]["endpointInput"]
    assert (found["encoding"], base64.b64decode(found["data"])) == ("BASE64", ASKED.asked)


@pytest.mark.parametrize(
    ("mode", "kept"),
    [("Input", ["endpointInput"]), ("Output", ["endpointOutput"]),
     ("InputAndOutput", ["endpointInput", "endpointOutput"])],
)  # fmt: skip
def test_only_what_is_asked_for_is_captured(mode: str, kept: list[str]) -> None:
    assert list(line(config(CaptureOptions=[{"CaptureMode": mode}]), ASKED)["captureData"]) == kept


def test_the_id_of_the_caller_is_in_the_line() -> None:
    assert line(config(), ASKED._replace(inference_id="c-17"))["eventMetadata"]["inferenceId"] == "c-17"


@pytest.mark.parametrize(("prefix", "folder"), [("captured/churn", "captured/churn/"), ("", "")])
def test_files_lie_by_endpoint_variant_and_hour(prefix: str, folder: str) -> None:
    key = key_of(prefix, "churn", "AllTraffic", AT)

    assert re.fullmatch(rf"{folder}churn/AllTraffic/2026/07/30/13/36-30-412-[0-9a-f-]{{36}}\.jsonl", key)


def test_what_is_described_says_whether_it_goes_on() -> None:
    assert summary(None, serves=True) is None
    shown = ("EnableCapture", "CaptureStatus", "CurrentSamplingPercentage")
    found = [summary(config(EnableCapture=enabled), serves=True) or {} for enabled in (True, False)]
    assert [[one[name] for name in shown] for one in found] == [[True, "Started", 100], [False, "Stopped", 100]]
