"""Where an interrupted execution is resumed, from its history alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from localcloud.stepfunctions.resumption import NotResumable, Resumption, is_over, plan

BEGAN = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOW = BEGAN + timedelta(hours=1)
Events = list[dict[str, Any]]


def history(*events: dict[str, Any]) -> Events:
    """Events with numbers, one a minute."""
    return [
        {"id": number, "timestamp": (BEGAN + timedelta(minutes=number - 1)).isoformat(), **event}
        for number, event in enumerate(events, 1)
    ]


def entered(name: str, kind: str = "Task", given: str = '{"a": 1}') -> dict[str, Any]:
    return {"type": f"{kind}StateEntered", "stateEnteredEventDetails": {"name": name, "input": given}}


def left(name: str, kind: str = "Task", output: str = '{"a": 2}', **more: Any) -> dict[str, Any]:
    return {"type": f"{kind}StateExited", "stateExitedEventDetails": {"name": name, "output": output, **more}}


STARTED = {"type": "ExecutionStarted", "executionStartedEventDetails": {"input": '{"a": 0}'}}
SCHEDULED, BEGUN, SUBMITTED, FAILED = (
    {"type": kind} for kind in ("TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskFailed")
)


@pytest.mark.parametrize(
    ("events", "following", "expected"),
    [
        ([STARTED], None, Resumption(None, {"a": 0})),
        (
            [STARTED, entered("Wait"), SCHEDULED, BEGUN, SUBMITTED],
            None,
            Resumption(
                "Wait",
                {"a": 1},
                frozenset({"TaskStateEntered", "TaskScheduled", "TaskStarted", "TaskSubmitted"}),
                submitted=True,
                waited_s=58 * 60,
            ),
        ),
        (
            [STARTED, entered("Call"), SCHEDULED],
            None,
            Resumption("Call", {"a": 1}, frozenset({"TaskStateEntered", "TaskScheduled"}), waited_s=58 * 60),
        ),
        (
            [STARTED, entered("Call"), SCHEDULED, BEGUN, SUBMITTED, FAILED],
            None,
            Resumption("Call", {"a": 1}, frozenset({"TaskStateEntered"})),
        ),
        (
            [STARTED, entered("Call"), SCHEDULED, BEGUN, FAILED, SCHEDULED],
            None,
            Resumption("Call", {"a": 1}, frozenset({"TaskStateEntered", "TaskScheduled"}), waited_s=55 * 60),
        ),
        (
            [STARTED, entered("Rest", "Wait")],
            None,
            Resumption("Rest", {"a": 1}, frozenset({"WaitStateEntered"}), waited_s=59 * 60),
        ),
        ([STARTED, entered("Call"), left("Call")], "Next", Resumption("Next", {"a": 2})),
        (
            [STARTED, entered("Call"), left("Call", assignedVariables={"n": "7"}), entered("Next")],
            None,
            Resumption("Next", {"a": 1}, frozenset({"TaskStateEntered"}), waited_s=57 * 60, variables={"n": 7}),
        ),
        (
            [STARTED, entered("Both", "Parallel"), entered("One"), left("One"), left("Both", "Parallel")],
            "Next",
            Resumption("Next", {"a": 2}),
        ),
    ],
    ids=["not yet in a state", "waits for a token", "calls", "failed and tries again", "tries again", "waits a time",
         "between two states", "has variables", "was in branches"],
)  # fmt: skip
def test_a_state_that_was_not_exited_is_entered_again(
    events: Events, following: str | None, expected: Resumption
) -> None:
    assert plan(history(*events), following, NOW) == expected
    assert not is_over(history(*events), following)


@pytest.mark.parametrize(
    ("events", "why"),
    [
        ([STARTED, entered("Both", "Parallel"), entered("One")], "within Both"),
        ([STARTED, entered("Each", "Map")], "within Each"),
        ([STARTED, {}, entered("Call")], "a gap"),
    ],
)
def test_what_cannot_be_resumed_says_why(events: Events, why: str) -> None:
    found = [event if event.get("type") else {} for event in history(*events)]

    with pytest.raises(NotResumable, match=why):
        plan(found, None, NOW)


@pytest.mark.parametrize(
    "events",
    [
        [STARTED, entered("Only"), left("Only")],
        [STARTED, entered("Only"), left("Only"), {"type": "ExecutionSucceeded"}],
        [STARTED, entered("Only"), {"type": "ExecutionFailed"}],
    ],
)
def test_an_execution_whose_states_are_done_is_over(events: Events) -> None:
    assert is_over(history(*events), None)
