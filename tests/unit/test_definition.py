"""Pipeline definitions: what is read, what is refused and in which words."""

from __future__ import annotations

import json
from typing import Any

import pytest

from localcloud.sagemaker.pipelines.definition import Definition
from localcloud.sagemaker.pipelines.definition import parse as parse_with
from localcloud.sagemaker.pipelines.graph import find_circle, references
from localcloud.sagemaker.pipelines.parameters import Malformed, parameter_values
from localcloud.sagemaker.pipelines.step_types.registry import STEP_TYPES, problems

PARAMETERS = [
    {"Name": "Rounds", "Type": "Integer", "DefaultValue": 10},
    {"Name": "Rate", "Type": "Float", "DefaultValue": 0.5},
    {"Name": "Mode", "Type": "String", "DefaultValue": "fast", "EnumValues": ["fast", "slow"]},
    {"Name": "Data", "Type": "String"},
]


def parse(text: Any) -> Definition:
    return parse_with(text, STEP_TYPES)


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

    values = parameter_values(found.parameters, {"Rounds": "20", "Data": "s3://b/k"})

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
        parameter_values(found.parameters, given)


def test_references_are_found_however_deep() -> None:
    value = {"a": [{"Get": "Parameters.P"}, {"Std:Join": {"On": "", "Values": [{"Get": "Steps.S.X"}]}}], "b": "Get"}

    assert list(references(value)) == ["Parameters.P", "Steps.S.X"]


def test_no_circle_is_found_where_there_is_none() -> None:
    edges = {"A": frozenset(), "B": frozenset({"A"}), "C": frozenset({"A", "B"})}

    assert find_circle(edges) == []


@pytest.mark.parametrize(
    ("found", "more", "told"),
    [
        (step("A"), {"Stpes": []}, "the definition has the unknown field Stpes"),
        (
            step("A"),
            {"Parameters": [{"Name": "P", "Type": "String", "Deflaut": "x"}]},
            "parameter P has the unknown field Deflaut",
        ),
        (step("A", CacheConfg={}), {}, "step A of type Training has the unknown field CacheConfg"),
        (step("A", PropertyFiles=[]), {}, "step A of type Training has the unknown field PropertyFiles"),
        (step("A", FunctionArn="f"), {}, "step A of type Training has the unknown field FunctionArn"),
        (
            step("A", CacheConfig={"Enabled": True, "Expires": "1d"}),
            {},
            "CacheConfig of step A has the unknown field Expires",
        ),
        (
            step("A", CacheConfig={"Enabled": True, "ExpireAfter": "soon"}),
            {},
            "ExpireAfter of step A: 'soon' is not a duration",
        ),
        (
            step("A", RetryPolicies=[{"ExceptionType": [], "Max": 1}]),
            {},
            "a retry policy of step A has the unknown field Max",
        ),
        ({"Name": "A", "Type": "Lambda", "Arguments": {}}, {}, "step A lacks FunctionArn"),
        (
            {"Name": "A", "Type": "Model", "Arguments": {}, "CacheConfig": {}},
            {},
            "step A of type Model has the unknown field CacheConfig",
        ),
        ({"Name": "A", "Type": "Fail"}, {}, "step A lacks Arguments"),
    ],
)
def test_a_field_that_nobody_reads_is_refused_by_name(found: dict[str, Any], more: dict[str, Any], told: str) -> None:
    assert told in refusal(found, **more)


def test_a_policy_may_name_one_exception_as_a_text() -> None:
    found = parse(document(step("A", RetryPolicies=[{"ExceptionType": "Step.THROTTLING"}])))

    assert found.steps["A"].retries[0].exceptions == ("Step.THROTTLING",)


@pytest.mark.parametrize(
    ("type_", "arguments", "told"),
    [
        ("Training", {"MlflowConfig": {"a": 1}}, "step A: MlflowConfig does not run outside AWS"),
        (
            "Training",
            {"ResourceConfig": {"TrainingPlanArn": "a"}},
            "step A: ResourceConfig.TrainingPlanArn does not run",
        ),
        ("Training", {"ResourceConfig": {"Get": "Parameters.All"}}, ""),
        ("Transform", {"DataCaptureConfig": {"DestinationS3Uri": "s3://b"}}, "step A: DataCaptureConfig does not run"),
        ("RegisterModel", {"ValidationSpecification": {"a": 1}}, "step A: ValidationSpecification does not run"),
        ("Condition", {"Conditions": [{"Type": "Near", "LeftValue": 1, "RightValue": 2}]}, "the unknown type 'Near'"),
        (
            "Condition",
            {"Conditions": [{"Type": "Not", "Expression": {"Type": "Equals", "LeftValue": 1}}]},
            "a RightValue",
        ),
        ("Condition", {"Conditions": [{"Type": "NotIn", "Value": 1}]}, "what it is to be In"),
        ("Condition", {"Conditions": [], "Otherwise": []}, "Otherwise is not an argument of a Condition step"),
        ("Condition", {"Conditions": [{"Type": "NotEquals", "LeftValue": 1, "RightValue": 2}]}, ""),
    ],
)
def test_what_a_step_cannot_do_is_said_of_its_definition(type_: str, arguments: dict[str, Any], told: str) -> None:
    parameters = [{"Name": "All", "Type": "String"}]
    found = parse(document({"Name": "A", "Type": type_, "Arguments": arguments}, Parameters=parameters))

    assert told in "; ".join(problems(found.steps.values()))
    assert bool(told) == bool(problems(found.steps.values()))
