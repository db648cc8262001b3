"""How traffic moves to a new fleet."""

from __future__ import annotations

from typing import Any

import pytest

from localcloud.sagemaker.endpoints.rollout import BadPolicy, Rollout, Shift, plan, rollback_reason


def blue_green(kind: str, size: dict[str, Any] | None = None, wait_s: int = 60) -> dict[str, Any]:
    name = {"CANARY": "CanarySize", "LINEAR": "LinearStepSize"}.get(kind)
    routing = {"Type": kind, "WaitIntervalInSeconds": wait_s} | ({name: size} if name and size else {})
    return {
        "BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing, "TerminationWaitInSeconds": 5},
        "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "errors"}]},
    }


def test_without_a_policy_all_traffic_moves_at_once() -> None:
    assert plan(None, 1) == Rollout((Shift(1.0, 0, "all", 1),), 0, ())


def test_a_canary_bakes_before_and_after_the_rest_follows() -> None:
    found = plan(blue_green("CANARY", {"Type": "INSTANCE_COUNT", "Value": 1}), 4)

    assert found == Rollout((Shift(0.25, 60, "canary", 1), Shift(1.0, 60, "all", 4)), 5, ("errors",))


def test_linear_steps_are_equal_and_end_at_everything() -> None:
    found = plan(blue_green("LINEAR", {"Type": "CAPACITY_PERCENT", "Value": 33}), 3)

    assert [round(shift.share, 2) for shift in found.shifts] == [0.33, 0.67, 1.0]


@pytest.mark.parametrize(
    ("deployment", "instances", "words"),
    [
        (blue_green("CANARY", {"Type": "INSTANCE_COUNT", "Value": 1}), 1, "less than or equal to 50%"),
        (blue_green("CANARY", {"Type": "CAPACITY_PERCENT", "Value": 60}), 4, "less than or equal to 50%"),
        (blue_green("LINEAR"), 4, "LinearStepSize is required"),
        ({"RollingUpdatePolicy": {"WaitIntervalInSeconds": 60}}, 4, "RollingUpdatePolicy does not run"),
    ],
)
def test_a_policy_that_does_not_fit_is_refused(deployment: dict[str, Any], instances: int, words: str) -> None:
    with pytest.raises(BadPolicy, match=words):
        plan(deployment, instances)


def test_a_deployment_has_a_time_limit_where_it_asks_for_one() -> None:
    policy = {"TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0}}
    limited = {"BlueGreenUpdatePolicy": policy | {"MaximumExecutionTimeoutInSeconds": 600}}

    assert plan(limited, 1).timeout_s == 600
    assert plan({"BlueGreenUpdatePolicy": policy}, 1).timeout_s is None


def test_alarms_and_a_time_that_is_over_undo_a_deployment() -> None:
    assert rollback_reason(["a", "b"], timed_out=True) == (
        "Endpoint update was rolled back because these alarms are in ALARM: a, b"
    )
    assert "exceeded its maximum execution timeout" in (rollback_reason([], timed_out=True) or "")
    assert rollback_reason([], timed_out=False) is None
