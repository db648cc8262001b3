"""A run's pipeline is started as its plan says; SageMaker's answer is a stub by botocore's own means."""

from typing import Any

import pytest
from app.aws import clients, pipelines
from app.decide.run_plans import PipelineRun
from botocore.stub import ANY, Stubber
from moto_world import World

ARN = "arn:aws:sagemaker:us-east-1:123456789012:pipeline/retrain--churn/execution/0a1b2c3d4e5f"


@pytest.mark.parametrize(
    ("parallel_steps", "asked"), [(0, {}), (2, {"ParallelismConfiguration": {"MaxParallelExecutionSteps": 2}})]
)
def test_a_start_asks_for_as_many_steps_at_a_time_as_the_plan_says(
    world: World, parallel_steps: int, asked: dict[str, Any]
) -> None:
    request = {
        "PipelineName": "retrain--churn", "PipelineExecutionDisplayName": "run", "ClientRequestToken": ANY,
        "PipelineParameters": [{"Name": "a", "Value": "1"}], "PipelineVersionId": 3,
    }  # fmt: skip
    with Stubber(clients.client("sagemaker")) as sagemaker:
        sagemaker.add_response("start_pipeline_execution", {"PipelineExecutionArn": ARN}, request | asked)

        found = pipelines.start(PipelineRun("run", "retrain--churn", 3, {"a": "1"}, "0" * 64, parallel_steps))

    assert found == ARN
