"""What serves is measured on uploads before a run learns from them, where the policy waits for its quality."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import plan_run
import pytest
import read_verdict
import start_pipeline
from app.aws import clients
from app.decide.names.statuses import RunStatus
from app.flow import training
from app.ledger.live_versions import LiveVersion
from botocore.stub import ANY, Stubber
from lambda_context import Context
from moto_world import BUCKET, GOOD, ROLE, World
from published_churn import PUBLISHED

STEPS = ["Preprocess", "ScoreChampion"]
RULE = {"metric": "roc_auc", "below": 0.8, "windows": "1 of 2"}
POLICY = {"on_upload": "when_due", "cooldown": "1h", "on_quality": RULE}
EXECUTION = "arn:aws:sagemaker:us-east-1:123456789012:pipeline/retrain--churn/execution/"
MEASURING, WHOLE = EXECUTION + "measuring", EXECUTION + "whole"
JOB = "arn:aws:sagemaker:us-east-1:123456789012:processing-job/asks"


@pytest.fixture
def waiting(world: World) -> World:
    """Version 1 serves, and uploads of its model wait until its quality has fallen."""
    publishes(world)
    copy = world.registered(1, "churn-20260301t101500-fedcba")
    container = {"Image": "image", "ModelDataUrl": f"s3://{BUCKET}/{copy}"}
    name = "retrain--churn-v1-aaaaaaaa"
    boto3.client("sagemaker").create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=container)
    world.ledger.set_live_version("churn", LiveVersion(1, name), "run", before=None)
    return world


def publishes(world: World, steps: list[str] = STEPS, **policy: Any) -> None:
    document = PUBLISHED | {"model": PUBLISHED["model"] | {"retrain": POLICY | policy}}
    document |= {"pipeline": PUBLISHED["pipeline"] | {"measuring": steps}}
    world.s3.put_object(Bucket=BUCKET, Key="config/models/churn.json", Body=json.dumps(document).encode())


def upload(world: World, name: str = "may.csv", body: bytes = GOOD) -> str:
    world.record(world.upload(f"incoming/churn/{name}", body))
    return world.run()


def plan(run: str) -> Any:
    return plan_run.handler({"model": "churn", "run": run}, Context())


def window(value: float, upload: str = "may") -> dict[str, Any]:
    at, metrics = "2026-03-14T10:15:00.000Z", {"roc_auc": {"value": value, "low": value - 0.01, "high": value + 0.01}}
    return {"id": f"upload-{upload}", "start": at, "end": at, "rows": 300, "metrics": metrics}


def measured(world: World, run: str, *windows: dict[str, Any], **facts: Any) -> Any:
    """The pipeline that measures has ended, and its verdict is read."""
    quality = {"version": 1, "metric": "roc_auc", "labels": {}, "lower_is_better": [], "windows": windows} | facts
    body = json.dumps(quality).encode()
    world.s3.put_object(Bucket=BUCKET, Key="pipelines/m/answers/quality.json", Body=body)
    with stubbed() as sagemaker:
        steps = [{"StepName": "ScoreChampion", "Metadata": {"ProcessingJob": {"Arn": JOB}}}]
        sagemaker.add_response("list_pipeline_execution_steps", {"PipelineExecutionSteps": steps})
        outputs = [{
            "OutputName": "champion-answers",
            "S3Output": {"S3Uri": f"s3://{BUCKET}/pipelines/m/answers", "LocalPath": "/", "S3UploadMode": "EndOfJob"},
        }]  # fmt: skip
        described = {
            "ProcessingJobName": "asks", "ProcessingJobArn": JOB, "ProcessingJobStatus": "Completed",
            "CreationTime": "2026-03-14T10:15:00Z", "AppSpecification": {"ImageUri": "image"},
            "ProcessingOutputConfig": {"Outputs": outputs},
            "ProcessingResources": {
                "ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 1}
            },
        }  # fmt: skip
        sagemaker.add_response("describe_processing_job", described)
        event = {"model": "churn", "run": run, "pipeline_execution_arn": MEASURING}
        return read_verdict.handler(event, Context())


@contextmanager
def stubbed() -> Iterator[Stubber]:
    """SageMaker, which answers what a test says, and all of that is asked."""
    with Stubber(clients.client("sagemaker")) as sagemaker:
        yield sagemaker
        sagemaker.assert_no_pending_responses()


def starts(world: World, run: str, execution: str, *steps: str) -> None:
    """The machine starts what was planned, which begins and goes on."""
    with stubbed() as sagemaker:
        request = {
            "PipelineName": "retrain--churn", "PipelineExecutionDisplayName": run, "PipelineParameters": ANY,
            "ClientRequestToken": ANY, "PipelineVersionId": 4,
        }  # fmt: skip
        selected = {"SelectiveExecutionConfig": {"SelectedSteps": [{"StepName": name} for name in steps]}}
        answer = {"PipelineExecutionArn": execution}
        sagemaker.add_response("start_pipeline_execution", answer, request | (selected if steps else {}))
        going = {"PipelineExecutionStatus": "Executing", "PipelineExecutionDisplayName": run}
        sagemaker.add_response("describe_pipeline_execution", going, answer)
        start_pipeline.handler({"model": "churn", "run": run, "task_token": f"token of {execution}"}, Context())


def test_uploads_whose_quality_nobody_knows_are_answered_by_what_serves_before_the_policy_decides(
    waiting: World,
) -> None:
    run = upload(waiting)

    planned = plan(run)
    starts(waiting, run, MEASURING, *STEPS)
    verdict = measured(waiting, run, window(0.7))
    again = plan(run)
    starts(waiting, run, WHOLE)

    assert (planned["usable"], verdict["measured"], again["usable"]) == (True, True, True)
    record = waiting.ledger.record(run)
    assert record
    assert (record.cause["kind"], record.cause["evidence"][0]) == ("quality", "1 of the last 1 quality windows")
    assert (record.measuring_pipelines, record.current_pipeline) == ([MEASURING], WHOLE)
    assert [entry["what"] for entry in record.timeline][-5:] == [
        "what serves is asked about new rows", "measuring started", "what serves was measured", "batch closed",
        "pipeline started",
    ]  # fmt: skip


def test_a_run_that_is_held_back_speaks_of_the_data_that_was_measured(waiting: World) -> None:
    """An upload goes while what serves answers it: the next run leaves it out, this one's plan has it."""
    waiting.record(waiting.upload("incoming/churn/april.csv", GOOD.replace(b"A", b"C")))
    run = upload(waiting)
    plan(run)
    planned = waiting.ledger.record(run)
    waiting.s3.delete_object(Bucket=BUCKET, Key="incoming/churn/april.csv")

    measured(waiting, run, window(0.9))
    held = plan(run)

    assert held["due"] is False
    record = waiting.ledger.record(run)
    assert planned
    assert record
    assert (record.data, record.rows, record.left_out) == (planned.data, 4, [])
    assert record.timeline[-1]["what"] == "held back"


