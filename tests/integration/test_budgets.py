"""What a run's pipeline cost is written when it ends, where the model has a budget, and holds the next one back."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import plan_run
from app.aws import clients
from app.flow import training
from botocore.stub import Stubber
from lambda_context import Context
from moto_world import GOOD, World

EXECUTION = "arn:aws:sagemaker:us-east-1:123456789012:pipeline/retrain--churn/execution/p4jn9xou8a8s"
JOB = "arn:aws:sagemaker:us-east-1:123456789012:{}/{}"


@contextmanager
def stubbed() -> Iterator[Stubber]:
    """SageMaker, which answers what a test says, and all of that is asked."""
    with Stubber(clients.client("sagemaker")) as sagemaker:
        yield sagemaker
        sagemaker.assert_no_pending_responses()


def planned(world: World, name: str, body: bytes = GOOD) -> tuple[str, dict[str, Any]]:
    world.record(world.upload(f"incoming/churn/{name}", body))
    run = world.run()
    return run, plan_run.handler({"model": "churn", "run": run}, Context())


def trained(sagemaker: Stubber, run: str, kind: str, billed_s: int) -> None:
    """The run's pipeline ended: one step trained, another came from the cache."""
    found = {"PipelineExecutionStatus": "Succeeded", "PipelineExecutionDisplayName": run}
    sagemaker.add_response("describe_pipeline_execution", found, {"PipelineExecutionArn": EXECUTION})
    arn = JOB.format("training-job", "pipelines-train")
    cached = {"CacheHitResult": {"SourcePipelineExecutionArn": EXECUTION}, "StepName": "Preprocess"}
    steps = [
        {"StepName": "Train", "Metadata": {"TrainingJob": {"Arn": arn}}},
        cached | {"Metadata": {"ProcessingJob": {"Arn": JOB.format("processing-job", "pipelines-old")}}},
    ]
    sagemaker.add_response("list_pipeline_execution_steps", {"PipelineExecutionSteps": steps})
    described = {
        "TrainingJobName": "pipelines-train", "TrainingJobArn": arn, "TrainingJobStatus": "Completed",
        "SecondaryStatus": "Completed", "AlgorithmSpecification": {"TrainingInputMode": "File"},
        "ModelArtifacts": {"S3ModelArtifacts": "s3://a/b"}, "StoppingCondition": {"MaxRuntimeInSeconds": 60},
        "CreationTime": "2026-03-14T10:15:00Z", "BillableTimeInSeconds": billed_s,
        "ResourceConfig": {"InstanceType": kind, "InstanceCount": 2, "VolumeSizeInGB": 1},
    }  # fmt: skip
    sagemaker.add_response("describe_training_job", described, {"TrainingJobName": "pipelines-train"})


def ends(world: World, run: str) -> None:
    """Its pipeline's end is heard; that nobody waits at the machine any more changes nothing."""
    world.ledger.remember_token(f"pipeline/{run}", "token", run)
    training.resume_if_pipeline_ended(run, EXECUTION, ended=True)


def test_what_a_pipeline_cost_holds_the_run_back_that_the_budget_has_no_room_for(world: World) -> None:
    world.publishes(retrain={"budget": 0.5})
    first, _ = planned(world, "may.csv")
    with stubbed() as sagemaker:
        trained(sagemaker, first, "ml.m5.xlarge", 3600)
        ends(world, first)

    _, held = planned(world, "june.csv", GOOD.replace(b"A", b"C"))

    record = world.ledger.record(first)
    assert record
    assert 0.4 < record.cost["usd"] < 0.6
    assert record.cost["unpriced"] == []
    assert (held["usable"], held["held_back"]) == (False, "budget")
    assert "and the budget is 0.5000 USD a month" in held["reasons"][0]


def test_instances_that_have_no_price_are_named_where_a_budget_cannot_be_kept(world: World) -> None:
    world.publishes(retrain={"budget": 500})
    first, _ = planned(world, "may.csv")
    with stubbed() as sagemaker:
        trained(sagemaker, first, "ml.p9.48xlarge", 3600)
        ends(world, first)

    _, held = planned(world, "june.csv", GOOD.replace(b"A", b"C"))

    assert held["held_back"] == "budget"
    assert "lacks ml.p9.48xlarge" in held["reasons"][0]


def test_of_a_model_without_a_budget_no_job_is_asked_what_it_billed(world: World) -> None:
    run, _ = planned(world, "may.csv")
    found = {"PipelineExecutionStatus": "Succeeded", "PipelineExecutionDisplayName": run}

    with stubbed() as sagemaker:
        sagemaker.add_response("describe_pipeline_execution", found, {"PipelineExecutionArn": EXECUTION})
        ends(world, run)

    record = world.ledger.record(run)
    assert record
    assert record.cost == {}
