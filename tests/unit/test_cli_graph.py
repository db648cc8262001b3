"""The graph of a pipeline: what waits for what, and how it is drawn."""

import io
import json

import pytest
from app.decide.pages import step_graph
from rich.console import Console

from cli.show import graph
from cli.show.graph import Node
from pipelines.model.model_file import ROOT, names

GET = {"Get": "Steps.Preprocess.ProcessingOutputConfig.Outputs['train'].S3Output.S3Uri"}
VERDICT = {"Std:JsonGet": {"PropertyFile": {"Get": "Steps.Evaluate.PropertyFiles.Evaluation"}, "Path": "verdict"}}
DEFINITION = {
    "Steps": [
        {"Name": "Preprocess", "Type": "Processing", "Arguments": {}},
        {"Name": "Knn", "Type": "Training", "Arguments": {"In": [GET]}},
        {"Name": "Xgboost", "Type": "Training", "Arguments": {"In": [{"deep": GET}]}},
        {"Name": "Evaluate", "Type": "Processing", "DependsOn": ["Knn", {"Step": "Xgboost"}], "Arguments": {"In": GET}},
        {
            "Name": "CheckQuality",
            "Type": "Condition",
            "Arguments": {
                "Conditions": [{"Type": "Equals", "LeftValue": VERDICT}],
                "IfSteps": [{"Name": "Register", "Type": "RegisterModel", "Arguments": {"In": GET}}],
                "ElseSteps": [{"Name": "Stop", "Type": "Fail", "Arguments": {}}],
            },
        },
    ]
}
GRAPH = step_graph.of_definition(json.dumps(DEFINITION))


def drawn(nodes: dict[str, Node], width: int) -> list[str]:
    screen = Console(file=io.StringIO(), width=width)
    screen.print(graph.draw(GRAPH, nodes, width))
    return [line.rstrip() for line in screen.file.getvalue().splitlines()]  # type: ignore[attr-defined]


def test_a_step_waits_for_what_it_reads_names_or_is_decided_by() -> None:
    found = {name: sorted(before) for name, before in GRAPH.items()}

    assert found == {
        "Preprocess": [],
        "Knn": ["Preprocess"],
        "Xgboost": ["Preprocess"],
        "Evaluate": ["Knn", "Preprocess", "Xgboost"],
        "CheckQuality": ["Evaluate"],
        "Register": ["CheckQuality", "Preprocess"],
        "Stop": ["CheckQuality"],
    }


def test_steps_that_could_run_side_by_side_are_one_level() -> None:
    assert step_graph.levels(GRAPH) == [
        ["Preprocess"],
        ["Knn", "Xgboost"],
        ["Evaluate"],
        ["CheckQuality"],
        ["Register", "Stop"],
    ]


def test_a_way_that_a_longer_one_covers_is_not_drawn() -> None:
    shown = step_graph.needed(GRAPH)

    assert (shown["Evaluate"], shown["Register"]) == ({"Knn", "Xgboost"}, {"CheckQuality"})


def test_what_is_done_is_ticked_and_what_has_not_begun_is_a_dot() -> None:
    nodes = {"Preprocess": Node("Preprocess", "Succeeded", 1.25, False), "Knn": Node("Knn", "Failed", 2.0, False)}

    lines = drawn(nodes, 120)

    assert lines[0] == "✓ Preprocess 1.2 s → ✗ Knn 2.0 s → · Evaluate → · CheckQuality → · Register"
    assert [lines[1].split(), len(lines)] == [["·", "Xgboost", "·", "Stop"], 2]


def test_a_step_that_is_tried_again_says_which_attempt_it_is() -> None:
    tried, once = Node("Train", "Executing", None, False, 2), Node("Train", "Succeeded", 1.0, False, 1)

    assert (tried.label, once.label) == ("Train attempt 2", "Train 1.0 s")


def test_a_graph_that_is_too_wide_is_drawn_downwards() -> None:
    assert drawn({}, 40) == [
        "  · Preprocess",
        "↓ · Knn · Xgboost",
        "↓ · Evaluate",
        "↓ · CheckQuality",
        "↓ · Register · Stop",
    ]


def test_a_level_that_is_too_wide_goes_on_in_the_next_line_and_breaks_no_label() -> None:
    nodes = {name: Node(name, "Succeeded", 12.3, False) for name in ("Knn", "Xgboost")}

    assert drawn(nodes, 26)[1:3] == ["↓ ✓ Knn 12.3 s", "  ✓ Xgboost 12.3 s"]


def test_the_report_names_every_step_once_with_what_it_waits_for() -> None:
    found = graph.report(GRAPH, {"Knn": Node("Knn", "Succeeded", 2.0, True)})

    assert [one["step"] for one in found] == [name for level in step_graph.levels(GRAPH) for name in level]
    assert found[1] == {"step": "Knn", "after": ["Preprocess"], "status": "Succeeded", "seconds": 2.0, "cached": True}


@pytest.mark.parametrize("model", names())
def test_every_compiled_definition_is_one_graph_from_preprocess_on(model: str) -> None:
    found = step_graph.of_definition((ROOT / "pipelines" / "compiled" / f"{model}.json").read_text())

    assert step_graph.levels(found)[0] == ["Preprocess"]
    assert sum(map(len, step_graph.levels(found))) == len(found)


def test_what_a_condition_did_not_choose_is_left_out_of_the_drawing() -> None:
    behind = step_graph.sides(json.dumps(DEFINITION))
    undecided = step_graph.still_open(GRAPH, behind, {})
    decided = step_graph.still_open(GRAPH, behind, {"CheckQuality": "False"})

    assert behind == {"Register": ("CheckQuality", "True"), "Stop": ("CheckQuality", "False")}
    assert set(undecided) == set(GRAPH)
    assert set(GRAPH) - set(decided) == {"Register"}


def test_steps_behind_a_condition_that_was_left_out_are_left_out_too() -> None:
    inner = {"Name": "Inner", "Type": "Condition", "Arguments": {"IfSteps": [{"Name": "Deep", "Type": "Fail"}]}}
    outer = {"Name": "Outer", "Type": "Condition", "Arguments": {"IfSteps": [inner], "ElseSteps": []}}
    text = json.dumps({"Steps": [outer]})

    assert set(step_graph.still_open(step_graph.of_definition(text), step_graph.sides(text), {"Outer": "False"})) == {
        "Outer"
    }
