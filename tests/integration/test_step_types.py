"""A type of step is added in one place: what a pipeline needs of it is in its row of the registry."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cloud import CloudServer, start_cloud, stop_cloud
from sagemaker_requests import ROLE, definition
from sagemaker_resources import over

from localcloud.sagemaker.pipelines import step_types
from localcloud.sagemaker.pipelines.step_types.registry import STEP_TYPES

PIPELINES = Path(step_types.__file__).parents[1]


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CloudServer]:
    """A cloud with one more type of step, Echo."""
    cloud = start_cloud(tmp_path_factory.mktemp("echo"), module="tests.integration.echo_cloud")
    yield cloud
    stop_cloud(cloud)


def executed(cloud: CloudServer, *steps: dict[str, Any]) -> dict[str, Any]:
    """The steps of an execution that has succeeded, by name."""
    sagemaker = cloud.client("sagemaker")
    made = {"PipelineName": "echoing", "PipelineDefinition": definition(*steps)}
    if sagemaker.list_pipelines()["PipelineSummaries"]:
        sagemaker.update_pipeline(**made)
    else:
        sagemaker.create_pipeline(**made, RoleArn=ROLE)
    arn = sagemaker.start_pipeline_execution(PipelineName="echoing")["PipelineExecutionArn"]
    assert over(cloud, arn)["PipelineExecutionStatus"] == "Succeeded"
    found = sagemaker.list_pipeline_execution_steps(PipelineExecutionArn=arn)["PipelineExecutionSteps"]
    return {step["StepName"]: step for step in found}


def echo(name: str, say: Any, **more: Any) -> dict[str, Any]:
    return {"Name": name, "Type": "Echo", "Voice": "loud", "Arguments": {"Say": say}, **more}


def test_a_type_that_is_added_to_the_registry_runs_hands_on_and_is_listed(cloud: CloudServer) -> None:
    found = executed(cloud, echo("First", "hi"), echo("Second", {"Get": "Steps.First.Said"}))

    assert found["First"]["Metadata"] == {"Lambda": {"Arn": "echo-First:loud:hi!"}}
    assert found["Second"]["Metadata"] == {"Lambda": {"Arn": "echo-Second:loud:hi!!"}}


def test_it_is_cached_by_what_it_is_asked_with(cloud: CloudServer) -> None:
    cached = {"CacheConfig": {"Enabled": True}}
    executed(cloud, echo("Kept", "hi", **cached))
    again = executed(cloud, echo("Kept", "hi", **cached))
    other = executed(cloud, echo("Kept", "hi", **cached) | {"Voice": "low"})

    assert "CacheHitResult" in again["Kept"]
    assert "CacheHitResult" not in other["Kept"]


def test_its_events_name_it(cloud: CloudServer) -> None:
    executed(cloud, echo("Heard", "hi"))
    told = [event["detail"] for event in cloud.page("events") if event["detail"].get("stepName") == "Heard"]

    assert {detail["stepType"] for detail in told} == {"Echo"}
    assert [detail["currentStepStatus"] for detail in told] == ["Starting", "Executing", "Succeeded"]


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ({"Name": "A", "Type": "Echo", "Arguments": {"Say": 1}}, "step A lacks Voice"),
        (echo("A", 1, Pitch="high"), "step A of type Echo has the unknown field Pitch"),
        (echo("A", 1, RetryPolicies=[]), "step A of type Echo has the unknown field RetryPolicies"),
        ({"Name": "A", "Type": "Echo", "Voice": "loud", "Arguments": {}}, "step A: it says nothing"),
        ({"Name": "A", "Type": "Ehco", "Arguments": {}}, "step A has the unknown type 'Ehco'"),
        ({"Name": "A", "Type": "EMR", "Arguments": {}}, "step A is of type EMR, which does not run outside AWS yet"),
    ],
)
def test_its_fields_and_arguments_are_checked_when_the_pipeline_is_made(
    cloud: CloudServer, step: dict[str, Any], told: str
) -> None:
    with pytest.raises(ClientError, match=told) as refused:
        cloud.client("sagemaker").create_pipeline(
            PipelineName="wrong", PipelineDefinition=definition(step), RoleArn=ROLE
        )

    assert refused.value.response["Error"]["Code"] == "ValidationException"


def test_no_other_module_names_a_type_of_step() -> None:
    own = Path(step_types.__file__).parent
    named = {
        (path.name, node.value)
        for path in PIPELINES.rglob("*.py")
        if own not in path.parents
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and node.value in STEP_TYPES
    }

    assert named == {("callbacks.py", "Callback")}  # what an answer leaves in the metadata
