"""When EventBridge Scheduler's schedules fire: by a clock on the wall, by a rate, or once."""

from datetime import UTC, datetime

import pytest

from localcloud.bus.scheduler.times import When, check, next_invocation
from localcloud.bus.schedules import BadSchedule

CREATED = datetime(2026, 3, 1, 10, 0, tzinfo=UTC)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def fires(expression: str, after: str, zone: str = "Europe/Berlin", **bounds: datetime) -> str | None:
    found = next_invocation(When(expression, zone, CREATED, **bounds), at(after))
    return found.strftime("%Y-%m-%dT%H:%M") if found else None


def test_a_cron_goes_by_the_clock_of_its_time_zone_in_winter_and_in_summer() -> None:
    assert fires("cron(0 6 ? * MON *)", "2026-03-02T05:00:00") == "2026-03-09T05:00"
    assert fires("cron(0 6 ? * MON *)", "2026-04-01T00:00:00") == "2026-04-06T04:00"
    assert fires("cron(0 6 ? * MON *)", "2026-04-01T00:00:00", "UTC") == "2026-04-06T06:00"


def test_a_time_that_the_clock_skips_is_skipped() -> None:
    assert fires("cron(30 2 * * ? *)", "2026-03-28T12:00:00") == "2026-03-30T00:30"


def test_a_time_that_the_clock_shows_twice_comes_once() -> None:
    assert fires("cron(30 2 * * ? *)", "2026-10-24T12:00:00") == "2026-10-25T00:30"
    assert fires("cron(30 2 * * ? *)", "2026-10-25T00:30:00") == "2026-10-26T01:30"


def test_a_rate_begins_when_it_is_made_or_with_its_start_and_a_day_is_24_hours() -> None:
    assert fires("rate(1 day)", "2026-03-01T09:59:59") == "2026-03-01T10:00"
    assert fires("rate(1 day)", "2026-03-28T10:00:00") == "2026-03-29T10:00"
    assert fires("rate(1 day)", "2026-03-01T10:00:00", start=at("2026-03-05T00:00:00")) == "2026-03-05T00:00"
    assert fires("rate(90 minutes)", "2026-03-01T10:00:00") == "2026-03-01T11:30"


def test_once_is_once() -> None:
    assert fires("at(2026-07-01T08:00:00)", "2026-03-01T00:00:00") == "2026-07-01T06:00"
    assert fires("at(2026-07-01T08:00:00)", "2026-07-01T06:00:00") is None
    assert fires("at(2026-03-29T02:30:00)", "2026-03-01T00:00:00") is None


def test_nothing_fires_before_its_start_or_after_its_end() -> None:
    assert fires("cron(0 6 * * ? *)", "2026-05-01T00:00:00", start=at("2026-06-01T04:00:00")) == "2026-06-01T04:00"
    assert fires("cron(0 6 * * ? *)", "2026-05-01T00:00:00", end=at("2026-05-01T03:59:59")) is None


@pytest.mark.parametrize(
    ("expression", "zone"),
    [("cron(0 6 * * MON *)", "UTC"), ("rate(0 days)", "UTC"), ("at(2026-13-01T00:00:00)", "UTC"),
     ("at(noon)", "UTC"), ("rate(1 day)", "Mars/Olympus")],
)  # fmt: skip
def test_what_no_schedule_can_follow_is_refused(expression: str, zone: str) -> None:
    with pytest.raises(BadSchedule):
        check(expression, zone)
