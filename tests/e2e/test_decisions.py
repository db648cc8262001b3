"""Decisions that nobody waits for, bursts while a run works, and runs that a person stops."""

import json
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from letters import letters_of
from waiting import eventually


@pytest.fixture(scope="module")
def own(new_stack: Callable[[str], Any]) -> Any:
    """A stack of its own: these tests change what serves."""
    made = new_stack("decisions")
    made.publish({"AccuracyThreshold": "0.5"})  # what is decided here is not the gate
    return made


@contextmanager
def approval(stack: Any, **changes: Any) -> Iterator[None]:
    """Publish another ``approval`` section for a while."""
    s3, where = (
        stack.target.client("s3"),
        {"Bucket": stack.outputs["DataBucketName"], "Key": "config/models/churn.json"},
    )
    before = s3.get_object(**where)["Body"].read()
    document = json.loads(before)
    document["model"]["approval"] |= changes
    s3.put_object(**where, Body=json.dumps(document).encode())
    try:
        yield
    finally:
        s3.put_object(**where, Body=before)


def decide(stack: Any, run: Any, status: str) -> None:
    stack.target.client("sagemaker").update_model_package(
        ModelPackageArn=run.package_arn, ModelApprovalStatus=status, ApprovalDescription="a test says so"
    )


def serving(stack: Any) -> str:
    found = stack.target.client("sagemaker").describe_endpoint(EndpointName=stack.target.resource("churn"))
    return str(found["EndpointConfigName"])


def deployed(stack: Any, seed: int) -> Any:
    run = stack.awaiting(stack.send(stack.csv(f"deployed-{seed}.csv", rows=1500, seed=seed)).run)
    decide(stack, run, "Approved")
    return stack.run(run.id)


def test_a_model_file_may_approve_of_itself(own: Any) -> None:
    with approval(own, mode="automatic"):
        run = own.run(own.send(own.csv("automatic.csv", rows=1500, seed=31)).run)

    assert str(run.status) == "Deployed"
    assert f"-v{run.version}-" in serving(own)


def test_an_expired_request_deploys_when_it_is_approved_late_and_goes_back_when_it_is_rejected(own: Any) -> None:
    before = deployed(own, 32)
    with approval(own, deadline_s=1):
        expired = own.run(own.send(own.csv("late.csv", rows=1500, seed=33)).run)
    assert str(expired.status) == "Approval expired"
    assert f"-v{before.version}-" in serving(own)

    decide(own, expired, "Approved")
    eventually(lambda: f"-v{expired.version}-" in serving(own), 30, "the late version serves")
    eventually(lambda: str(own.runs()[0].status) == "Deployed", 30, "the late run says so")
    decide(own, expired, "Rejected")
    eventually(lambda: f"-v{before.version}-" in serving(own), 30, "the version before serves again")

    executions = own.target.client("stepfunctions").list_executions(stateMachineArn=own.outputs["StateMachineArn"])
    late = [one["name"] for one in executions["executions"] if one["name"].startswith(expired.id + "-d")]
    assert len(late) == 1


def test_uploads_during_a_run_become_one_run_behind_it(own: Any) -> None:
    first = own.send(own.csv("first.csv", rows=1500, seed=34)).run
    own.run(first, lambda run: run.pipeline_execution_arn is not None)

    behind = {own.send(own.csv(f"behind-{seed}.csv", rows=400, seed=seed)).run for seed in (35, 36, 37)}
    runs = [own.awaiting(run) for run in (first, *behind)]

    assert len(behind) == 1
    assert len(runs[1].files) == 3


def test_of_two_versions_approved_at_once_the_newer_serves(own: Any) -> None:
    runs = [own.awaiting(own.send(own.csv(f"two-{seed}.csv", rows=1500, seed=seed)).run) for seed in (38, 39)]
    for run in runs:
        decide(own, run, "Approved")

    ended = [own.run(run.id) for run in runs]

    assert str(ended[1].status) == "Deployed"
    assert str(ended[0].status) in ("Superseded", "Deployed")
    assert f"-v{ended[1].version}-" in serving(own)


