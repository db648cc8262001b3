"""Calendar months, in UTC, as AWS bills: which one a time is in, and how much of one lies in a span. Pure: no clock."""

from datetime import UTC, datetime


def month_of(at: datetime) -> str:
    """The month that a time is in: ``2026-11``."""
    return f"{at.astimezone(UTC):%Y-%m}"


def begin_of(month: str) -> datetime:
    """When a month begins.

    Raises:
        ValueError: it is no month of the form ``2026-11``.
    """
    return datetime.strptime(month, "%Y-%m").replace(tzinfo=UTC)


def end_of(month: str) -> datetime:
    """When a month ends, which is when the next one begins."""
    begin = begin_of(month)
    return begin.replace(year=begin.year + begin.month // 12, month=begin.month % 12 + 1)


def months_until(last: str, number: int) -> list[str]:
    """So many months in a row, of which ``last`` is the last; newest first."""
    begin = begin_of(last)
    counted = [begin.year * 12 + begin.month - 1 - back for back in range(number)]
    return [f"{count // 12:04}-{count % 12 + 1:02}" for count in counted]


def seconds_in(month: str, since: datetime, until: datetime) -> float:
    """Seconds from ``since`` to ``until`` that lie in a month."""
    return max(0.0, (min(until, end_of(month)) - max(since, begin_of(month))).total_seconds())
