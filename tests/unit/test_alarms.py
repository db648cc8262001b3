"""When an alarm trips, by value."""

from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import cast

import pytest
from moto.cloudwatch.models import Alarm, Dimension, MetricDatum

from localcloud.watch import alarms
from localcloud.watch.alarms import Metrics, Rule, state, statistic

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


def datum(value: float, second: int, where: str = "here") -> MetricDatum:
    at = datetime.fromtimestamp(second, UTC)
    return MetricDatum("Ours", "Errors", value, [{"Name": "Where", "Value": where}], at)


def test_metrics_are_read_once_and_the_oldest_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alarms, "MOST_DATA", 3)
    here = SimpleNamespace(namespace="Ours", metric_name="Errors", dimensions=[Dimension("Where", "here")])
    metrics, put = Metrics(), [datum(1, 1), datum(2, 2, "there"), datum(3, 3)]
    metrics.read(put)
    put += [datum(4, 4), datum(5, 5)]
    metrics.read(put)
    metrics.read(put)

    assert [one.value for one in put] == [3, 4, 5]
    assert list(metrics.of(cast("Alarm", here))) == [(3, 3), (4, 4), (5, 5)]
