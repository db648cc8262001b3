"""When a scheduled rule is due: ``rate(...)`` and ``cron(...)`` in UTC. Pure.

Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

UNITS_S = {"minute": 60, "hour": 3600, "day": 86400}
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
LATEST_YEAR = 9999  # the documents say 2199, but PutRule takes cron(0 20 * * ? 2500)


class BadSchedule(ValueError):
    """The expression is neither a rate nor a cron of EventBridge's."""


def next_time(expression: str, after: datetime) -> datetime | None:
    """The first time after ``after`` (UTC) that the schedule is due; None when it never is again.

    Raises:
        BadSchedule: the expression cannot be understood.
    """
    parsed = parse(expression)
    if isinstance(parsed, _Cron):
        return _next_cron(parsed, after)
    try:
        return after + timedelta(seconds=parsed)
    except OverflowError:
        return None


def parse(expression: str) -> int | _Cron:
    """What an expression says: every so many seconds, or when.

    Raises:
        BadSchedule: AWS refuses it. No blanks around it, lower case, and one is singular: rate(1 hour), rate(2 hours).
    """
    if rate := re.fullmatch(r"rate\(([0-9]+) (minute|hour|day)(s?)\)", expression):
        if int(rate[1]) == 0 or (int(rate[1]) == 1) == bool(rate[3]):
            raise BadSchedule(f"{expression}: a rate is one minute, hour or day, or more minutes, hours or days")
        return int(rate[1]) * UNITS_S[rate[2]]
    if cron := re.fullmatch(r"cron\((.+)\)", expression):
        return _cron(cron[1].split())
    raise BadSchedule(f"{expression} is neither rate(...) nor cron(...)")


@dataclass(frozen=True)
class _Cron:
    minutes: frozenset[int]
    hours: frozenset[int]
    day_of_month: str
    months: frozenset[int]
    day_of_week: str
    years: frozenset[int]

    def has_day(self, day: datetime) -> bool:
        if day.month not in self.months or day.year not in self.years:
            return False
        if self.day_of_month != "?":
            return _in_month(self.day_of_month, day)
        return _in_week(self.day_of_week, day)


def _cron(fields: list[str]) -> _Cron:
    if len(fields) != 6:
        raise BadSchedule(f"cron takes six fields, not {len(fields)}")
    if (fields[2] == "?") == (fields[4] == "?"):
        raise BadSchedule("cron takes ? in exactly one of day-of-month and day-of-week")
    _check_days(fields[2], fields[4])
    return _Cron(
        _numbers(fields[0], 0, 59),
        _numbers(fields[1], 0, 23),
        fields[2],
        _numbers(fields[3], 1, 12, MONTHS),
        fields[4],
        _numbers(fields[5], 1970, LATEST_YEAR),
    )


def _check_days(of_month: str, of_week: str) -> None:
    """The two fields of days, which a schedule looks at only on the days of its months and years."""
    any_day = datetime(2000, 1, 1, tzinfo=UTC)
    if of_month != "?":
        _in_month(of_month, any_day)
    else:
        _in_week(of_week, any_day)


def _next_cron(cron: _Cron, after: datetime) -> datetime | None:
    first = (after + timedelta(minutes=1)).replace(second=0, microsecond=0)
    day = first.replace(hour=0, minute=0)
    last_year = max(cron.years, default=0)
    while day.year <= min(last_year, first.year + 8):
        if cron.has_day(day):
            times = (
                day.replace(hour=hour, minute=minute) for hour in sorted(cron.hours) for minute in sorted(cron.minutes)
            )
            found = next((time for time in times if time >= first), None)
            if found is not None:
                return found
        day += timedelta(days=1)
    return None


def _numbers(field: str, low: int, high: int, names: tuple[str, ...] = (), first_name: int = 1) -> frozenset[int]:
    found: set[int] = set()
    for part in field.upper().split(","):
        span, slash, step = part.partition("/")
        start, dash, end = span.partition("-")
        if start == "*" and not dash:
            begin, finish = low, high
        else:
            begin = _number(start, names, first_name)
            finish = _number(end, names, first_name) if dash else (high if step else begin)
        if not (low <= begin <= high and low <= finish <= high) or (slash and not re.fullmatch("0*[1-9][0-9]*", step)):
            raise BadSchedule(f"{field} is not a cron field from {low} to {high}")
        if begin > finish:  # FRI-MON
            found |= set(range(begin, high + 1, int(step or 1))) | set(range(low, finish + 1, int(step or 1)))
        else:
            found |= set(range(begin, finish + 1, int(step or 1)))
    return frozenset(found)


def _number(text: str, names: tuple[str, ...], first_name: int) -> int:
    if text in names:
        return names.index(text) + first_name
    if re.fullmatch("[0-9]+", text):
        return int(text)
    raise BadSchedule(f"{text} is not a number" + (f" or one of {', '.join(names)}" if names else ""))


def _in_month(field: str, day: datetime) -> bool:
    last = monthrange(day.year, day.month)[1]
    if field.upper() == "L":
        return day.day == last
    if field.upper().endswith("W"):
        return day.day == _nearest_weekday(day, min(_one(field[:-1], 1, 31), last), last)
    return day.day in _numbers(field, 1, 31)


def _nearest_weekday(day: datetime, wanted: int, last: int) -> int:
    weekday = day.replace(day=wanted).weekday()
    if weekday == 5:
        return wanted - 1 if wanted > 1 else wanted + 2
    if weekday == 6:
        return wanted + 1 if wanted < last else wanted - 2
    return wanted


def _in_week(field: str, day: datetime) -> bool:
    number = (day.weekday() + 1) % 7 + 1  # SUN is 1
    upper = field.upper()
    if "#" in upper:
        name, _, which = upper.partition("#")
        return (number, (day.day - 1) // 7 + 1) == (_one(name, 1, 7, DAYS), _one(which, 1, 5))
    if upper == "L":
        return number == 7
    if upper.endswith("L"):
        return number == _one(upper[:-1], 1, 7, DAYS) and day.day + 7 > monthrange(day.year, day.month)[1]
    return number in _numbers(field, 1, 7, DAYS)


def _one(field: str, low: int, high: int, names: tuple[str, ...] = ()) -> int:
    if low <= (number := _number(field, names, 1)) <= high:
        return number
    raise BadSchedule(f"{field} is not from {low} to {high}")
