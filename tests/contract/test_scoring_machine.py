"""The scoring machine: nothing waits for ever, every failure has an end, and all names are known elsewhere."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from app.decide.uploads.scores import MOST_BYTES, MOST_WRITTEN
from retries import expected
from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "statemachine" / "scoring.asl.yaml").read_text()
STATES: dict[str, Any] = yaml.safe_load(TEXT)["States"]
TASKS = {name: state for name, state in STATES.items() if state["Type"] == "Task"}
TAKES_INSTANCES = {"Start transform"}  # more files at once than instances queue
FOR_HOURS_S = 6 * 3600
RESOURCES: dict[str, Any] = yaml_parse((ROOT / "template.yaml").read_text())["Resources"]
MACHINE = RESOURCES["ScoringStateMachine"]["Properties"]
MIB = 1024**2
OTHERS_MIB = 256  # what else may lie in /tmp


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
def test_every_task_ends_in_time_and_is_tried_again_as_the_one_list_says(name: str) -> None:
    assert TASKS[name]["TimeoutSeconds"] > 0
    assert TASKS[name]["Retry"] == expected(name, TASKS[name])
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


@pytest.mark.parametrize("function", ["PrepareScoringFunction", "JoinScoresFunction"])
def test_what_scoring_writes_fits_in_its_functions_tmp(function: str) -> None:
    """Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-ephemeral-storage.html"""
    size_mib = RESOURCES[function]["Properties"]["EphemeralStorage"]["Size"]

    assert 512 <= size_mib <= 10_240
    assert size_mib * MIB >= MOST_WRITTEN + OTHERS_MIB * MIB


def test_documents_say_the_bounds_of_scoring() -> None:
    uploads = (ROOT / "docs" / "uploads.md").read_text()

    assert f"a file to be scored of more than {MOST_BYTES // MIB:,} MiB" in uploads
    assert f"more than {MOST_WRITTEN // MIB:,} MiB of a file's rows" in uploads
