"""Captured requests become drift windows: what is new is looked at, and each file counts once."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import begin_run
import pytest
from app.aws import data_bucket
from app.decide.names.times import from_iso, iso
from app.decide.watching.windows import WatchedWindow
from app.flow.watching import captured as captured_files
from app.ledger.batches import now
from app.ledger.live_versions import LiveVersion
from app.ledger.table import Write
from app.settings import settings
from lambda_context import Context
from moto_world import BUCKET, World
from published_churn import PUBLISHED

TENURE = {"kind": "number", "rows": 4_000, "missing": 0, "edges": [10.0, 20.0], "counts": [2_000, 1_000, 1_000]}
FOLDER = "captured/churn/retrain--churn/AllTraffic"


def serves(world: World, version: int = 1) -> None:
    """A version that learnt from short tenures serves, and what it is asked is captured; a window has 100 rows."""
    world.publishes(
        retrain={"on_drift": {"least_rows": 100, "windows": "9 of 9"}},
        deployment=PUBLISHED["model"]["deployment"] | {"capture": {"percent": 100}},
    )
    baseline = {"version": version, "columns": {"tenure": TENURE}}
    world.s3.put_object(Bucket=BUCKET, Key="config/baselines/churn.json", Body=json.dumps(baseline).encode())
    before = world.ledger.live_version("churn")
    world.ledger.set_live_version("churn", LiveVersion(version, f"model-{version}"), "run", before)


def captured(world: World, name: str, tenures: list[int], label: str = "No", at: datetime | None = None) -> str:
    """A file of SageMaker's, with a line for each request."""
    when = at or now() + timedelta(seconds=5)
    lines = []
    for tenure in tenures:
        sides = {
            "endpointInput": {
                "observedContentType": "text/csv", "mode": "INPUT", "data": f"{tenure}", "encoding": "CSV",
            },
            "endpointOutput": {
                "observedContentType": "text/csv", "mode": "OUTPUT", "data": f"0.25,{label}\n", "encoding": "CSV",
            },
        }  # fmt: skip
        told = {"eventId": "e", "inferenceTime": f"{when:%Y-%m-%dT%H:%M:%SZ}"}
        lines.append(json.dumps({"captureData": sides, "eventMetadata": told, "eventVersion": "0"}))
    key = f"{FOLDER}/{when:%Y/%m/%d/%H/%M-%S}-000-{name}.jsonl"
    world.s3.put_object(Bucket=BUCKET, Key=key, Body="\n".join(lines).encode())
    return key


def looks(world: World) -> list[WatchedWindow]:
    """The reconciler has the model looked at."""
    asked = {"model": "churn", "trigger": "windows", "request": "r"}
    answer: dict[str, Any] = begin_run.handler(asked, Context())
    assert answer["held_back"] == "not due"
    return world.ledger.newest_windows("churn", "drift", 10)


def test_captured_requests_add_up_to_a_window_and_each_file_counts_once(world: World) -> None:
    serves(world)
    captured(world, "a", [5] * 30 + [15] * 15 + [25] * 15)
    assert looks(world) == []
    assert looks(world) == []

    captured(world, "b", [5] * 30 + [15] * 15 + [25] * 15)

    (window,) = looks(world)
    assert (window.source, window.rows, window.version, window.details["drifted"]) == ("captured", 120, 1, [])
    assert looks(world) == [window]


def test_requests_that_are_others_than_what_was_learnt_from_drift(world: World) -> None:
    serves(world)
    captured(world, "a", [99] * 100)

    (window,) = looks(world)
    assert window.details["drifted"] == ["tenure"]


def test_a_file_that_comes_late_under_an_older_name_counts(world: World) -> None:
    serves(world)
    first = now() + timedelta(minutes=50)
    captured(world, "a", [5] * 60, at=first)
    looks(world)

    captured(world, "late", [5] * 60, at=first - timedelta(minutes=20))

    (window,) = looks(world)
    assert window.rows == 120


def test_what_an_earlier_version_answered_is_let_go(world: World) -> None:
    serves(world)
    captured(world, "a", [99] * 100, at=now() - timedelta(minutes=2))

    assert looks(world) == []


def test_requests_that_are_none_of_this_model_count_as_none(world: World) -> None:
    serves(world)
    key = captured(world, "a", [5] * 40)
    body = world.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
    broken = body.replace(b'"data": "5"', b'"data": "five"', 39)
    world.s3.put_object(Bucket=BUCKET, Key=key, Body=b"no JSON\n" + broken)
    captured(world, "b", [5] * 99)

    (window,) = looks(world)
    assert window.rows == 100


def test_nothing_is_looked_at_of_a_model_that_captures_nothing(world: World) -> None:
    serves(world)
    captured(world, "a", [99] * 100)
    world.publishes(retrain={"on_drift": {"least_rows": 100, "windows": "9 of 9"}})

    assert looks(world) == []


def spoilt(world: World, key: str, line: bytes) -> None:
    """The file begins with another line."""
    body = world.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
    world.s3.put_object(Bucket=BUCKET, Key=key, Body=line + b"\n" + body)


@pytest.mark.parametrize(
    "line",
    [
        b"[" * 100_000,
        b"\xff",
        b'{"captureData": {"endpointInput": {}}, "eventMetadata": {"inferenceTime": "9999-12-31T23:59:59-23:59"}}',
    ],
    ids=["deep", "no UTF-8", "a time beyond all calendars"],
)
def test_a_line_that_nobody_can_read_counts_as_unread_and_people_are_told(world: World, line: bytes) -> None:
    serves(world)
    spoilt(world, captured(world, "a", [5] * 40), line)
    spoilt(world, captured(world, "b", [5] * 60), line)

    (window,) = looks(world)

    assert window.rows == 100
    assert looks(world) == [window]
    (mail,) = world.mail()
    assert "2 requests or files cannot be read as requests of this model" in mail


def test_a_file_that_is_dated_later_than_now_holds_up_nothing_and_waits(world: World) -> None:
    serves(world)
    captured(world, "later", [99] * 100, at=datetime(2199, 1, 1, tzinfo=UTC))
    looks(world)
    captured(world, "a", [5] * 50 + [15] * 25 + [25] * 25)

    (window,) = looks(world)

    assert (window.rows, window.details["drifted"]) == (100, [])
    assert from_iso(window.end) <= now()
    (mail,) = world.mail()
    assert "1 files are dated later than now" in mail


def test_an_hour_that_an_earlier_release_took_from_a_later_date_is_looked_at_anew(world: World) -> None:
    serves(world)
    world.ledger.note_captured_until("churn", "2198/12/31/23")
    captured(world, "a", [5] * 100)

    (window,) = looks(world)
    assert window.rows == 100


def test_files_of_a_busy_minute_that_no_look_will_count_are_told_once(world: World) -> None:
    serves(world)
    world.ledger.write(Write("MODEL#churn", "LIVE", set={"since": iso(now() - timedelta(hours=6))}))
    busy = now() - timedelta(hours=4)
    for number in range(12):
        captured(world, f"{number}", [5], at=busy)
    captured(world, "newer", [5], at=busy + timedelta(hours=2))
    model, needed = data_bucket.published(BUCKET, "churn"), settings(*begin_run.SETTINGS)

    first, second = captured_files.look(model, needed), captured_files.look(model, needed)

    assert (first.files, first.left_out) == (11, 2)
    assert (second.files, second.left_out) == (0, 0)
