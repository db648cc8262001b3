"""A run's state machine as a page draws it: each state that takes time, and how far the execution is in it."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

import pytest
import yaml
from app.decide.pages.machine_graph import ENDED, Machine, machine
from hypothesis import given
from hypothesis import strategies as st

from pipelines.model.model_file import ROOT

BEGUN = datetime(2026, 3, 14, 10, tzinfo=UTC)
DOCUMENT = yaml.safe_load((ROOT / "statemachine" / "retraining.asl.yaml").read_text())
TEXT = json.dumps(DOCUMENT)
NAMES = [
    "Check quiet", "Wait for turn", "Wait for quiet", "Plan run", "Start pipeline", "Read verdict", "Leave out files",
    "Request approval", "Deploy version", "Verify version", "Notify", "Finish run",
]  # fmt: skip


def entered(name: str) -> dict[str, Any]:
    kind = DOCUMENT["States"][name]["Type"]
    return {"type": f"{kind}StateEntered", "stateEnteredEventDetails": {"name": name}}


def left(name: str) -> dict[str, Any]:
    kind = DOCUMENT["States"][name]["Type"]
    return {"type": f"{kind}StateExited", "stateExitedEventDetails": {"name": name}}


def through(*names: str) -> list[dict[str, Any]]:
    return [event for name in names for event in (entered(name), left(name))]


def told(*kinds: str) -> list[dict[str, Any]]:
    return [{"type": kind} for kind in kinds]


def drawn(*events: Sequence[dict[str, Any]]) -> Machine:
    """The machine with events of which each happened a second after the one before; now is a second after the last."""
    listed = [one | {"timestamp": BEGUN + timedelta(seconds=at)} for at, one in enumerate(chain(*events))]
    found = machine(TEXT, listed, BEGUN + timedelta(seconds=len(listed)))
    assert found
    return found


def states(found: Machine) -> dict[str, str]:
    return {row.name: row.state for row in found.rows}


BATCH = (
    "Entry",
    "Check quiet",
    "Quiet?",
    "Wait for quiet",
    "Check quiet",
    "Quiet?",
    "Wait for turn",
    "Plan run",
    "Usable?",
)
TRAINED = (*BATCH, "Start pipeline", "Read verdict", "Passed?")
END = ("Notify", "Finish run", "Failed?", "Done")


def test_before_anything_happened_all_states_are_ahead_in_the_machines_order() -> None:
    assert states(drawn()) == dict.fromkeys(NAMES, "ahead")


def test_a_run_that_asks_a_person_waits_and_what_it_left_behind_is_skipped() -> None:
    found = drawn(
        through(*TRAINED, "Name version"), [entered("Request approval")],
        told("TaskScheduled", "TaskStarted", "TaskSubmitted"),
    )  # fmt: skip

    assert states(found) == dict.fromkeys(NAMES[:6], "done") | {
        "Leave out files": "skipped", "Request approval": "waits", "Deploy version": "ahead",
        "Verify version": "ahead", "Notify": "ahead", "Finish run": "ahead",
    }  # fmt: skip
    waits = next(row for row in found.rows if row.name == "Request approval")
    assert (waits.told, waits.took) == ("waits", "4.0 s")


def test_a_state_whose_task_is_at_work_runs_and_one_that_is_tried_again_waits() -> None:
    at_work = drawn(
        through(*BATCH[:2]), [entered("Check quiet")], told("LambdaFunctionScheduled", "LambdaFunctionStarted")
    )
    again = drawn(
        through(*BATCH[:2]), [entered("Check quiet")], told("LambdaFunctionScheduled", "LambdaFunctionFailed")
    )

    assert states(at_work)["Check quiet"] == "runs"
    assert states(again)["Check quiet"] == "waits"


def test_a_failure_that_was_caught_is_seen_where_it_happened() -> None:
    failed = [entered("Start pipeline"), *told("TaskSubmitted", "TaskFailed"), left("Start pipeline")]
    found = drawn(
        through(*BATCH), failed, through("Failed", *END[:3]), [entered("Run failed")], told("ExecutionFailed")
    )

    assert states(found) == dict.fromkeys(NAMES[:4], "done") | {"Start pipeline": "failed"} | dict.fromkeys(
        NAMES[5:10], "skipped"
    ) | {"Notify": "done", "Finish run": "done"}


def test_what_failed_and_was_tried_again_is_done() -> None:
    tried = [entered("Read verdict"), *told("LambdaFunctionFailed", "LambdaFunctionSucceeded"), left("Read verdict")]

    assert states(drawn(through(*TRAINED[:-2]), tried))["Read verdict"] == "done"


@pytest.mark.parametrize("end", ENDED[1:])
def test_a_state_that_was_stopped_does_not_run_for_ever(end: str) -> None:
    found = drawn(through(*BATCH), [entered("Start pipeline")], told("TaskSubmitted", end))

    assert states(found)["Start pipeline"] == "failed"
    assert set(states(found).values()) == {"done", "failed", "skipped"}


def test_a_late_decision_begins_at_its_deployment() -> None:
    found = drawn(through("Entry"), [entered("Deploy version")], told("TaskSubmitted"))

    assert states(found) == dict.fromkeys(NAMES[:8], "skipped") | {"Deploy version": "waits"} | dict.fromkeys(
        NAMES[9:], "ahead"
    )


def test_a_rejected_run_is_drawn_around_what_it_skipped() -> None:
    found = drawn(through(*TRAINED, "Rejected by gate", *END), told("ExecutionSucceeded"))

    assert "Notify done, after Read verdict; Finish run done, after Notify" in found.drawing.words
    assert "Request approval skipped; Deploy version skipped" in found.drawing.words
    assert {box.name: box.told for box in found.drawing.boxes}["Deploy version"] == "⊘"


@given(st.lists(st.sampled_from(list(DOCUMENT["States"])), max_size=12), st.sampled_from(["", *ENDED]), st.booleans())
def test_whatever_a_history_says_each_state_has_a_place_and_a_word(names: list[str], end: str, open_: bool) -> None:
    last = [entered(names[-1])] if names and open_ else []

    found = drawn(through(*names), last, told(*([end] if end else [])))

    assert [row.name for row in found.rows] == NAMES
    assert len(found.drawing.boxes) == len(NAMES)
    assert not end or not {"runs", "waits", "ahead"} & set(states(found).values())
    assert [row.state for row in found.rows].count("runs") <= 1


def test_a_machine_in_which_nothing_takes_time_is_not_drawn() -> None:
    assert machine('{"StartAt": "Only", "States": {"Only": {"Type": "Succeed"}}}', [], BEGUN) is None
