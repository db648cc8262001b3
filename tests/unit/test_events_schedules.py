"""When schedules are due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.bus.schedules import BadSchedule, next_time

NOW = datetime(2026, 2, 27, 13, 45, 30, tzinfo=UTC)  # a Friday


@pytest.mark.parametrize(
    ("expression", "due"),
    [
        ("rate(1 minute)", NOW + timedelta(minutes=1)),
        ("rate(5 minutes)", NOW + timedelta(minutes=5)),
        ("rate(2 days)", NOW + timedelta(days=2)),
        ("cron(0 12 * * ? *)", datetime(2026, 2, 28, 12, 0, tzinfo=UTC)),
        ("cron(46 13 * * ? *)", datetime(2026, 2, 27, 13, 46, tzinfo=UTC)),
        ("cron(0/15 * * * ? *)", datetime(2026, 2, 27, 14, 0, tzinfo=UTC)),
        ("cron(0 8 ? * MON-FRI *)", datetime(2026, 3, 2, 8, 0, tzinfo=UTC)),
        ("cron(0 8 1 * ? *)", datetime(2026, 3, 1, 8, 0, tzinfo=UTC)),
        ("cron(0 8 L * ? *)", datetime(2026, 2, 28, 8, 0, tzinfo=UTC)),
        ("cron(0 8 1W * ? *)", datetime(2026, 3, 2, 8, 0, tzinfo=UTC)),
        ("cron(0 8 ? * 2#1 *)", datetime(2026, 3, 2, 8, 0, tzinfo=UTC)),
        ("cron(0 8 ? * 6L *)", datetime(2026, 3, 27, 8, 0, tzinfo=UTC)),
        ("cron(0 0 29 2 ? *)", datetime(2028, 2, 29, 0, 0, tzinfo=UTC)),
        ("cron(0 0 ? JAN SUN 2027)", datetime(2027, 1, 3, 0, 0, tzinfo=UTC)),
        ("cron(0 0 1 1 ? 2020)", None),
        ("rate(1 hour)", NOW + timedelta(hours=1)),
        ("rate(99999999999 days)", None),
        ("cron(0 18 ? * SATL *)", datetime(2026, 2, 28, 18, 0, tzinfo=UTC)),
        ("cron(0 8 ? * SAT#3 *)", datetime(2026, 3, 21, 8, 0, tzinfo=UTC)),
        ("cron(0/30 20-23 ? * MON-FRI *)", datetime(2026, 2, 27, 20, 0, tzinfo=UTC)),
        ("cron(15 10 ? * 6L 2002-2005)", None),
        ("cron(0 20 * * ? 2500)", None),
    ],
)
def test_a_schedule_is_next_due(expression: str, due: datetime | None) -> None:
    assert next_time(expression, NOW) == due


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "rate(1 fortnight)",
        "rate()",
        "rate(10)",
        "rate(0 minutes)",
        "rate(-10 minutes)",
        "rate(1 minutes)",
        "rate(10 minute)",
        "rate(10 MINUTES)",
        "rate(10 seconds)",
        "rate(foo minutes)",
        "rate( 10 minutes )",
        " rate(10 minutes)",
        "cron(INVALID)",
        "cron()",
        "cron(? 12 * * ? *)",
        "cron(0/0 12 * * ? *)",
        "cron(0/ 12 * * ? *)",
        "cron(0 24 * * ? *)",
        "cron(0 12 32 * ? *)",
        "cron(0 12 0W * ? *)",
        "cron(0 12 1-5W * ? *)",
        "cron(0 12 3#1 * ? *)",
        "cron(0 12 ? * 8 *)",
        "cron(0 12 ? * MON#6 *)",
        "cron(0 12 ? * MON#x *)",
        "cron(7 20 * * NOT *)",
        "cron(0 12 * 13 ? *)",
        "cron(0 12 * * ? 1969)",
        "cron(0 12 * * *)",
        "cron(0 12 * * * *)",
        "cron(99 * * * ? *)",
        "cron(0 12 ? FOO MON *)",
        "daily",
    ],
)
def test_what_aws_refuses_is_refused(expression: str) -> None:
    with pytest.raises(BadSchedule):
        next_time(expression, NOW)


@given(st.datetimes(min_value=datetime(2024, 1, 1), max_value=datetime(2030, 1, 1)), st.integers(0, 59))  # noqa: DTZ001
def test_a_cron_time_is_after_now_and_on_its_minute(moment: datetime, minute: int) -> None:
    now = moment.replace(tzinfo=UTC)

    due = next_time(f"cron({minute} * * * ? *)", now)

    assert due is not None
    assert now < due <= now + timedelta(hours=1, minutes=1)
    assert (due.minute, due.second, due.microsecond) == (minute, 0, 0)