def test_a_run_that_begins_after_it_measured_speaks_of_the_data_that_it_learns_from(waiting: World) -> None:
    waiting.record(waiting.upload("incoming/churn/april.csv", GOOD.replace(b"A", b"C")))
    run = upload(waiting)
    plan(run)
    waiting.s3.delete_object(Bucket=BUCKET, Key="incoming/churn/april.csv")

    measured(waiting, run, window(0.7))
    plan(run)

    record = waiting.ledger.record(run)
    assert record
    assert (record.rows, [one["key"] for one in record.left_out]) == (2, ["incoming/churn/april.csv"])


def test_what_came_back_while_it_was_measured_is_not_told_as_left_out(waiting: World) -> None:
    """Who deletes a delete marker has the upload back."""
    waiting.record(waiting.upload("incoming/churn/april.csv", GOOD.replace(b"A", b"C")))
    run = upload(waiting)
    marker = waiting.s3.delete_object(Bucket=BUCKET, Key="incoming/churn/april.csv")["VersionId"]
    plan(run)
    waiting.s3.delete_object(Bucket=BUCKET, Key="incoming/churn/april.csv", VersionId=marker)

    measured(waiting, run, window(0.7))
    plan(run)

    record = waiting.ledger.record(run)
    assert record
    assert (record.rows, record.left_out, record.left_out_counts) == (4, [], {})


