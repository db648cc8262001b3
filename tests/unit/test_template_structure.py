"""A template of any structure is taken or refused in CloudFormation's words; nothing else comes of it."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.templates.errors import ResourceFailed, TemplateInvalid
from localcloud.templates.language.document import parse
from localcloud.templates.language.intrinsics import Scope, references, resolve
from localcloud.templates.language.parameters import complete, typed

QUEUE = "Resources: {A: {Type: AWS::SQS::Queue, "
REFUSED = [
    ("Resources: {A: {Type: AWS::S3::Bucket, Properties: []}}", "[/Resources/A/Properties] 'Properties' must be a map"),
    (QUEUE + "Properties: {QueueName: !Join [a]}}}", "Fn::Join at /Resources/A/Properties/QueueName requires"),
    (QUEUE + "Properties: {QueueName: !If [C]}}}", "Fn::If at /Resources/A/Properties/QueueName requires"),
    (QUEUE + "Properties: {QueueName: {Fn::Split: a}}}}", "Fn::Split at /Resources/A/Properties/QueueName requires"),
    (QUEUE + "Properties: {QueueName: {'Fn::Sub': ['a']}}}}", "Fn::Sub at /Resources/A/Properties/QueueName requires"),
    (QUEUE + "Properties: {QueueName: {'Fn::Cidr': [a]}}}}", "Fn::Cidr at /Resources/A/Properties/QueueName does not"),
    (QUEUE + "DependsOn: B}}", "Unresolved resource dependencies [B]"),
    (QUEUE + "DependsOn: [A, 3]}}", "DependsOn must be a string or a list of strings"),
    (QUEUE + "Condition: [C]}}", "a condition's name must be a string"),
    ("Parameters: []\n" + QUEUE + "}}", "[/Parameters] 'Parameters' must be a map"),
    ("Parameters: {P: {}}\n" + QUEUE + "}}", "Every Parameters object must contain a Type member: P"),
    ("Mappings: {M: a}\n" + QUEUE + "}}", "M has no keys"),
    ("Outputs: {O: {}}\n" + QUEUE + "}}", "Every Outputs member must contain a Value object: O"),
    ("Outputs: {O: {Value: a, Export: b}}\n" + QUEUE + "}}", "Output O is malformed"),
    ("Conditions: {C: !Equals [a]}\n" + QUEUE + "}}", "Fn::Equals at /Conditions/C requires two values"),
    ("Conditions: {C: !Not []}\n" + QUEUE + "}}", "Fn::Not at /Conditions/C requires one condition"),
    ("Conditions: {C: !And [!Equals [a, b]]}\n" + QUEUE + "}}", "Fn::And at /Conditions/C requires two to 10"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "said"), REFUSED)
def test_what_is_no_template_is_refused_with_its_place(text: str, said: str) -> None:
    with pytest.raises(TemplateInvalid) as refused:
        parse(text)

    assert said in str(refused.value)


NAMES = st.sampled_from(["A", "P", "C", "M", "B", "k", "AWS::Region", ""])
FUNCTIONS = st.sampled_from([
    "Ref", "Condition", "Fn::GetAtt", "Fn::Sub", "Fn::Join", "Fn::Split", "Fn::Select", "Fn::If", "Fn::FindInMap",
    "Fn::Base64", "Fn::GetAZs", "Fn::ImportValue", "Fn::ToJsonString", "Fn::Length", "Fn::Equals", "Fn::Not", "Fn::And",
    "Fn::Or",
])  # fmt: skip
PLAIN = (
    NAMES
    | st.sampled_from(["${A}", "${A.Arn}", "${P}", "${!x}", "${", "a,b"])
    | st.integers(-2, 2)
    | st.booleans()
    | st.none()
)
VALUES = st.recursive(
    PLAIN,
    lambda below: (
        st.lists(below, max_size=4)
        | st.dictionaries(NAMES, below, max_size=2)
        | st.builds(lambda name, argument: {name: argument}, FUNCTIONS, below)
    ),
    max_leaves=12,
)
PARTS = st.dictionaries(st.sampled_from(["A", "P", "C", "M", "B"]), VALUES, max_size=2) | VALUES


def played(text: str) -> Any:
    """All that a request makes of a template before anything is made."""
    template = parse(text)
    values = typed(template, complete(template, {}), str)
    scope = Scope(values, {"AWS::Region": "us-east-1"}, template, lambda name: name, lambda name, key: f"{name}.{key}")
    for resource in template["Resources"].values():
        references(resource)
        resolve(resource.get("Properties") or {}, scope)
    for name in template.get("Conditions") or {}:
        scope.holds(name)
    return [resolve(one["Value"], scope) for one in (template.get("Outputs") or {}).values()]


@given(properties=VALUES, conditions=PARTS, outputs=PARTS, mappings=PARTS, parameters=PARTS)
def test_any_template_is_taken_or_refused(
    properties: Any, conditions: Any, outputs: Any, mappings: Any, parameters: Any
) -> None:
    resources = {"A": {"Type": "AWS::SQS::Queue", "Properties": properties}, "B": {"Type": "AWS::SQS::Queue"}}
    template = {
        "Resources": resources,
        "Conditions": conditions,
        "Outputs": outputs,
        "Mappings": mappings,
        "Parameters": parameters,
    }

    with contextlib.suppress(TemplateInvalid, ResourceFailed):
        played(json.dumps(template))


FUNCTION_CALLS = st.builds(lambda name, argument: {name: argument}, FUNCTIONS, VALUES)


@given(value=FUNCTION_CALLS, condition=FUNCTION_CALLS)
def test_any_call_of_a_function_is_taken_or_refused(value: Any, condition: Any) -> None:
    template = {
        "Parameters": {"P": {"Type": "String", "Default": "p"}},
        "Mappings": {"M": {"k": {"k": "v"}}},
        "Conditions": {"C": condition},
        "Resources": {
            "A": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": value}},
            "B": {"Type": "AWS::SQS::Queue"},
        },
        "Outputs": {"O": {"Value": value}},
    }

    with contextlib.suppress(TemplateInvalid, ResourceFailed):
        played(json.dumps(template))