def test_an_artifact_that_is_replaced_between_gate_and_approval_is_not_deployed(own: Any) -> None:
    before = deployed(own, 42)
    run = own.awaiting(own.send(own.csv("replaced.csv", rows=1500, seed=51)).run)
    s3, (artifact, *_) = own.target.client("s3"), run.judged["objects"]  # of which the first is what serves
    bucket, _, key = artifact["uri"].removeprefix("s3://").partition("/")
    s3.put_object(Bucket=bucket, Key=key, Body=s3.get_object(Bucket=bucket, Key=key)["Body"].read() + b"other")

    decide(own, run, "Approved")
    ended = own.run(run.id)

    assert str(ended.status) == "Failed"
    assert ended.reasons[0].startswith(f"Artifact changed after it was judged: s3://{bucket}/{key} was version ")
    assert ended.version in own.target.ledger().failed_versions("churn")
    assert f"-v{before.version}-" in serving(own)


@contextmanager
def refusing_once(stack: Any) -> Iterator[None]:
    """The next request to churn's endpoint fails, as if its container had failed."""

    def put(faults: dict[str, Any]) -> None:
        page = f"{stack.target.url}/_localcloud/faults"
        asked = urllib.request.Request(page, json.dumps(faults).encode(), method="PUT")
        urllib.request.urlopen(asked, timeout=60).close()

    fault = {"fault": "fail", "endpoint": stack.target.resource("churn"), "status": 500, "times": 1}
    put({"endpoints": [fault]})
    try:
        yield
    finally:
        put({})


@pytest.mark.local  # an account has no faults that one asks for
def test_a_version_that_answers_with_an_error_is_marked_and_the_one_before_serves_again(own: Any) -> None:
    before = deployed(own, 52)
    run = own.awaiting(own.send(own.csv("broken.csv", rows=1500, seed=53)).run)
    ledger, why = own.target.ledger(), f"endpoint {own.target.resource('churn')} refuses held-out records"

    with letters_of(own, "letters-about-a-failure") as letters, refusing_once(own):
        decide(own, run, "Approved")
        ended = own.run(run.id)
        eventually(lambda: any(run.id in one and why in one for one in letters()), 60, "people know that it failed")
        eventually(lambda: f"-v{before.version}-" in serving(own), 60, "the version before serves again")
        eventually(lambda: str(own.run(before.id).status) == "Deployed", 60, "its run says so")

    assert (str(ended.status), ended.reasons[0].startswith(why)) == ("Failed", True), ended.reasons
    assert run.version in ledger.failed_versions("churn")
    assert before.version not in ledger.failed_versions("churn")
    assert ledger.live_version("churn").version == before.version


def test_the_model_that_serves_and_the_registry_name_a_copy_that_jobs_may_not_write(own: Any) -> None:
    run = deployed(own, 44)
    copy = f"s3://{own.outputs['DataBucketName']}/judged/churn/{run.id}/artifact-1/model.tar.gz"

    sagemaker = own.target.client("sagemaker")
    config = sagemaker.describe_endpoint_config(EndpointConfigName=serving(own))
    model = sagemaker.describe_model(ModelName=config["ProductionVariants"][0]["ModelName"])
    package = sagemaker.describe_model_package(ModelPackageName=run.package_arn)
    (container,) = package["InferenceSpecification"]["Containers"]
    assert (model["PrimaryContainer"]["ModelDataUrl"], container["ModelDataUrl"]) == (copy, copy)
    etag = own.target.client("s3").head_object(Bucket=own.outputs["DataBucketName"], Key=copy.split("/", 3)[3])["ETag"]
    assert container["ModelDataETag"] == etag.strip('"')


def test_a_run_that_a_person_stops_fails_and_the_next_goes_on(own: Any) -> None:
    run = own.run(own.send(own.csv("stopped.csv", rows=1500, seed=40)).run, lambda run: str(run.status) == "Running")
    machine = own.target.client("stepfunctions")
    machine.stop_execution(executionArn=run.execution_arn, error="Stopped", cause="a person stopped it")

    ended = own.run(run.id)
    after = own.awaiting(own.send(own.csv("after.csv", rows=1500, seed=41)).run)

    assert (str(ended.status), ended.reasons) == ("Failed", ["a person stopped it"])
    assert str(after.status) == "Awaiting approval"