def test_uploads_that_what_serves_answers_well_begin_nothing_and_are_measured_once(waiting: World) -> None:
    run = upload(waiting)
    plan(run)

    measured(waiting, run, window(0.9))
    held = plan(run)
    waiting.ledger.finish(run, "", RunStatus.NOT_DUE, ("why",))
    second = upload(waiting, "june.csv", GOOD.replace(b"A", b"C"))
    plan(second)
    measured(waiting, second, window(0.9), window(0.5, "june"))

    assert (held["usable"], held["held_back"]) == (False, "not due")
    assert "0 of 1 quality windows since the last run say so, 1 of 2 are needed" in held["reasons"][0]
    assert len(waiting.ledger.newest_windows("churn", "quality", 9)) == 2
    assert plan(second)["usable"]


def test_a_run_that_only_measured_is_none_that_a_cooldown_counts(waiting: World) -> None:
    run = upload(waiting)
    plan(run)
    measured(waiting, run, window(0.9))
    plan(run)
    waiting.ledger.finish(run, "", RunStatus.NOT_DUE, ("why",))

    second = upload(waiting, "june.csv", GOOD.replace(b"A", b"C"))
    plan(second)
    measured(waiting, second, window(0.6, "june"))

    assert plan(second)["usable"]


@pytest.mark.parametrize(
    "changes",
    [{"steps": []}, {"on_quality": None, "on_drift": {"windows": "1 of 1"}}, {"budget": 0.0}],
    ids=["published by an earlier release", "no quality asked for", "no money left"],
)
def test_nothing_is_measured_that_could_not_be_or_that_nobody_asks_for(waiting: World, changes: dict[str, Any]) -> None:
    publishes(waiting, **{"steps": STEPS, **changes})
    if "budget" in changes:
        spent(waiting)
    run = upload(waiting)

    assert plan(run)["held_back"] == "not due"


def spent(world: World) -> None:
    """A run of this month cost a dollar."""
    run = upload(world, "april.csv", GOOD.replace(b"A", b"D"))
    world.ledger.close_batch("churn", run)
    planned = {"pipeline": "retrain--churn", "parameters": {}}
    world.ledger.set_status(run, "", RunStatus.RUNNING, "batch closed", plan=planned, cost={"usd": 1.0})


def test_what_measuring_cost_is_spent_of_the_budget(waiting: World) -> None:
    publishes(waiting, budget=1.0)
    run = upload(waiting)
    plan(run)
    measured(waiting, run, window(0.9))
    waiting.ledger.update_run(run, "measuring succeeded", cost={"usd": 1.5, "unpriced": []})
    plan(run)
    waiting.ledger.finish(run, "", RunStatus.NOT_DUE, ("why",))

    assert plan(upload(waiting, "june.csv", GOOD.replace(b"A", b"C")))["held_back"] == "not due"


def test_the_end_of_what_measured_answers_nobody_who_waits_for_the_whole(waiting: World) -> None:
    run = upload(waiting)
    plan(run)
    starts(waiting, run, MEASURING, *STEPS)
    measured(waiting, run, window(0.7))
    plan(run)
    waiting.ledger.remember_token(f"pipeline/{run}", "whole", run)

    with stubbed() as sagemaker:
        sagemaker.add_response("list_pipeline_executions", {"PipelineExecutionSummaries": []})

        assert training.resume_if_pipeline_ended(run, MEASURING, ended=True) == "not started"
    assert waiting.ledger.token(f"pipeline/{run}") == "whole"
