"""A pipeline's graph as a page draws it: every step has a place, a state and words."""

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from app.decide.pages.drawings import BOX_H, BOX_W, EDGE, MOST_ACROSS, Drawing, pipeline_drawing
from app.decide.pages.step_graph import NOTHING

from pipelines.model.model_file import ROOT, names

NOW = datetime(2026, 3, 14, 10, tzinfo=UTC)
PHONE = 3 * 118 + 2 * 10 + 2 * EDGE  # the widest drawing, in about pixels: a phone shows it at nine tenths


def begun(name: str, status: str, **more: Any) -> dict[str, Any]:
    return {"StepName": name, "StepStatus": status, "StartTime": NOW - timedelta(seconds=90)} | more


def definition(*steps: tuple[str, list[str]]) -> str:
    return json.dumps({"Steps": [{"Name": name, "Type": "Training", "DependsOn": after} for name, after in steps]})


def drawn(text: str, *steps: dict[str, Any]) -> Drawing:
    found = pipeline_drawing(text, steps, NOW)
    assert found
    return found


@pytest.mark.parametrize("model", names())
def test_each_model_fits_a_phone_and_no_boxes_touch(model: str) -> None:
    drawing = drawn((ROOT / "pipelines" / "compiled" / f"{model}.json").read_text())

    assert drawing.width <= PHONE
    assert all(box.x >= 0 and box.x + BOX_W <= drawing.width for box in drawing.boxes)
    assert all(box.y >= 0 and box.y + BOX_H <= drawing.height for box in drawing.boxes)
    rows = {y: sorted(box.x for box in drawing.boxes if box.y == y) for y in {box.y for box in drawing.boxes}}
    assert all(right - left > BOX_W for row in rows.values() for left, right in pairwise(row))
    assert all(len(row) <= MOST_ACROSS for row in rows.values())


def test_a_step_shows_how_far_it_is_by_a_sign_and_in_words() -> None:
    text = definition(("A", []), ("B", ["A"]), ("C", ["A"]), ("D", ["B", "C"]), ("E", ["D"]))
    steps = (
        begun("A", "Succeeded", EndTime=NOW), begun("B", "Executing"), begun("C", "Failed", EndTime=NOW),
        begun("D", "Succeeded", CacheHitResult={"SourcePipelineExecutionArn": "arn"}),
    )  # fmt: skip

    drawing = drawn(text, *steps)

    assert {box.name: (box.state, box.told) for box in drawing.boxes} == {
        "A": ("done", "✓ 1 min 30 s"), "B": ("runs", "● 1 min 30 s"), "C": ("failed", "✗ 1 min 30 s"),
        "D": ("done", "✓ from the cache"), "E": ("ahead", "○"),
    }  # fmt: skip
    assert drawing.words == (
        "A succeeded; B runs, after A; C failed or stopped, after A; D succeeded, after B, C; E has not begun, after D"
    )
    assert len(drawing.edges) == 5


def test_a_step_on_the_side_that_a_condition_did_not_choose_is_left_out() -> None:
    condition = {
        "Name": "Check", "Type": "Condition",
        "Arguments": {"IfSteps": [{"Name": "Register", "Type": "X"}], "ElseSteps": [{"Name": "Stop", "Type": "Fail"}]},
    }  # fmt: skip
    chosen = begun("Check", "Succeeded", Metadata={"Condition": {"Outcome": "True"}})

    whole, left = (drawn(json.dumps({"Steps": [condition]}), *steps) for steps in ((), (chosen,)))

    assert [box.name for box in whole.boxes] == ["Check", "Register", "Stop"]
    assert [box.name for box in left.boxes] == ["Check", "Register"]


def test_a_pipeline_without_steps_is_not_drawn() -> None:
    assert pipeline_drawing(NOTHING, [], NOW) is None


def test_a_long_name_is_cut_to_its_box_and_whole_in_words() -> None:
    name = "A" * 64

    drawing = drawn(definition((name, [])))

    assert drawing.boxes[0].name == "A" * 15 + "…"
    assert name in drawing.words
