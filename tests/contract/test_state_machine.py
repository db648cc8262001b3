"""The state machine: nothing waits for ever, every failure has an end, and all names are known elsewhere."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from app.decide.names.statuses import RunStatus
from retries import expected
from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "statemachine" / "retraining.asl.yaml").read_text()
STATES: dict[str, Any] = yaml.safe_load(TEXT)["States"]
TASKS = {name: state for name, state in STATES.items() if state["Type"] == "Task"}
MACHINE = yaml_parse((ROOT / "template.yaml").read_text())["Resources"]["RetrainingStateMachine"]["Properties"]
ENDINGS = {status for status in RunStatus if status.final}


def function_of(state: dict[str, Any]) -> str:
    found = re.search(r"\$\{(\w+)FunctionArn\}", str(state["Resource"]) + str(state["Parameters"]))
    assert found
    return found[1]


def followers(state: dict[str, Any]) -> set[str]:
    found = {state.get("Next"), state.get("Default")}
    found |= {choice["Next"] for choice in state.get("Choices", [])} | {
        catch["Next"] for catch in state.get("Catch", [])
    }
    return {name for name in found if name}


def test_substitutions_are_those_of_the_definition() -> None:
    assert set(MACHINE["DefinitionSubstitutions"]) == set(re.findall(r"\$\{(\w+)\}", TEXT))


@pytest.mark.parametrize("name", TASKS)
def test_a_task_state_is_named_after_its_function(name: str) -> None:
    assert function_of(TASKS[name]) == name.title().replace(" ", "")


def test_the_machine_may_invoke_just_the_functions_that_it_names() -> None:
    statements = [one for policy in MACHINE["Policies"] for one in policy["Statement"]]
    allowed = {
        arn["Fn::GetAtt"][0]
        for one in statements
        if one["Action"] == "lambda:InvokeFunction"
        for arn in one["Resource"]
    }

    assert allowed == {function_of(state) + "Function" for state in TASKS.values()}


@pytest.mark.parametrize("name", TASKS)
def test_every_task_has_a_timeout(name: str) -> None:
    assert "TimeoutSeconds" in TASKS[name] or "TimeoutSecondsPath" in TASKS[name]


@pytest.mark.parametrize("name", TASKS)
def test_every_failure_is_caught(name: str) -> None:
    assert TASKS[name]["Catch"][-1]["ErrorEquals"] == ["States.ALL"]


@pytest.mark.parametrize("name", TASKS)
def test_a_task_is_tried_again_as_the_one_list_says(name: str) -> None:
    assert TASKS[name]["Retry"] == expected(name, TASKS[name])


@pytest.mark.parametrize("name", [name for name, state in TASKS.items() if "waitForTaskToken" in state["Resource"]])
def test_a_state_that_waits_gives_its_token_away(name: str) -> None:
    assert TASKS[name]["Parameters"]["Payload"]["task_token.$"] == "$$.Task.Token"


def test_every_state_is_reached_and_every_next_exists() -> None:
    reached, open_ends = {"Entry"}, ["Entry"]
    while open_ends:
        for name in followers(STATES[open_ends.pop()]) - reached:
            reached.add(name)
            open_ends.append(name)

    assert reached == set(STATES)


def test_every_end_is_a_status_that_people_know() -> None:
    ends = {state["Parameters"]["status"] for state in STATES.values() if state.get("ResultPath") == "$.end"}

    assert ends == {str(status) for status in ENDINGS}


def test_every_end_is_told_and_finished() -> None:
    ends = [state for state in STATES.values() if state.get("ResultPath") == "$.end"]

    assert {state["Next"] for state in ends} == {"Notify"}
    assert followers(STATES["Notify"]) == {"Finish run"}


def test_no_answer_in_time_is_an_expired_approval() -> None:
    assert STATES["Request approval"]["Catch"][0] == {
        "ErrorEquals": ["States.Timeout"],
        "ResultPath": "$.error",
        "Next": "Approval expired",
    }


def test_the_drawing_in_the_readme_names_every_task() -> None:
    drawing = (ROOT / "README.md").read_text().split("```")[1]

    assert [name for name in TASKS if name not in drawing] == []
