"""What a new version may do while its alarms watch it."""

import pytest
from app.decide.deployment.deployment_alarms import WINDOW_S, alarms_of
from app.settings import Settings

from localcloud.watch.alarms import Rule, state

ERRORS, LATENCY = alarms_of(Settings("retrain"), "retrain--churn", "retrain--churn-v2-bbbbbbbb")
SECOND_US, BEGIN = 1_000_000.0, 10_000.0


def rule(alarm: dict) -> Rule:
    return Rule(
        alarm.get("Statistic") or alarm["ExtendedStatistic"],
        alarm["ComparisonOperator"],
        alarm["Threshold"],
        alarm["Period"],
        alarm["EvaluationPeriods"],
        alarm["DatapointsToAlarm"],
        alarm["TreatMissingData"],
    )


def tripped(alarm: dict, values: list[float], every_s: float) -> bool:
    """Whether a share that takes these values, one after the other, is stopped before it is taken further."""
    points = [(BEGIN + number * every_s, value) for number, value in enumerate(values)]
    moments = (BEGIN + second for second in range(WINDOW_S + 1))
    return any(
        state(rule(alarm), [one for one in points if one[0] <= moment], moment, "OK") == "ALARM" for moment in moments
    )


@pytest.mark.parametrize("every_s", [1, 20, 55])
def test_a_version_that_takes_two_and_a_half_seconds_does_not_pass(every_s: float) -> None:
    assert tripped(LATENCY, [2.5 * SECOND_US] * 200, every_s)


@pytest.mark.parametrize(("values", "every_s"), [([0.0, 1.0] * 100, 1), ([1.0] * 10, 30), ([*[0.0] * 9, 1.0] * 20, 1)])
def test_a_version_that_answers_with_errors_does_not_pass(values: list[float], every_s: float) -> None:
    assert tripped(ERRORS, values, every_s)


@pytest.mark.parametrize("number", [0, 3, 100])
def test_one_error_and_one_slow_answer_stop_nothing(number: int) -> None:
    errors, latency = [0.0] * 180, [0.1 * SECOND_US] * 180
    errors[number], latency[number] = 1.0, 9 * SECOND_US

    assert not tripped(ERRORS, errors, 1)
    assert not tripped(LATENCY, latency, 1)
    assert not tripped(ERRORS, [1.0], 1)  # also where it is the only request


def test_errors_are_a_share_of_the_requests_however_many_there_are() -> None:
    one_in_a_hundred = ([0.0] * 99 + [1.0]) * 36

    assert not tripped(ERRORS, one_in_a_hundred, 0.05)
