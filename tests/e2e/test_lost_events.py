"""Events that never come: the reconciler helps on whoever waits, and finishes what died unseen."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from waiting import eventually

from cli.demo_data import generate
from cli.stack.rows.uploading import Uploaded, outcome


@pytest.fixture(scope="module")
def own(new_stack: Callable[[str], Any]) -> Any:
    """A stack of its own: these tests take its events away."""
    made = new_stack("lossy")
    made.publish({"AccuracyThreshold": "0.5"})
    return made


@contextmanager
def deaf(stack: Any, rule: str) -> Iterator[None]:
    """One of the stack's rules hears nothing for a while."""
    found = stack.target.client("cloudformation").describe_stack_resource(StackName=stack.name, LogicalResourceId=rule)
    name = found["StackResourceDetail"]["PhysicalResourceId"]
    events = stack.target.client("events")
    events.disable_rule(Name=name)
    try:
        yield
    finally:
        events.enable_rule(Name=name)


def reconcile(stack: Any) -> None:
    found = stack.target.client("cloudformation").describe_stack_resource(
        StackName=stack.name, LogicalResourceId="ReconcileRunsFunction"
    )
    answer = stack.target.client("lambda").invoke(
        FunctionName=found["StackResourceDetail"]["PhysicalResourceId"], Payload=json.dumps({"grace_s": 0}).encode()
    )
    assert "FunctionError" not in answer, answer["Payload"].read()


def status_of_endpoint(stack: Any, run: Any) -> str:
    sagemaker = stack.target.client("sagemaker")
    found = sagemaker.list_endpoints(NameContains=stack.target.resource("churn"))["Endpoints"]
    return str(found[0]["EndpointStatus"]) if found else ""


def scored(stack: Any, name: str) -> bool:
    key = f"scored/churn/{name}"
    found = stack.target.client("s3").list_objects_v2(Bucket=stack.outputs["DataBucketName"], Prefix=key)
    return bool(found["KeyCount"])


def test_a_run_arrives_though_no_event_of_sagemaker_does(own: Any) -> None:
    sagemaker = own.target.client("sagemaker")
    with deaf(own, "ReactToPipelineFunctionPipelineChanged"):
        run = own.run(own.send(own.csv("one.csv", rows=1500)).run, lambda run: run.pipeline_execution_arn is not None)
        where = {"PipelineExecutionArn": run.pipeline_execution_arn}
        ended = ("Succeeded", "Failed")
        eventually(
            lambda: sagemaker.describe_pipeline_execution(**where)["PipelineExecutionStatus"] in ended, 60, "its end"
        )
    assert str(own.run(run.id, lambda run: True).status) == "Running"
    reconcile(own)
    waiting = own.awaiting(run.id)

    with deaf(own, "ReactToApprovalFunctionPackageChanged"):
        own.approve(waiting)
    reconcile(own)
    with deaf(own, "ReactToEndpointFunctionEndpointChanged"):
        eventually(lambda: status_of_endpoint(own, run) == "InService", 60, "an endpoint in service")
    reconcile(own)

    assert str(own.run(run.id).status) == "Deployed"


def test_a_file_is_scored_though_nobody_hears_that_its_job_ended(own: Any) -> None:
    sagemaker, s3 = own.target.client("sagemaker"), own.target.client("s3")

    def jobs() -> list[str]:
        found = sagemaker.list_transform_jobs(NameContains=own.target.resource("churn"))["TransformJobSummaries"]
        return [one["TransformJobStatus"] for one in found]

    with deaf(own, "ReactToTransformFunctionTransformChanged"):
        s3.put_object(
            Bucket=own.outputs["DataBucketName"], Key="scoring/churn/quiet.csv",
            Body=generate("churn", 300, 5).encode(),
        )  # fmt: skip
        eventually(lambda: jobs() == ["Completed"], 60, "the end of the job")
        unheard = scored(own, "quiet.csv")
    reconcile(own)

    assert not unheard
    eventually(lambda: scored(own, "quiet.csv"), 30, "answers in scored/")


def put(stack: Any, key: str, rows: int, seed: int) -> Uploaded:
    body, bucket = generate("churn", rows, seed).encode(), stack.outputs["DataBucketName"]
    version = stack.target.client("s3").put_object(Bucket=bucket, Key=key, Body=body)["VersionId"]
    return Uploaded(key, version, len(body))


def test_a_rescan_finds_a_file_that_waits_to_be_scored(own: Any) -> None:
    with deaf(own, "BeginScoringFunctionFileArrived"):
        put(own, "scoring/churn/unheard.csv", rows=300, seed=6)
    done = own.retrain("upload", "churn", "--rescan", "--json")
    eventually(lambda: scored(own, "unheard.csv"), 30, "answers in scored/")
    again = own.retrain("upload", "churn", "--rescan")

    assert json.loads(done.stdout) == {"model": "churn", "unheard": ["scoring/churn/unheard.csv"]}
    assert again.stdout == "all that lies in incoming/churn/ and scoring/churn/ is known\n"


def test_an_execution_that_died_unseen_is_finished_and_forgotten(own: Any) -> None:
    with deaf(own, "FinishRunFunctionExecutionEnded"):
        run = own.run(own.send(own.csv("two.csv", rows=600, seed=2)).run, lambda run: True)
        machine = own.target.client("stepfunctions")
        machine.stop_execution(executionArn=run.execution_arn, error="Stopped", cause="a person stopped it")
        eventually(
            lambda: machine.describe_execution(executionArn=run.execution_arn)["status"] == "ABORTED", 20, "its end"
        )
    reconcile(own)

    ended = own.run(run.id)
    table = own.outputs["LedgerTableName"]
    held = {
        "TableName": table,
        "KeyConditionExpression": "pk = :pk",
        "ExpressionAttributeValues": {":pk": {"S": "OPEN_EXECUTIONS"}},
    }

    assert (str(ended.status), ended.reasons) == ("Failed", ["a person stopped it"])
    eventually(lambda: own.target.client("dynamodb").query(**held)["Count"] == 0, 20, "no open execution is left")


def test_an_upload_that_s3_never_told_of_begins_its_run(own: Any) -> None:
    with deaf(own, "UploadRule"):
        sent = put(own, "incoming/churn/unheard.csv", rows=600, seed=11)
    known = own.target.ledger().recorded_outcome(own.outputs["DataBucketName"], sent.key, sent.version_id)
    reconcile(own)
    run = own.awaiting(outcome(own.target, "churn", sent, deadline_s=30).run)

    assert known is None
    assert [file["key"] for file in run.files] == ["incoming/churn/unheard.csv"]
