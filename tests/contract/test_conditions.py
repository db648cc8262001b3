"""Conditions stand side by side, and nothing refers into a branch from outside it: Pipelines takes no condition within
another, and what it makes of a reference to a step that may not have run is nowhere said.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-steps-types.html#step-type-condition
"""

import json
import re
from collections.abc import Iterator, Mapping
from itertools import chain, combinations
from pathlib import Path
from typing import Any

import pytest

from localcloud.sagemaker.pipelines.definition import parse
from localcloud.sagemaker.pipelines.step_types.registry import STEP_TYPES
from pipelines.definition import algorithm_branches, split_step, tuning
from pipelines.definition.algorithms import ALGORITHMS
from pipelines.model import model_file
from pipelines.publishing import freshness
from tests.contract.compiled_pipelines import COMPILED, filled
from tests.contract.s3_locations import locations

BRANCHES = ("IfSteps", "ElseSteps")
GIVEN = {  # hyperparameters of each algorithm, and a range
    "xgboost": ({"num_round": 10, "max_depth": 4}, {"max_depth": {"min": 2, "max": 6}}),
    "sklearn": ({"n_estimators": 10, "max_depth": 4}, {"max_depth": {"min": 2, "max": 6}}),
    "forest": ({"n_estimators": 10, "max_depth": 4}, {"max_depth": {"min": 2, "max": 6}}),
    "knn": ({"k": 5, "sample_size": 100}, {"k": {"min": 2, "max": 9}}),
    "linear-learner": ({"mini_batch_size": 8, "epochs": 2}, {"mini_batch_size": {"min": 4, "max": 16}}),
}


def nested(definition: Mapping[str, Any]) -> list[str]:
    """The conditions that lie within another."""
    return [
        inner["Name"]
        for step in definition["Steps"]
        if step["Type"] == "Condition"
        for branch in BRANCHES
        for inner in step["Arguments"].get(branch, [])
        if inner["Type"] == "Condition"
    ]


def reaching_in(definition: Mapping[str, Any]) -> list[str]:
    """The steps that refer to one in a branch, or wait for it, and are not in that branch themselves."""
    home = {step["Name"]: where for where, step in placed(definition["Steps"])}
    found = []
    for where, step in placed(definition["Steps"]):
        own = {name: value for name, value in step["Arguments"].items() if name not in BRANCHES}
        named = {*re.findall(r"Steps\.([\w-]+)", json.dumps(own)), *step.get("DependsOn", [])}
        found += [f"{step['Name']} -> {name}" for name in sorted(named) if home[name] not in ("", where)]
    return found


def placed(steps: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every step, with the branch that it lies in: "" for none."""
    for step in steps:
        yield "", step
        for branch in BRANCHES if step["Type"] == "Condition" else ():
            for inner in step["Arguments"].get(branch, []):
                yield f"{step['Name']}.{branch}", inner


def models() -> Iterator[dict[str, Any]]:
    """A model of every set of algorithms, with and without ranges, with splitting as a step of its own and without."""
    like = model_file.load(model_file.path_of("california-housing"))
    sets = chain.from_iterable(combinations(ALGORITHMS, size) for size in range(1, len(ALGORITHMS) + 1))
    for chosen in sets:
        for ranged in (False, True):
            for split in (None, "split.py"):
                algorithms = [
                    {"name": name, "hyperparameters": GIVEN[name][0]}
                    | ({"tuning": {"ranges": GIVEN[name][1]}} if ranged else {})
                    for name in chosen
                ]
                yield like | {"algorithms": algorithms, "preprocessing": like["preprocessing"] | {"split": split}}


def churn() -> dict[str, Any]:
    """The compiled definition of one XGBoost, before Evaluate was told its hyperparameters."""
    definition: dict[str, Any] = json.loads(freshness.definition_path("churn").read_text("utf-8"))
    (evaluate,) = (step for step in definition["Steps"] if step["Name"] == "Evaluate")
    said = evaluate["Arguments"]["AppSpecification"]
    said["ContainerArguments"] = said["ContainerArguments"][: said["ContainerArguments"].index("--hyperparameter")]
    return definition


def definitions(model: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What the compiler makes of a model behind the SDK."""
    for tuned in tuning.kinds(model):
        whole = algorithm_branches.branched(churn(), model, tuned=tuned)
        yield split_step.separated(whole, model) if split_step.is_separate(model) else whole


@pytest.mark.parametrize("path", COMPILED, ids=lambda path: path.stem)
def test_no_condition_lies_within_another(path: Path) -> None:
    assert nested(filled(path)) == []


@pytest.mark.parametrize("path", COMPILED, ids=lambda path: path.stem)
def test_nothing_refers_into_a_branch_from_outside_it(path: Path) -> None:
    assert reaching_in(filled(path)) == []


def test_whatever_algorithms_a_model_has_its_definitions_can_be_created() -> None:
    made = [(model, definition) for model in models() for definition in definitions(model)]

    assert len(made) == 31 * 2 * 3  # sets, times splitting, times: without ranges, with them trained, with them tuned
    for model, definition in made:
        assert nested(definition) == reaching_in(definition) == locations(definition).mixed == [], model["algorithms"]
        parse(definition, STEP_TYPES)
        kinds = {step["Type"] for step in definition["Steps"]}
        assert len({"Training", "Tuning"} & kinds) == 1
        assert ("Tuning" in kinds) <= tuning.is_tuned(model)
        assert len(definition["Steps"]) <= 50  # that AWS takes


def test_what_is_wrong_is_found() -> None:
    get = {"In": {"Get": "Steps.Deep.Out"}}
    inner = {"Name": "Inner", "Type": "Condition", "Arguments": {"IfSteps": [], "ElseSteps": []}}
    deep = {"Name": "Deep", "Type": "Fail", "Arguments": {}}
    outer = {"Name": "Outer", "Type": "Condition", "Arguments": {"IfSteps": [deep], "ElseSteps": [inner]}}
    after = {"Name": "After", "Type": "Fail", "Arguments": get}
    waits = {"Name": "Waits", "Type": "Fail", "Arguments": {}, "DependsOn": ["Deep"]}
    found = {"Steps": [outer, after, waits]}

    assert nested(found) == ["Inner"]
    assert reaching_in(found) == ["After -> Deep", "Waits -> Deep"]
