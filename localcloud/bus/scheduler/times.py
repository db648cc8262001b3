"""When a schedule of EventBridge Scheduler fires: ``rate(...)``, ``cron(...)`` and ``at(...)`` in a time zone. Pure.

Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

from localcloud.bus import schedules
from localcloud.bus.schedules import BadSchedule

AT = re.compile(r"at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)")


@dataclass(frozen=True)
class When:
    """A schedule's times; start and end are inclusive."""

    expression: str
    timezone: str
    created: datetime
    start: datetime | None = None
    end: datetime | None = None


def check(expression: str, timezone: str) -> None:
    """Refuse what no schedule can follow.

    Raises:
        BadSchedule: it is none of the three, or there is no such time zone.
    """
    if timezone not in available_timezones():
        raise BadSchedule(f"{timezone} is no time zone")
    if not AT.fullmatch(expression):
        schedules.parse(expression)
        return
    try:
        datetime.fromisoformat(expression[3:-1])
    except ValueError:
        raise BadSchedule(f"{expression} is no time") from None


def next_invocation(when: When, after: datetime) -> datetime | None:
    """The first time after ``after`` at which a schedule fires; None when it never does again."""
    if when.start is not None and when.start > after:
        after = when.start - timedelta(microseconds=1)
    found = _next(when, after)
    return None if found is None or (when.end is not None and found > when.end) else found


def _next(when: When, after: datetime) -> datetime | None:
    zone = ZoneInfo(when.timezone)
    if at := AT.fullmatch(when.expression):
        once = _instant(datetime.fromisoformat(at[1]), zone)
        return once if once is not None and once > after else None
    parsed = schedules.parse(when.expression)
    if isinstance(parsed, int):
        return _of_rate(when.start or when.created, timedelta(seconds=parsed), after)
    return _of_cron(when.expression, zone, after)


def _of_rate(first: datetime, every: timedelta, after: datetime) -> datetime:
    """A rate fires first when it starts; a day of it is 24 hours, whatever clocks do."""
    if first > after:
        return first
    return first + ((after - first) // every + 1) * every


def _of_cron(expression: str, zone: ZoneInfo, after: datetime) -> datetime | None:
    """By the clock on the wall: a time that it skips is skipped, and one that it shows twice is its first."""
    wall = after.astimezone(zone).replace(tzinfo=UTC)
    while (shown := schedules.next_time(expression, wall)) is not None:
        found = _instant(shown.replace(tzinfo=None), zone)
        if found is not None and found > after:
            return found
        wall = shown
    return None


def _instant(wall: datetime, zone: ZoneInfo) -> datetime | None:
    """When the clock in a zone first shows a time; None where it never does."""
    found = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    return found if found.astimezone(zone).replace(tzinfo=None) == wall else None
