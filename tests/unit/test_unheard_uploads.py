"""Uploads of which no event was heard: what a pass through the bucket looks up, and how it goes on."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from app.decide.messages import DatasetArrived
from app.decide.scoring_messages import ScoringRequested
from app.decide.uploads.unheard import (
    IN_ONE,
    IN_PARTS,
    NAMES_KNOWN,
    Marker,
    Pass,
    StoredObject,
    advanced,
    arrival_event,
    first_pass,
    is_due,
    is_recorded,
    listed,
    next_pass,
    rescan,
    scoring_event,
)
from app.errors import BadMessage

from cli.stack.rows.rescan import young_text

AT = datetime(2026, 3, 14, 10, 15, tzinfo=UTC)
EARLIER = AT - timedelta(days=30)


def stored(key: str = "incoming/churn/a.csv", **facts: Any) -> StoredObject:
    return StoredObject(**{"key": key, "version_id": "v1", "etag": "ab", "size_bytes": 9, "modified_at": AT} | facts)


def test_the_first_pass_looks_at_whatever_was_stored() -> None:
    assert is_due(stored(modified_at=EARLIER), first_pass(AT))


def test_what_was_stored_just_now_is_left_to_the_next_pass() -> None:
    late = stored(modified_at=AT + timedelta(seconds=1))

    assert not is_due(late, first_pass(AT))
    assert is_due(late, next_pass(first_pass(AT)._replace(prefix=""), AT + timedelta(minutes=5)))


@pytest.mark.parametrize(("etag", "reaches_back"), [("ab", IN_ONE), ("ab-7", IN_PARTS)])
def test_a_pass_reaches_back_as_long_as_an_upload_may_take(etag: str, reaches_back: timedelta) -> None:
    current = first_pass(AT + timedelta(minutes=5), since=AT)

    assert is_due(stored(etag=etag, modified_at=AT - reaches_back), current)
    assert not is_due(stored(etag=etag, modified_at=AT - reaches_back - timedelta(seconds=1)), current)


def test_a_file_that_may_have_been_scored_and_forgotten_is_not_scored_again() -> None:
    old = stored("scoring/churn/a.csv", modified_at=AT - NAMES_KNOWN - timedelta(days=1))

    assert not is_due(old, first_pass(AT))
    assert is_due(old._replace(modified_at=EARLIER), first_pass(AT))


def test_a_pass_goes_through_all_prefixes_and_is_done() -> None:
    begun = first_pass(AT)
    further = advanced(begun, Marker("incoming/churn/a.csv", "v1"))
    second = advanced(further, None)

    assert (begun.prefix, begun.after) == ("incoming/", Marker())
    assert (further.prefix, further.after) == ("incoming/", Marker("incoming/churn/a.csv", "v1"))
    assert (second.prefix, second.after) == ("scoring/", Marker())
    assert advanced(second, None).prefix == "labels/"
    assert advanced(advanced(second, None), None).done


def test_a_pass_that_is_not_done_goes_on_and_the_next_begins_where_it_ended() -> None:
    half, later = advanced(first_pass(AT), Marker("incoming/churn/a.csv", "v1")), AT + timedelta(minutes=5)

    assert next_pass(half, later) == half
    assert next_pass(half._replace(prefix=""), later) == first_pass(later, since=AT)


def test_a_rescan_is_of_one_model_and_can_go_on() -> None:
    begun = rescan({"model": "churn"}, AT)

    assert begun == Pass(None, AT, "incoming/churn/", model="churn")
    assert rescan(begun.document(), AT + timedelta(days=1)) == begun
    assert advanced(begun, None).prefix == "scoring/churn/"


def test_a_rescan_of_another_form_is_refused() -> None:
    with pytest.raises(BadMessage, match="Pass"):
        rescan({"until": "yesterday"}, AT)


@pytest.mark.parametrize(
    ("key", "size_bytes"),
    [("incoming/churn/_SUCCESS", 9), ("incoming/churn/", 0), ("incoming/churn/a.csv", 0), ("labels/churn/.a", 9)],
)
def test_what_its_event_would_not_have_recorded_is_left_alone(key: str, size_bytes: int) -> None:
    assert not is_recorded(stored(key, size_bytes=size_bytes))
    assert is_recorded(stored())
    assert is_recorded(stored("labels/churn/a.csv"))


def test_the_events_are_those_that_s3_would_have_sent() -> None:
    arrival, scoring = stored(), stored("scoring/churn/a.csv")
    parsed = DatasetArrived.parse(arrival_event("data", arrival))

    assert parsed == DatasetArrived("data", arrival.key, "v1", "ab", 9, AT)
    assert ScoringRequested.parse(scoring_event("data", scoring)) == ScoringRequested("data", scoring.key, "v1")


def test_only_the_newest_versions_of_a_page_are_looked_at() -> None:
    facts = {"VersionId": "v1", "ETag": '"ab"', "Size": 9, "LastModified": AT}
    page = {
        "Versions": [{"Key": "a", "IsLatest": True} | facts, {"Key": "a", "IsLatest": False} | facts],
        "DeleteMarkers": [{"Key": "b", "VersionId": "v2", "IsLatest": True}],
    }

    assert list(listed(page)) == [StoredObject("a", "v1", "ab", 9, AT)]


def test_an_upload_to_a_young_stack_says_what_s3_may_miss() -> None:
    text = young_text("retrain", "churn", AT, AT + timedelta(minutes=4))

    assert text == (
        "stack 'retrain' is 4 minutes old, and S3 may tell of no upload in its first ones. One that it does not tell of"
        " is found within 10 minutes, or at once with `retrain upload churn --rescan`"
    )
    assert young_text("retrain", "churn", AT, AT + timedelta(minutes=10)) == ""
