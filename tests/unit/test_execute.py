"""Executions as a state machine: whatever the graph and whatever happens, the edges hold and an end is reached."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from localcloud.sagemaker.pipelines.definition import Definition, parse
from localcloud.sagemaker.pipelines.execute import Progress, Status
from localcloud.sagemaker.pipelines.step_types.registry import STEP_TYPES


def pipeline(edges: dict[str, list[str]], *more: dict[str, Any]) -> Definition:
    steps = [{"Name": name, "Type": "Training", "Arguments": {}, "DependsOn": waits} for name, waits in edges.items()]
    return parse(json.dumps({"Version": "2020-12-01", "Steps": [*steps, *more]}), STEP_TYPES)


def branching() -> Definition:
    """Before -> Check -> (Yes -> AfterYes | No), and After, which waits for Yes from outside the branch."""
    condition = {
        "Name": "Check",
        "Type": "Condition",
        "DependsOn": ["Before"],
        "Arguments": {
            "Conditions": [],
            "IfSteps": [
                {"Name": "Yes", "Type": "Training", "Arguments": {}},
                {"Name": "AfterYes", "Type": "Training", "Arguments": {}, "DependsOn": ["Yes"]},
            ],
            "ElseSteps": [{"Name": "No", "Type": "Fail", "Arguments": {}}],
        },
    }
    return pipeline(
        {"Before": []}, condition, {"Name": "After", "Type": "Training", "Arguments": {}, "DependsOn": ["Yes"]}
    )


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, list[str]]:
    size = draw(st.integers(1, 8))
    return {
        f"S{number}": [f"S{earlier}" for earlier in draw(st.sets(st.integers(0, number - 1)))] if number else []
        for number in range(size)
    }


@given(graphs(), st.integers(1, 4) | st.none(), st.data())
def test_every_order_respects_the_edges_and_the_limit(
    edges: dict[str, list[str]], limit: int | None, data: st.DataObject
) -> None:
    progress = Progress(pipeline(edges), limit)
    finished: list[str] = []
    while progress.over is None:
        for name in progress.ready():
            assert set(edges[name]) <= set(finished)
            progress.start(name)
        assert limit is None or len(progress.running) <= limit
        ended = data.draw(st.sampled_from(progress.running))
        progress.finish(ended, Status.SUCCEEDED)
        finished.append(ended)

    assert progress.over is Status.SUCCEEDED
    assert sorted(finished) == sorted(edges)


@given(graphs(), st.data())
def test_after_a_failure_nothing_starts_and_what_runs_may_finish(
    edges: dict[str, list[str]], data: st.DataObject
) -> None:
    progress = Progress(pipeline(edges))
    failed = data.draw(st.sampled_from(sorted(edges)))
    while progress.over is None:
        for name in progress.ready():
            assert not progress.failed
            progress.start(name)
        ended = data.draw(st.sampled_from(progress.running))
        progress.finish(ended, Status.FAILED if ended == failed else Status.SUCCEEDED)

    assert progress.over is Status.FAILED
    assert progress.failed == [failed]


@given(graphs(), st.integers(0, 8), st.data())
def test_a_stop_ends_it_whenever_it_comes(edges: dict[str, list[str]], when: int, data: st.DataObject) -> None:
    progress = Progress(pipeline(edges))
    ended = 0
    while progress.over is None:
        for name in progress.ready():
            progress.start(name)
        if ended == when:
            progress.stop()
            for name in progress.running:
                progress.finish(name, Status.STOPPED)
            break
        progress.finish(data.draw(st.sampled_from(progress.running)), Status.SUCCEEDED)
        ended += 1

    assert progress.over is (Status.STOPPED if progress.stopping else Status.SUCCEEDED)
    assert progress.ready() == []


def run(progress: Progress, outcome: bool) -> list[str]:
    order = []
    while progress.over is None:
        name = progress.ready()[0]
        progress.start(name)
        progress.finish(name, Status.SUCCEEDED, outcome=outcome if name == "Check" else None)
        order.append(name)
    return order


def test_a_taken_branch_runs_and_so_does_what_waits_for_it_outside() -> None:
    assert run(Progress(branching()), True) == ["Before", "Check", "Yes", "AfterYes", "After"]


def test_a_branch_that_is_not_taken_is_skipped_with_what_waits_for_it() -> None:
    progress = Progress(branching())

    assert run(progress, False) == ["Before", "Check", "No"]
    assert progress.over is Status.SUCCEEDED
    assert progress.skipped == {"Yes", "AfterYes", "After"}


def test_steps_without_an_edge_are_ready_side_by_side() -> None:
    progress = Progress(pipeline({"A": [], "B": [], "C": ["A", "B"]}))

    assert progress.ready() == ["A", "B"]


def test_what_an_earlier_attempt_did_stands() -> None:
    progress = Progress(branching(), done={"Before": None, "Check": False})

    assert progress.ready() == ["No"]
