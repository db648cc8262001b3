"""What a template means: text, parameters, functions, order and differences. Nothing is made here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from localcloud import templates  # declares the resource types
from localcloud.settings import Cloud
from localcloud.templates.changes import Action, Resource, capabilities, plan, wanted
from localcloud.templates.errors import ResourceFailed, TemplateInvalid
from localcloud.templates.language import parameters
from localcloud.templates.language.document import parse
from localcloud.templates.language.intrinsics import Scope, references, resolve
from localcloud.templates.resource_types import KINDS, Made, Place

QUEUE = "AWS::SQS::Queue"


def scope(template: dict[str, Any] | None = None, **values: Any) -> Scope:
    there = {"Queue": ("http://queue", {"Arn": "arn:queue"})}
    return Scope(
        values,
        {"AWS::Region": "eu-west-1", "AWS::StackName": "shop"},
        {"Resources": {"Queue": {"Type": QUEUE}}, **(template or {})},
        lambda name: there[name][0],
        lambda name, key: there[name][1][key],
    )


def test_short_tags_become_functions_and_dates_stay_text() -> None:
    found = parse(
        "Resources:\n  A:\n    Type: X\n    Properties: {v: 2012-10-17, r: !Ref B, g: !GetAtt B.C.D, s: !Sub '${B}'}"
    )

    assert found["Resources"]["A"]["Properties"] == {
        "v": "2012-10-17",
        "r": {"Ref": "B"},
        "g": {"Fn::GetAtt": ["B", "C.D"]},
        "s": {"Fn::Sub": "${B}"},
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Resources: {", "not well-formed"),
        ("- a", "unsupported structure"),
        ("Resources: {}", "At least one Resources member"),
        ("Resources: {A: {Properties: {}}}", "Every resource must have a Type"),
        ("Resources: {A-b: {Type: X}}", "A-b is non alphanumeric"),
        ("Resources: {A: {Type: X, Propertys: {}}}", "'Propertys' of resource A"),
        ("Rules: {A: {Assertions: []}}\nResources: {A: {Type: X}}", "Rules do not run outside AWS"),
        ("Resource: {A: {Type: X}}", "Invalid template property or properties \\[Resource\\]"),
    ],
)
def test_a_text_that_is_no_template_is_refused_with_what_is_wrong(text: str, said: str) -> None:
    with pytest.raises(TemplateInvalid, match=said):
        parse(text)


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ({"Ref": "Queue"}, "http://queue"),
        ({"Ref": "Size"}, "3"),
        ({"Fn::GetAtt": ["Queue", "Arn"]}, "arn:queue"),
        ({"Fn::GetAtt": "Queue.Arn"}, "arn:queue"),
        ({"Fn::Sub": "${AWS::StackName}-${Size}-${Queue.Arn}-${!Kept}"}, "shop-3-arn:queue-${Kept}"),
        ({"Fn::Sub": ["${a}/${Queue}", {"a": {"Ref": "Size"}}]}, "3/http://queue"),
        ({"Fn::Join": ["-", ["a", {"Ref": "Size"}]]}, "a-3"),
        ({"Fn::Select": [1, {"Fn::Split": [",", "a,b"]}]}, "b"),
        ({"Fn::If": ["Yes", "a", "b"]}, "a"),
        ({"a": {"Fn::If": ["No", "a", {"Ref": "AWS::NoValue"}]}, "b": 1}, {"b": 1}),
        ([{"Fn::If": ["No", "a", {"Ref": "AWS::NoValue"}]}, 1], [1]),
        ({"Fn::FindInMap": ["Sizes", {"Ref": "AWS::Region"}, "small"]}, "t"),
        ({"Fn::Base64": "a"}, "YQ=="),
        ({"Fn::ToJsonString": {"a": {"Ref": "Size"}}}, '{"a": "3"}'),
    ],
)
def test_functions_mean_what_cloudformation_says(value: Any, meant: Any) -> None:
    template = {
        "Mappings": {"Sizes": {"eu-west-1": {"small": "t"}}},
        "Conditions": {
            "Yes": {"Fn::And": [{"Fn::Equals": [{"Ref": "Size"}, 3]}, {"Fn::Not": [{"Condition": "No"}]}]},
            "No": {"Fn::Or": [{"Fn::Equals": ["a", "b"]}, {"Fn::Equals": ["a", "c"]}]},
        },
    }

    assert resolve(value, scope(template, Size="3")) == meant


def test_a_name_that_nobody_declared_is_an_error() -> None:
    with pytest.raises(TemplateInvalid, match=r"Unresolved resource dependencies \[Nobody\]"):
        resolve({"Fn::Sub": "${Nobody}"}, scope())


def test_references_are_found_wherever_they_hide() -> None:
    value = {"a": [{"Ref": "A"}], "b": {"Fn::Sub": ["${B.Arn} ${own} ${!C}", {"own": {"Fn::GetAtt": ["D", "Arn"]}}]}}

    assert references(value) == {"A", "B", "D"}


def test_parameters_are_stated_previous_or_default_and_nothing_else() -> None:
    template = {"Parameters": {"A": {"Type": "String"}, "B": {"Type": "Number", "Default": 1}, "C": {"Default": True}}}

    stated = parameters.given([{"ParameterKey": "A", "UsePreviousValue": True}], template, {"A": "old"})

    assert parameters.complete(template, stated) == {"A": "old", "B": "1", "C": "true"}
    with pytest.raises(TemplateInvalid, match=r"\[A\] must have values"):
        parameters.complete(template, {})
    with pytest.raises(TemplateInvalid, match=r"\[Z\] do not exist in the template"):
        parameters.given([{"ParameterKey": "Z", "ParameterValue": "1"}], template, {})


@pytest.mark.parametrize(
    ("spec", "value", "said"),
    [
        ({"AllowedValues": ["a"]}, "b", "must be one of AllowedValues"),
        ({"Type": "Number"}, "x", "must be a number"),
        ({"Type": "Number", "MinValue": 2}, "1", "not less than 2"),
        ({"Type": "String", "AllowedPattern": "[a-z]+"}, "A", "must match pattern"),
        ({"Type": "String", "MinLength": 2}, "A", "at least 2 characters"),
    ],
)
def test_a_parameter_that_breaks_its_constraint_is_refused(spec: dict[str, Any], value: str, said: str) -> None:
    with pytest.raises(TemplateInvalid, match=said):
        parameters.complete({"Parameters": {"P": spec}}, {"P": value})


def test_resources_come_after_what_they_refer_to() -> None:
    template = {
        "Resources": {
            "A": {"Type": QUEUE, "Properties": {"QueueName": {"Fn::GetAtt": ["B", "QueueName"]}}},
            "B": {"Type": QUEUE, "DependsOn": "C"},
            "C": {"Type": QUEUE},
            "D": {"Type": QUEUE, "Condition": "Never"},
        },
        "Conditions": {"Never": {"Fn::Equals": [1, 2]}},
    }

    assert wanted(template, scope(template)) == ["C", "B", "A"]


def test_a_circle_and_an_unknown_type_are_refused_by_name() -> None:
    circle = {"Resources": {"A": {"Type": QUEUE, "DependsOn": "B"}, "B": {"Type": QUEUE, "DependsOn": "A"}}}
    strange = {"Resources": {"Odd": {"Type": "AWS::Odd::Thing"}}}

    with pytest.raises(TemplateInvalid, match="Circular dependency between resources"):
        wanted(circle, scope(circle))
    with pytest.raises(TemplateInvalid, match=r"Unrecognized resource types: \[AWS::Odd::Thing \(Odd\)\]"):
        wanted(strange, scope(strange))


def planned(template: dict[str, Any], there: list[Resource]) -> list[tuple[str, str, bool]]:
    changes = plan(
        template, {one.logical_id: one for one in there}, lambda ref, attribute: Scope({}, {}, template, ref, attribute)
    )
    return [(change.action.value, change.logical_id, change.replacement) for change in changes]


def test_a_plan_has_just_what_differs_and_what_depends_on_a_replacement() -> None:
    def queue(name: str) -> dict[str, Any]:
        return {"Type": QUEUE, "Properties": {"QueueName": name}}

    user = {"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": [{"Ref": "A"}], "PolicyDocument": {}}}
    there = [
        Resource("A", QUEUE, Made("url-a"), {"QueueName": "a"}),
        Resource("Same", QUEUE, Made("url-same"), {"QueueName": "same"}),
        Resource("Gone", QUEUE, Made("url-gone"), {}),
        Resource("User", "AWS::SQS::QueuePolicy", Made("p"), {"Queues": ["url-a"], "PolicyDocument": {}}),
    ]

    assert planned(
        {"Resources": {"A": queue("new"), "Same": queue("same"), "User": user, "New": queue("n")}}, there
    ) == [
        ("Modify", "A", True),
        ("Add", "New", False),
        ("Modify", "User", False),
        ("Remove", "Gone", False),
    ]
    assert Action.ADD == "Add"


def test_a_property_that_nothing_acts_upon_is_refused_and_not_dropped() -> None:
    with pytest.raises(ResourceFailed, match=r"extraneous key \[ObjectLockEnabled\] is not permitted"):
        KINDS["AWS::S3::Bucket"].check({"ObjectLockEnabled": True})
    with pytest.raises(ResourceFailed, match=r"required key \[Role\] not found"):
        KINDS["AWS::Lambda::Function"].check({"Code": {}})


@pytest.mark.parametrize("limit", [63, 64, 80])
def test_generated_names_fit_and_keep_stack_and_logical_id(limit: int) -> None:
    short = Place(Cloud(Path()), "us-east-1", "shop", "id", "Orders", "AWS::SNS::Topic")
    long = Place(Cloud(Path()), "us-east-1", "a" * 60, "id", "B" * 60, "AWS::SNS::Topic")

    assert short.name(limit).startswith("shop-Orders-")
    assert short.name(limit, lower=True).islower()
    assert short.name(limit) != short.name(limit)
    assert len(long.name(limit)) <= limit
    assert {"a", "B"} <= set(long.name(limit).rsplit("-", 1)[0])


def test_iam_resources_need_the_callers_yes() -> None:
    role = {"Type": "AWS::IAM::Role", "Properties": {}}

    assert capabilities({"Resources": {"R": role}}) == {"CAPABILITY_IAM"}
    assert capabilities({"Resources": {"R": role | {"Properties": {"RoleName": "r"}}}}) == {"CAPABILITY_NAMED_IAM"}
    assert capabilities({"Resources": {"Q": {"Type": QUEUE}}}) == set()


def test_every_declared_type_says_what_it_is() -> None:
    assert templates.KIND_MODULES
    assert all(kind.type == name and kind.properties for name, kind in KINDS.items() if name.startswith("AWS::"))
