"""When an alarm trips, by value."""

from dataclasses import replace

import pytest

from localcloud.alarms import Rule, state, statistic

RULE = Rule("Sum", "GreaterThanOrEqualToThreshold", 2.0, period_s=60, periods=2, needed=2, missing="notBreaching")
NOW = 1_000.0


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ([(NOW, 1.0), (NOW - 10, 1.0), (NOW - 70, 2.0)], "ALARM"),
        ([(NOW, 2.0), (NOW - 70, 1.0)], "OK"),
        ([(NOW, 2.0)], "OK"),
        ([(NOW - 500, 9.0)], "OK"),
    ],
    ids=["both periods breach", "one does not", "one is missing", "all are old"],
)
def test_an_alarm_trips_when_enough_periods_breach(points: list[tuple[float, float]], expected: str) -> None:
    assert state(RULE, points, NOW, before="OK") == expected


@pytest.mark.parametrize(
    ("missing", "expected"),
    [("breaching", "ALARM"), ("notBreaching", "OK"), ("ignore", "before"), ("missing", "INSUFFICIENT_DATA")],
)
def test_no_data_means_what_the_alarm_says_it_means(missing: str, expected: str) -> None:
    assert state(replace(RULE, missing=missing), [], NOW, before="before") == expected


def test_one_of_two_periods_is_enough_where_the_alarm_says_so() -> None:
    assert state(replace(RULE, needed=1), [(NOW - 70, 5.0)], NOW, before="OK") == "ALARM"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Sum", 10.0),
        ("Average", 2.5),
        ("Minimum", 1.0),
        ("Maximum", 4.0),
        ("SampleCount", 4.0),
        ("p50", 2.0),
        ("p99", 4.0),
    ],
)
def test_statistics_are_those_of_cloudwatch(name: str, expected: float) -> None:
    assert statistic(name, [4.0, 1.0, 3.0, 2.0]) == expected
