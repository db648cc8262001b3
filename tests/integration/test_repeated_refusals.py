"""A run whose job refuses files, while functions die: that is said until it is heard, and then the next one counts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import leave_out_files
import plan_run
import pytest
from app.aws import clients
from app.decide.names.bucket_keys import dataset_object
from app.errors import RetrainError
from app.flow import training
from botocore.stub import ANY, Stubber
from lambda_context import Context
from moto_world import GOOD, World

PIPELINE = "arn:aws:sagemaker:us-east-1:123456789012:pipeline/retrain--churn"
FIRST, SECOND = f"{PIPELINE}/execution/first", f"{PIPELINE}/execution/second"
JOB = "arn:aws:sagemaker:us-east-1:123456789012:processing-job/preprocess"
BAD = b"customerID,tenure,Churn\nC,3,Yes\nD,4,No\n"


@dataclass
class Refused:
    """A run with a good and a bad upload; the job of its first pipeline refuses the bad one."""

    world: World
    run: str
    id: str
    sagemaker: Stubber
    machine: Stubber

    def describes(self, execution: str, status: str) -> None:
        described = {"PipelineExecutionArn": execution, "PipelineExecutionStatus": status}
        described |= {"PipelineExecutionDisplayName": self.run}
        self.sagemaker.add_response("describe_pipeline_execution", described, {"PipelineExecutionArn": execution})

    def refuses(self) -> None:
        """SageMaker is asked about the first pipeline, for people and for the run."""
        self.describes(FIRST, "Failed")
        step = {"StepName": "Preprocess", "StepStatus": "Failed", "Metadata": {"ProcessingJob": {"Arn": JOB}}}
        job = {"ProcessingJobArn": JOB, "ProcessingJobName": "preprocess", "ProcessingJobStatus": "Failed"}
        job |= {"ExitMessage": f"line 3 says 'abc' [refused: {self.id}]", "FailureReason": "AlgorithmError"}
        job |= {"ProcessingResources": RESOURCES, "AppSpecification": {"ImageUri": "image"}, "CreationTime": 0}
        for _ in ("for people", "for the run"):
            self.sagemaker.add_response("list_pipeline_execution_steps", {"PipelineExecutionSteps": [step]}, ANY_STEPS)
            self.sagemaker.add_response("describe_processing_job", job, {"ProcessingJobName": "preprocess"})

    def says(self, error: str, token: str = "first") -> None:
        asked = {"taskToken": token, "error": error, "cause": ANY}
        self.machine.add_response("send_task_failure", {}, asked)

    def looks(self, execution: str = FIRST, ended: bool = False) -> str:
        return training.resume_if_pipeline_ended(self.run, execution, ended)


RESOURCES = {"ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1}}
ANY_STEPS = {"PipelineExecutionArn": FIRST, "SortOrder": "Ascending"}


@pytest.fixture
def refused(world: World) -> Iterator[Refused]:
    bad = world.upload("incoming/churn/bad.csv", BAD)
    world.record(world.upload("incoming/churn/good.csv", GOOD), bad)
    run, found = world.run(), bad["detail"]["object"]
    plan_run.handler({"model": "churn", "run": run}, Context())
    world.ledger.remember_token(f"pipeline/{run}", "first", run)
    world.ledger.update_run(run, "pipeline started", pipeline_execution_arn=FIRST)
    id = dataset_object(found["key"], found["version-id"])[8:24]
    with Stubber(clients.client("sagemaker")) as sagemaker, Stubber(clients.client("stepfunctions")) as machine:
        yield Refused(world, run, id, sagemaker, machine)
        sagemaker.assert_no_pending_responses()
        machine.assert_no_pending_responses()


def test_a_refusal_that_was_written_and_not_said_is_said_by_whoever_looks_next(refused: Refused) -> None:
    refused.refuses()
    refused.machine.add_client_error("send_task_failure", "ThrottlingException")
    with pytest.raises(RetrainError):
        refused.looks()
    refused.refuses()
    refused.says("FilesRefused")

    assert refused.looks() == "Failed"
    assert refused.world.ledger.token(f"pipeline/{refused.run}") == ""


def test_a_state_that_was_retried_hears_of_the_refusal_too(refused: Refused) -> None:
    refused.refuses()
    refused.says("FilesRefused")
    refused.looks()
    refused.world.ledger.remember_token(f"pipeline/{refused.run}", "of the retry", refused.run)
    refused.refuses()
    refused.says("FilesRefused", "of the retry")

    assert refused.looks() == "Failed"


def goes_on(refused: Refused) -> None:
    """The run is planned without the bad file, and its second pipeline started; who started it dies."""
    refused.refuses()
    refused.says("FilesRefused")
    refused.looks()
    leave_out_files.handler({"model": "churn", "run": refused.run}, Context())
    refused.sagemaker.add_client_error("describe_endpoint", "ValidationException", "Could not find endpoint")
    plan_run.handler({"model": "churn", "run": refused.run}, Context())
    refused.world.ledger.remember_token(f"pipeline/{refused.run}", "second", refused.run)


@pytest.mark.parametrize("ended", [True, False])
def test_whoever_looks_at_the_refused_pipeline_finds_the_next_one(refused: Refused, ended: bool) -> None:
    goes_on(refused)
    listed = {"PipelineExecutionArn": SECOND, "PipelineExecutionDisplayName": refused.run}
    refused.sagemaker.add_response("list_pipeline_executions", {"PipelineExecutionSummaries": [listed]}, ANY_LIST)
    refused.describes(SECOND, "Executing")

    assert refused.looks(FIRST, ended) == "running"


def test_before_the_next_one_is_started_the_refused_pipeline_answers_nobody(refused: Refused) -> None:
    goes_on(refused)
    listed = {"PipelineExecutionArn": FIRST, "PipelineExecutionDisplayName": refused.run}
    refused.sagemaker.add_response("list_pipeline_executions", {"PipelineExecutionSummaries": [listed]}, ANY_LIST)

    assert refused.looks() == "not started"
    assert refused.world.ledger.token(f"pipeline/{refused.run}") == "second"


ANY_LIST: dict[str, Any] = {"PipelineName": ANY, "SortBy": "CreationTime", "SortOrder": "Descending"}


def test_a_job_that_refuses_what_was_left_out_fails_the_run(refused: Refused) -> None:
    refused.refuses()
    refused.says("FilesRefused")
    refused.looks()
    leave_out_files.handler({"model": "churn", "run": refused.run}, Context())
    refused.world.ledger.remember_token(f"pipeline/{refused.run}", "of the same data", refused.run)
    refused.refuses()
    refused.says("PipelineFailed", "of the same data")

    assert refused.looks() == "Failed"
