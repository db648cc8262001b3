"""The retraining policy: what begins a run, with its evidence, and what holds one back, with the reason."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from app.decide.watching.breaches import Expected
from app.decide.watching.policy import Cause, Decision, Hold, PastRun, decide
from app.decide.watching.policy_file import Policy
from app.decide.watching.windows import WatchedWindow
from app.errors import BadMessage
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)
QUALITY = {"metric": "roc_auc", "worse_by": 0.03, "windows": "2 of 5"}
EXPECTED = Expected(3, {"roc_auc": 0.85, "rmse": 10.0}, frozenset({"rmse"}))


def hours_ago(hours: float) -> datetime:
    return NOW - timedelta(hours=hours)


def window(hours: float, value: float, **changes: Any) -> WatchedWindow:
    at = hours_ago(hours).isoformat()
    whole = WatchedWindow(
        "churn", "quality", "labels", f"w{hours}", at, at, 400, "roc_auc", value, value - 0.01, value + 0.01, 3
    )
    return whole._replace(**changes)


def drifted(hours: float, *columns: str) -> WatchedWindow:
    return window(hours, 0.4, kind="drift", source="scored", metric="psi", details={"drifted": list(columns)})


def told(section: dict[str, Any], *windows: WatchedWindow, runs: tuple[PastRun, ...] = (), **more: Any) -> Decision:
    trigger = more.get("trigger")
    return decide(Policy.parse(section), trigger, windows, runs, NOW, more.get("expected", EXPECTED))


def test_without_a_policy_uploads_begin_a_run_and_windows_do_not() -> None:
    assert told({}, trigger=Cause.UPLOADS).starts
    assert told({}, window(1, 0.1), drifted(1, "tenure")).hold is Hold.NOT_DUE


def test_two_windows_of_five_that_are_worse_begin_a_run_and_are_its_evidence() -> None:
    found = told({"on_quality": QUALITY}, window(1, 0.79), window(2, 0.85), window(3, 0.80), window(4, 0.85))

    assert (found.starts, found.cause) == (True, Cause.QUALITY)
    assert found.evidence[0] == "2 of the last 4 quality windows"
    assert found.evidence[1].startswith("roc_auc 0.790 (0.780 to 0.800) is below 0.820, 400 rows of labels until")


def test_one_window_alone_begins_nothing_and_how_many_there_are_is_said() -> None:
    found = told({"on_quality": QUALITY}, window(1, 0.79), window(2, 0.85))

    assert found.hold is Hold.NOT_DUE
    assert "1 of 2 quality windows since the last run say so, 2 of 5 are needed" in found.reason


@pytest.mark.parametrize(
    ("section", "windows"),
    [
        ({"on_quality": QUALITY}, [window(1, 0.7), window(1, 0.7, source="uploads")]),
        ({"on_drift": {}}, [drifted(1, "tenure"), drifted(1, "tenure")._replace(source="uploads")]),
    ],
)
def test_rows_that_are_in_windows_of_two_sources_speak_once(
    section: dict[str, Any], windows: list[WatchedWindow]
) -> None:
    found = told(section, *windows)

    assert found.hold is Hold.NOT_DUE
    assert "1 of 1 " in found.reason
    assert told(section, *windows, windows[1]._replace(id="another")).starts


def test_a_window_beyond_the_newest_five_counts_no_more() -> None:
    old = [window(hours, 0.7) for hours in (10, 11)]

    assert not told({"on_quality": QUALITY}, *(window(hours, 0.85) for hours in range(1, 6)), *old).starts


def test_a_small_window_whose_interval_reaches_the_limit_says_nothing() -> None:
    wide = [window(hours, 0.79, low=0.7, high=0.88) for hours in (1, 2, 3)]

    assert not told({"on_quality": QUALITY}, *wide).starts


def test_of_a_metric_that_is_better_lower_worse_is_more() -> None:
    rule = {"metric": "rmse", "worse_by": 1.0, "windows": "1 of 1"}
    bad = window(1, 12.0, metric="rmse", low=11.5, high=12.5)

    assert told({"on_quality": rule}, bad).starts
    assert not told({"on_quality": rule}, bad._replace(value=10.5, low=10.1, high=10.9)).starts
    assert told({"on_quality": {"metric": "rmse", "above": 11, "windows": "1 of 1"}}, bad).starts


def test_a_metric_that_a_window_measured_beside_its_own_counts_too() -> None:
    beside = {"metrics": {"roc_auc": [0.79, 0.78, 0.80], "brier": [None, None, None]}}
    both = [window(hours, 0.9, metric="accuracy", details=beside) for hours in (1, 2)]

    assert told({"on_quality": QUALITY}, *both).starts
    assert not told({"on_quality": {"metric": "brier", "above": 0.2}}, *both).starts
    assert not told({"on_quality": {"metric": "f1", "below": 0.99}}, *both).starts


def test_below_is_a_limit_of_its_own_and_needs_no_evaluation() -> None:
    rule = {"metric": "roc_auc", "below": 0.8, "windows": "1 of 3"}

    assert told({"on_quality": rule}, window(1, 0.75), expected=None).starts
    assert not told({"on_quality": rule}, window(1, 0.82), expected=None).starts


def test_windows_of_a_version_that_answers_no_more_say_nothing() -> None:
    assert not told(
        {"on_quality": QUALITY}, window(1, 0.85), window(2, 0.7, version=2), window(3, 0.7, version=2)
    ).starts


def test_windows_that_a_run_has_answered_say_nothing_again() -> None:
    bad = (window(5, 0.7), window(6, 0.7))

    assert told({"on_quality": QUALITY}, *bad).starts
    assert not told({"on_quality": QUALITY}, *bad, runs=(PastRun("r", hours_ago(4)),)).starts


def test_a_window_that_ends_later_than_now_says_nothing_as_no_run_would_answer_it() -> None:
    found = told({"on_drift": {"windows": "1 of 1"}}, drifted(-24, "tenure"))

    assert found.hold is Hold.NOT_DUE
    assert told({"on_drift": {"windows": "1 of 1"}}, drifted(-24, "tenure"), drifted(1, "tenure")).starts


def test_drift_speaks_for_a_run_where_as_many_columns_drifted_as_the_rule_says() -> None:
    rule = {"columns": 2, "windows": "2 of 3"}
    one, two = drifted(1, "tenure"), drifted(2, "tenure", "Contract")

    assert not told({"on_drift": rule}, one, two).starts
    found = told({"on_drift": rule}, one, two, drifted(3, "a", "b", "c", "d"))
    assert found.cause is Cause.DRIFT
    assert found.evidence[2].startswith("'a', 'b', 'c' and 1 more drifted (psi 0.40), 400 rows of scored until")


def test_uploads_that_wait_until_something_is_due_begin_a_run_then() -> None:
    section = {"on_upload": "when_due", "on_drift": {"windows": "1 of 2"}}

    held = told(section, trigger=Cause.UPLOADS)

    assert (held.cause, held.hold) == (Cause.UPLOADS, Hold.NOT_DUE)
    assert "0 of 0 drift windows" in held.reason
    assert told(section, drifted(1, "tenure"), trigger=Cause.UPLOADS).cause is Cause.DRIFT


def test_a_schedule_begins_a_run_by_itself() -> None:
    section = {"on_upload": "when_due", "schedule": {"expression": "rate(1 day)", "timezone": "Europe/Berlin"}}

    assert told(section, trigger=Cause.SCHEDULE).evidence == ("its schedule: rate(1 day), Europe/Berlin",)


def test_a_cooldown_holds_a_run_back_until_it_is_over() -> None:
    section = {"cooldown": "12h"}
    run = PastRun("churn-1", hours_ago(11))

    held = told(section, runs=(run,), trigger=Cause.UPLOADS)

    assert held.hold is Hold.COOLDOWN
    assert held.reason == "run churn-1 began less than 12h ago: cooldown until 2026-05-20T13:00:00.000Z"
    assert told(section, runs=(run._replace(began_at=hours_ago(12)),), trigger=Cause.UPLOADS).starts


def test_so_many_runs_within_so_many_days_hold_another_back_until_the_oldest_is_old_enough() -> None:
    section = {"at_most": {"runs": 2, "days": 3}}
    runs = tuple(PastRun(f"r{hours}", hours_ago(hours)) for hours in (10, 60, 100))

    held = told(section, runs=runs, trigger=Cause.SCHEDULE)

    assert held.hold is Hold.AT_MOST
    assert held.reason == "2 runs began within 3 days, and at_most permits 2: until 2026-05-21T00:00:00.000Z"
    assert told(section, runs=runs[:1], trigger=Cause.SCHEDULE).starts


def test_a_budget_leaves_room_for_the_dearest_run_and_one_of_unknown_cost_counts_as_it() -> None:
    spent = (PastRun("a", hours_ago(90), 3.0), PastRun("b", hours_ago(50), 2.0), PastRun("c", hours_ago(2)))

    held = told({"budget": 10.5}, runs=spent, trigger=Cause.UPLOADS)

    assert held.hold is Hold.BUDGET
    assert held.reason == (
        "8.00 USD were spent in 2026-05, a run costs up to 3.00 USD, and the budget is 10.50 USD a month"
    )
    assert told({"budget": 11}, runs=spent, trigger=Cause.UPLOADS).starts


def test_a_budget_counts_the_month_and_not_the_one_before() -> None:
    april = PastRun("a", datetime(2026, 4, 30, tzinfo=UTC), 9.0)

    assert told({"budget": 10}, runs=(april,), trigger=Cause.UPLOADS).starts


def test_a_budget_of_instances_without_a_price_holds_back_and_names_them() -> None:
    held = told({"budget": 10}, runs=(PastRun("a", hours_ago(2), 0.0, ("ml.z9.huge",)),), trigger=Cause.UPLOADS)

    assert held.hold is Hold.BUDGET
    assert "lacks ml.z9.huge" in held.reason


def test_a_policy_that_asks_holds_back_with_its_evidence() -> None:
    found = told({"on_drift": {"windows": "1 of 1"}, "mode": "ask"}, drifted(1, "tenure"))

    assert (found.hold, found.cause) == (Hold.ASK, Cause.DRIFT)
    assert found.reasons[1] == "1 of the last 1 drift windows"


def test_nothing_holds_back_what_a_person_asks_for() -> None:
    section = {"mode": "ask", "cooldown": "9d", "at_most": {"runs": 1, "days": 9}, "budget": 0.01}

    assert told(section, runs=(PastRun("a", hours_ago(1), 5.0),), trigger=Cause.REQUEST).starts


@pytest.mark.parametrize("wrong", [{"cooldown": "soon"}, {"on_upload": "never"}, {"at_most": {"runs": 1}}])
def test_a_section_that_no_check_has_passed_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadMessage):
        Policy.parse(wrong)


@given(st.lists(st.floats(0, 24 * 20), max_size=60), st.integers(1, 4), st.integers(1, 10), st.integers(1, 48))
def test_whatever_asks_no_limit_is_exceeded(asked: list[float], runs: int, days: int, cooldown: int) -> None:
    policy = Policy.parse({"cooldown": f"{cooldown}h", "at_most": {"runs": runs, "days": days}})
    begun: list[PastRun] = []

    for at in sorted(NOW + timedelta(hours=hours) for hours in asked):
        if decide(policy, Cause.UPLOADS, (), begun, at).starts:
            begun.append(PastRun(f"r{at}", at))

    times = [run.began_at for run in begun]
    assert all(later - sooner >= timedelta(hours=cooldown) for sooner, later in pairwise(times))
    assert all(later - sooner >= timedelta(days=days) for sooner, later in zip(times, times[runs:], strict=False))
