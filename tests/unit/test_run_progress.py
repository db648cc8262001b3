"""How far a run has come, and what its metrics did over versions, as what a page draws."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from app.decide.names.statuses import RunStatus
from app.decide.pages.charts import HEIGHT, MARGIN, WIDTH, line
from app.decide.pages.run_progress import AHEAD, DONE, ENDED, STAGES, StepRow, follow_s, stages, step_rows
from app.decide.pages.run_progress import NOW as HERE
from app.decide.records import RunRecord
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime(2026, 3, 14, 10, tzinfo=UTC)
TOLD = ["arrived", "batch closed", "pipeline started", "pipeline succeeded", "gate passed", "approval requested",
        "approved by Ada", "deployment requested", "endpoint in service", "verified"]  # fmt: skip


def run(count: int, status: RunStatus) -> RunRecord:
    """A run of whose timeline so many entries are written."""
    told = [{"at": "2026-03-14T10:00:00.000Z", "what": what} for what in TOLD[:count]]
    return RunRecord("churn-1-a", "churn", status, "arn", timeline=told)


def step(name: str, begun_s: float, ended_s: float | None, status: str = "Succeeded", **more: Any) -> dict[str, Any]:
    end = {} if ended_s is None else {"EndTime": NOW + timedelta(seconds=ended_s)}
    return {"StepName": name, "StepStatus": status, "StartTime": NOW + timedelta(seconds=begun_s), **end, **more}


@pytest.mark.parametrize(
    ("count", "status", "states"),
    [
        (1, RunStatus.WAITING, [HERE] + [AHEAD] * 5),
        (3, RunStatus.RUNNING, [DONE, HERE] + [AHEAD] * 4),
        (3, RunStatus.FAILED, [DONE, ENDED] + [AHEAD] * 4),
        (6, RunStatus.AWAITING_APPROVAL, [DONE] * 3 + [HERE] + [AHEAD] * 2),
        (8, RunStatus.DEPLOYING, [DONE] * 4 + [HERE, AHEAD]),
        (9, RunStatus.DEPLOYING, [DONE] * 5 + [HERE]),
        (10, RunStatus.DEPLOYED, [DONE] * 6),
    ],
)
def test_a_run_is_at_the_stage_that_it_came_to(count: int, status: RunStatus, states: list[str]) -> None:
    assert [stage.state for stage in stages(run(count, status))] == states


@pytest.mark.parametrize("status", RunStatus)
@pytest.mark.parametrize("count", range(len(TOLD) + 1))
def test_no_stage_is_done_after_one_that_is_not(status: RunStatus, count: int) -> None:
    states = [stage.state for stage in stages(run(count, status))]

    done = [state == DONE for state in states]
    assert done == sorted(done, reverse=True)
    assert len(states) == len(STAGES)
    assert [state in (HERE, ENDED) for state in states].count(True) == (0 if all(done) else 1)


@pytest.mark.parametrize(
    ("quiet_s", "again_s"), [(0, 5), (50, 5), (130, 13), (86_400, 120), (-3, 5)]
)  # the last one by a clock that is behind
def test_who_follows_a_run_looks_the_less_often_the_longer_nothing_happened(quiet_s: int, again_s: int) -> None:
    told = [{"at": (NOW - timedelta(seconds=quiet_s)).isoformat(), "what": "approval requested"}]

    assert follow_s(run(0, RunStatus.AWAITING_APPROVAL)._replace(timeline=told), NOW) == again_s
    assert follow_s(run(0, RunStatus.DEPLOYED)._replace(timeline=told), NOW) == 0


@pytest.mark.parametrize(
    ("seconds", "words"), [(4.25, "4.2 s"), (60, "1 min 0 s"), (260, "4 min 20 s"), (7_261, "2 h 1 min")]
)
def test_how_long_a_step_took_is_told_in_the_units_of_people(seconds: float, words: str) -> None:
    (row,) = step_rows([step("Train", 0, seconds)], NOW)

    assert row.took == words


def test_what_stays_the_same_is_a_line_in_the_middle() -> None:
    drawn = line("recall", [(1, 0.5), (2, 0.5)])

    assert drawn
    assert drawn.points == "4,24 156,24"
    assert drawn.words == "recall: version 1 0.5000, version 2 0.5000"


def test_steps_stand_where_they_ran_and_one_that_runs_reaches_to_now() -> None:
    found = step_rows(
        [step("Train", 5, None, "Executing"), step("Preprocess", 0, 5, CacheHitResult={}), {"StepName": "Register"}],
        NOW + timedelta(seconds=10),
    )

    assert found == (
        StepRow("Preprocess", "Succeeded", "good", "5.0 s", 0.0, 50.0),
        StepRow("Train", "Executing", "", "5.0 s", 50.0, 50.0),
    )
    (cached,) = step_rows([step("Train", 0, 0, CacheHitResult={"SourcePipelineExecutionArn": "arn"})], NOW)
    assert cached.status == "Succeeded (from the cache)"
    assert step_rows([], NOW) == ()


@given(st.lists(st.tuples(st.floats(0, 1e6), st.floats(0, 1e6)), min_size=1, max_size=60))
def test_no_bar_leaves_its_box(times: list[tuple[float, float]]) -> None:
    rows = step_rows([step("a", begun, begun + took) for begun, took in times], NOW)

    assert all(0 <= row.left <= 99 and row.width >= 1 and row.left + row.width <= 100.11 for row in rows)


@given(st.lists(st.floats(-1e9, 1e9), min_size=2, max_size=20))
def test_no_point_of_a_line_leaves_its_box(values: list[float]) -> None:
    drawn = line("recall", list(enumerate(values)))

    assert drawn
    points = [tuple(map(float, point.split(","))) for point in drawn.points.split()]
    assert len(points) == len(values)
    assert all(MARGIN <= x <= WIDTH - MARGIN and MARGIN <= y <= HEIGHT - MARGIN for x, y in points)


def test_one_version_makes_no_line() -> None:
    assert line("recall", [(1, 0.5)]) is None
