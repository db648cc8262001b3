"""docs/guides: concepts.md has every status of a run, and choosing.md says truly what is not needed."""

import json
import re
from pathlib import Path

import yaml
from app.decide.names.statuses import RunStatus

from tests.contract.compiled_pipelines import COMPILED, steps_of

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "guides" / "concepts.md").read_text()
SECTION = TEXT.split("## How a run ends\n", 1)[1].split("\n## ", 1)[0]
NUMBERS = {"three": 3, "four": 4, "five": 5, "six": 6}


def test_every_status_of_a_run_is_explained_and_those_that_are_no_end_come_first() -> None:
    told = re.findall(r"^\| `([^`]+)` \|", SECTION, re.MULTILINE)
    (number,) = re.findall(r"^The first (\w+) are open, all others an end\.", SECTION, re.MULTILINE)

    assert sorted(told) == sorted(map(str, RunStatus))
    assert [RunStatus(one).final for one in told] == [at >= NUMBERS[number] for at in range(len(told))]


def test_states_that_the_page_names_are_the_machines() -> None:
    machine = yaml.safe_load((ROOT / "statemachine" / "retraining.asl.yaml").read_text())
    named = re.findall(r"state `([^`]+)`", TEXT)

    assert named
    assert set(named) <= set(machine["States"])


def test_no_definition_has_a_step_of_what_aws_has_closed_and_no_policy_permits_it() -> None:
    """Source: https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-availability-change.html"""
    definitions = [json.loads(path.read_text()) for path in COMPILED]
    kinds = {step["Type"] for one in definitions for step in steps_of(one["Steps"])}
    template = (ROOT / "template.yaml").read_text()

    assert {"Processing", "Training"} <= kinds
    assert kinds & {"QualityCheck", "ClarifyCheck"} == set()
    assert re.findall(r"sagemaker:\w*(?:Monitoring|JobDefinition|Explainab)\w*", template) == []
