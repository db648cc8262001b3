"""The scoring machine: nothing waits for ever, every failure has an end, and all names are known elsewhere."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "statemachine" / "scoring.asl.yaml").read_text()
STATES: dict[str, Any] = yaml.safe_load(TEXT)["States"]
TASKS = {name: state for name, state in STATES.items() if state["Type"] == "Task"}
TAKES_INSTANCES = {"Start transform"}  # more files at once than instances queue
FOR_HOURS_S = 6 * 3600
TRAINING = yaml.safe_load((ROOT / "statemachine" / "retraining.asl.yaml").read_text())["States"]
MACHINE = yaml_parse((ROOT / "template.yaml").read_text())["Resources"]["ScoringStateMachine"]["Properties"]


def test_substitutions_are_those_of_the_definition() -> None:
    assert set(MACHINE["DefinitionSubstitutions"]) == set(re.findall(r"\$\{(\w+)\}", TEXT))


@pytest.mark.parametrize("name", TASKS)
def test_a_task_state_is_named_after_its_function(name: str) -> None:
    function = re.findall(r"\$\{(\w+)FunctionArn\}", str(TASKS[name]))

    assert function == [name.title().replace(" ", "")]


def test_the_machine_may_invoke_just_the_functions_that_it_names() -> None:
    allowed = {one["Resource"]["Fn::GetAtt"][0] for one in MACHINE["Policies"][0]["Statement"]}

    assert allowed == {name.removesuffix("Arn") for name in re.findall(r"\$\{(\w+FunctionArn)\}", TEXT)}


@pytest.mark.parametrize("name", TASKS)
def test_every_task_ends_in_time_and_is_tried_again_as_training_is(name: str) -> None:
    own = [rule for rule in TASKS[name]["Retry"] if "QuotaReached" not in rule["ErrorEquals"]]
    known = TRAINING["Plan run"]["Retry"]

    assert TASKS[name]["TimeoutSeconds"] > 0
    if name in TAKES_INSTANCES:
        others = [one for one in known[0]["ErrorEquals"] if one not in ("InsufficientCapacity", "QuotaReached")]
        assert own == [known[0] | {"ErrorEquals": others}, known[1]]
    else:
        assert TASKS[name]["Retry"] == known
    assert TASKS[name]["Catch"][-1]["ErrorEquals"] == ["States.ALL"]


@pytest.mark.parametrize("name", TASKS)
def test_only_what_waits_for_instances_is_tried_again_for_hours(name: str) -> None:
    """FULL jitter waits half of each delay on average."""
    (rule,) = [one for one in TASKS[name]["Retry"] if "QuotaReached" in one["ErrorEquals"]]
    delays = [
        min(rule["IntervalSeconds"] * rule["BackoffRate"] ** n, rule["MaxDelaySeconds"])
        for n in range(rule["MaxAttempts"])
    ]

    assert (sum(delays) / 2 > FOR_HOURS_S) == (name in TAKES_INSTANCES)
    assert "InsufficientCapacity" in rule["ErrorEquals"]
    assert rule["MaxDelaySeconds"] <= 900  # or an instance that is free stands idle
