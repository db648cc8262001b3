"""Names of what is made at run time: one rule on all sides, legal at AWS, and none could be another stack's."""

import re
from fnmatch import fnmatchcase
from itertools import product
from pathlib import Path

import boto3
import pytest
from app.decide.names import resource_names
from hypothesis import given
from hypothesis import strategies as st

from localcloud.templates.resource_types import Place
from pipelines import names
from pipelines.publishing.model_roles import ModelRole, Use

STACKS = st.from_regex(names.SIMPLE, fullmatch=True).filter(lambda name: len(name) <= names.MOST_STACK)
MODELS = st.from_regex(r"[a-z0-9](-?[a-z0-9]){0,11}", fullmatch=True)
SHAPES = ("EndpointName", "EndpointConfigName", "ModelName", "EntityName", "TransformJobName", "PipelineName")
SAGEMAKER = boto3.client("sagemaker", region_name="us-east-1").meta.service_model
TEMPLATE = (Path(__file__).parents[2] / "template.yaml").read_text()
REDRIVEN = ("ReactTo", "FinishRun", "BeginScoring", "BeginRun", "ReconcileRuns")  # what the page gives letters to


def made(stack: str, model: str) -> list[str]:
    return [
        resource_names.resource_name(stack, model),
        resource_names.versioned_name(stack, model, 99_999, {}),
        resource_names.transform_name(stack, model, 99_999, f"{model}-0a1b2c3d4e5f6071"),
    ]


@given(STACKS, MODELS)
def test_publish_and_the_functions_name_alike(stack: str, model: str) -> None:
    assert names.resource_name(stack, model) == resource_names.resource_name(stack, model)


@given(STACKS, MODELS)
def test_every_name_is_legal_at_aws(stack: str, model: str) -> None:
    for name, shape in product(made(stack, model), SHAPES):
        limits = SAGEMAKER.shape_for(shape).metadata
        assert re.fullmatch(limits["pattern"], name)
        assert len(name) <= limits["max"]


@given(STACKS, STACKS, MODELS)
def test_no_name_of_one_stack_begins_as_anothers(one: str, other: str, model: str) -> None:
    assert all(name.startswith(resource_names.resource_name(one, "")) for name in made(one, model))
    if one != other:
        assert not any(name.startswith(resource_names.resource_name(one, "")) for name in made(other, model))
    longer = f"{one}-{other}"[: names.MOST_STACK].rstrip("-")
    if longer != one:
        assert not any(name.startswith(resource_names.resource_name(one, "")) for name in made(longer, model))


@pytest.mark.parametrize("stack", ["retrain--x", "retrain-", "Retrain", "1st", "", "r" * 25])
def test_a_stack_whose_names_could_be_anothers_or_too_long_is_refused(stack: str) -> None:
    with pytest.raises(names.BadName):
        names.check_stack(stack)


@given(STACKS, MODELS, st.sampled_from(["us-east-1", "ap-southeast-2", "us-gov-west-1"]))
def test_every_name_of_a_models_role_is_legal_and_its_own(stack: str, model: str, region: str) -> None:
    """Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html"""
    policy = "arn:aws:iam::123456789012:policy/p"
    made = [ModelRole(stack, one, region, use, policy).name for one in (model, f"{model}x") for use in Use]

    assert all(re.fullmatch(r"[\w+=,.@-]{1,64}", name) for name in made)
    assert len(set(made)) == 4


def test_names_that_are_too_long_together_are_refused_in_words() -> None:
    with pytest.raises(names.BadName, match="has 78 characters, and SageMaker takes 63; shorten the model's name"):
        names.check("r" * 24, "m" * 52)


def test_rules_and_roles_go_by_the_separator() -> None:
    """What begins with the stack's name alone in the template: CloudFormation's own names, which rules never see."""
    loose = re.findall(r"[^:\s\"]*\$\{AWS::StackName\}-(?!-)[^\s\"]*", TEMPLATE)

    reacting = "${AWS::StackName}-ReactTo*"  # no stack's name has capitals, so none of another's begins so
    posting = "${AWS::StackName}-PostTo*"
    redriven = [f"${{AWS::StackName}}-{name}*" for name in REDRIVEN]
    own = ["${AWS::StackName}-${AWS::Region}", "${AWS::StackName}-*"]
    assert sorted(loose) == sorted([*own, *redriven, posting, posting, reacting, f"rule/{reacting}"])


def test_the_stacks_key_serves_the_log_groups_of_its_functions_and_endpoints_and_no_others() -> None:
    groups = re.findall(r"^  (\w+):\n    Type: AWS::Logs::LogGroup", TEMPLATE, re.MULTILINE)
    stack = "r" * names.MOST_STACK
    statement = TEMPLATE.partition("Sid: LogsOfFunctionsAndEndpoints")[2].partition("\n\n")[0]
    allowed = re.findall(r'log-group:(.*)"', statement)
    pattern, of_endpoints = (one.replace("${AWS::StackName}", stack) for one in allowed)

    assert len(groups) > 20
    for name in groups:
        physical = Place(None, "us-east-1", stack, "", name, "AWS::Logs::LogGroup").name(512)
        assert fnmatchcase(physical, pattern)
    assert fnmatchcase(f"/aws/sagemaker/Endpoints/{stack}--churn", of_endpoints)
    assert not any(
        fnmatchcase(name, one)
        for name in (f"/aws/sagemaker/Endpoints/{stack}-x--churn", "/aws/sagemaker/TrainingJobs")
        for one in (pattern, of_endpoints)
    )
