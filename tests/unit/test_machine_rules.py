"""What is said of state machines, by a written table, before any is made."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from machine_definitions import TABLE, alone, machine

from localcloud.stepfunctions import rules
from localcloud.stepfunctions.validation import problems

ROOT = Path(__file__).parents[2]
OURS = sorted((ROOT / "statemachine").glob("*.asl.yaml"))


@pytest.mark.parametrize("name", TABLE)
def test_a_definition_is_taken_or_refused_as_by_step_functions(name: str) -> None:
    expected, definition = TABLE[name]

    found = [one["code"] for one in problems(json.dumps(definition), express=False)]

    assert sorted(set(found)) == sorted(expected.split())


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.name)
def test_our_own_machines_break_no_rule(path: Path) -> None:
    assert rules.diagnostics(yaml.safe_load(path.read_text())) == []


def test_what_is_wrong_is_said_in_awss_words_with_its_place() -> None:
    """Source: https://github.com/localstack/localstack/issues/11978, which quotes AWS."""
    definition = {
        "StartAt": "pass1",
        "States": {"pass1": {"Type": "Pass", "Next": "pass3"}, "pass2": {"Type": "Pass", "End": True}},
    }

    assert ", ".join(map(str, rules.diagnostics(definition))) == (
        "MISSING_TRANSITION_TARGET: Missing 'Next' target: pass3 at /States/pass1/Next, "
        'MISSING_TRANSITION_TARGET: State "pass2" is not reachable. at /States/pass2'
    )


def test_a_machine_without_an_end_has_one_diagnostic_and_no_place() -> None:
    """Source: https://github.com/floci-io/floci/issues/2735, which quotes AWS."""
    loop = {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Pass", "Next": "A"}, "C": {"Type": "Pass", "Next": "A"}}

    assert list(map(str, rules.diagnostics(machine(loop)))) == [
        "MISSING_END_STATE: Workflow has no terminal state at null"
    ]


def test_a_place_in_a_branch_is_told_whole() -> None:
    inner = machine({"B": {"Type": "Pass", "Next": "Z"}, "C": {"Type": "Succeed"}})
    found = rules.diagnostics(alone({"Type": "Parallel", "End": True}, Branches=[inner]))

    assert [one.location for one in found] == ["/States/A/Branches[0]/States/B/Next", "/States/A/Branches[0]/States/C"]
