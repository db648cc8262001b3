"""Pipeline definitions: what is read, what is refused and in which words."""

from __future__ import annotations

import json
from typing import Any

import pytest

from localcloud.sagemaker.pipelines.definition import Malformed, parameter_values, parse
from localcloud.sagemaker.pipelines.graph import find_circle, references

PARAMETERS = [
    {"Name": "Rounds", "Type": "Integer", "DefaultValue": 10},
    {"Name": "Rate", "Type": "Float", "DefaultValue": 0.5},
    {"Name": "Mode", "Type": "String", "DefaultValue": "fast", "EnumValues": ["fast", "slow"]},
    {"Name": "Data", "Type": "String"},
]


def step(name: str, arguments: Any = None, **more: Any) -> dict[str, Any]:
    return {"Name": name, "Type": "Training", "Arguments": arguments or {}, **more}


def document(*steps: dict[str, Any], **more: Any) -> str:
    return json.dumps({"Version": "2020-12-01", "Steps": list(steps), **more})


def refusal(*steps: dict[str, Any], **more: Any) -> str:
    with pytest.raises(Malformed) as refused:
        parse(document(*steps, **more))
    return str(refused.value)


def test_a_step_waits_for_what_it_refers_to_and_for_what_it_names() -> None:
    uri = {"Std:Join": {"On": "/", "Values": [{"Get": "Steps.Prepare.X.Y['z']"}, "end"]}}
    found = parse(document(step("Prepare"), step("Other"), step("Train", {"a": [{"b": uri}]}, DependsOn=["Other"])))

    assert found.edges == {
        "Prepare": frozenset(),
        "Other": frozenset(),
        "Train": frozenset({"Prepare", "Other"}),
    }


def test_a_nested_step_waits_for_its_condition_and_not_the_other_way_round() -> None:
    inner = step("Inner", {"a": {"Get": "Steps.Before.X"}})
    condition = {"Name": "Check", "Type": "Condition", "Arguments": {"Conditions": [], "IfSteps": [inner]}}
    found = parse(document(step("Before"), condition))

    assert found.edges["Check"] == frozenset()
    assert found.edges["Inner"] == frozenset({"Check", "Before"})
    assert found.branch("Check", True) == ("Inner",)
    assert found.branch("Check", False) == ()


@pytest.mark.parametrize("branch", ["IfSteps", "ElseSteps"])
def test_a_condition_within_a_condition_is_refused_in_awss_words(branch: str) -> None:
    inner = {"Name": "Winner", "Type": "Condition", "Arguments": {"Conditions": [], "IfSteps": [step("Inner")]}}
    outer = {"Name": "Check", "Type": "Condition", "Arguments": {"Conditions": [], branch: [inner]}}

    assert refusal(outer) == (
        "Invalid pipeline definition: Pipelines doesn't support the use of nested condition steps. You can't pass a "
        "condition step as the input for another condition step: Winner lies within Check"
    )


def test_conditions_side_by_side_are_no_nesting() -> None:
    both = [
        {"Name": name, "Type": "Condition", "Arguments": {"Conditions": [], "IfSteps": [step(f"In{name}")]}}
        for name in ("One", "Other")
    ]

    assert set(parse(document(*both)).steps) == {"One", "InOne", "Other", "InOther"}


def test_a_circle_is_refused_with_the_names_along_it() -> None:
    told = refusal(step("A", DependsOn=["C"]), step("B", {"x": {"Get": "Steps.A.Y"}}), step("C", DependsOn=["B"]))

    assert "wait for each other: A -> C -> B -> A" in told


@pytest.mark.parametrize(
    ("steps", "more", "words"),
    [
        ([step("A", DependsOn=["Nobody"])], {}, "step A depends on Nobody, which does not exist"),
        ([step("A", {"x": {"Get": "Steps.Ghost.Y"}})], {}, "there is no step Ghost"),
        ([step("A", {"x": {"Get": "Parameters.Ghost"}})], {}, "uses the parameter Ghost, which is not declared"),
        ([step("A", {"x": {"Get": "Steps.B.PropertyFiles.F"}}), step("B")], {}, "property file F, which step B"),
        ([step("A"), step("A")], {}, "step name A is used twice"),
        ([step("A b")], {}, "step name 'A b' is not allowed"),
        ([{"Name": "A", "Type": "EMR"}], {}, "step A is of type EMR, which does not run outside AWS yet"),
        ([{"Name": "A", "Type": "Magic"}], {}, "step A has the unknown type 'Magic'"),
        ([step("A")], {"Version": "1"}, "Version must be 2020-12-01"),
        ([], {}, "it has no steps"),
        (
            [step("A")],
            {"Parameters": [{"Name": "P", "Type": "Integer", "DefaultValue": "x"}]},
            "must be of type Integer",
        ),
    ],
)
def test_what_cannot_run_is_refused_by_name(steps: list[Any], more: dict[str, Any], words: str) -> None:
    assert words in refusal(*steps, **more)


@pytest.mark.parametrize("text", ["", "[]", "{", "{}", '{"Steps": 3}'])
def test_garbage_is_refused(text: str) -> None:
    with pytest.raises(Malformed, match="Invalid pipeline definition"):
        parse(text)


def test_every_problem_is_named_at_once() -> None:
    told = refusal(step("A", DependsOn=["X"]), step("B", DependsOn=["Y"]))

    assert "depends on X" in told
    assert "depends on Y" in told


def test_parameters_take_their_defaults_and_their_types() -> None:
    found = parse(document(step("A"), Parameters=PARAMETERS))

    values = parameter_values(found, {"Rounds": "20", "Data": "s3://b/k"})

    assert values == {"Rounds": 20, "Rate": 0.5, "Mode": "fast", "Data": "s3://b/k"}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "'Data' has no default"),
        ({"Data": "x", "Nope": "1"}, "Unknown parameter 'Nope'"),
        ({"Data": "x", "Rounds": "many"}, "'Rounds' must be of type Integer"),
        ({"Data": "x", "Mode": "odd"}, "'Mode' must be one of"),
    ],
)
def test_wrong_parameters_are_refused(given: dict[str, str], words: str) -> None:
    found = parse(document(step("A"), Parameters=PARAMETERS))

    with pytest.raises(Malformed, match=words):
        parameter_values(found, given)


def test_references_are_found_however_deep() -> None:
    value = {"a": [{"Get": "Parameters.P"}, {"Std:Join": {"On": "", "Values": [{"Get": "Steps.S.X"}]}}], "b": "Get"}

    assert list(references(value)) == ["Parameters.P", "Steps.S.X"]


def test_no_circle_is_found_where_there_is_none() -> None:
    edges = {"A": frozenset(), "B": frozenset({"A"}), "C": frozenset({"A", "B"})}

    assert find_circle(edges) == []
