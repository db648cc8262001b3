"""A run while instances lack: it goes on with the next type of its list, or ends with the reason and a remedy."""

import json
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from pipelines.definition import instance_fallback

pytestmark = pytest.mark.local
GONE, NEXT = "ml.m5.24xlarge", "ml.m5.12xlarge"  # types that no other test takes
SHORT_WAIT = {"IntervalSeconds": 1, "MaxAttempts": 1, "BackoffRate": 1}
REMEDY = (
    "name others under instances: fallback in the model file (with spot: true write spot: false first, as spot takes"
    " none), or begin again later: retrain start"
)


def say(stack: Any, limits: dict[str, Any]) -> None:
    page = f"{stack.target.url}/_localcloud/capacity"
    urllib.request.urlopen(urllib.request.Request(page, json.dumps(limits).encode(), method="PUT"), timeout=10).close()


@pytest.fixture
def no_capacity(stack: Any) -> Iterator[None]:
    say(stack, {"no_capacity": [GONE]})
    yield
    say(stack, {})


def publish_with(stack: Any, fallback: list[str]) -> int:
    """A version of churn's pipeline whose jobs have other types to take, and whose retries are quick; its number."""
    s3, sagemaker = stack.target.client("s3"), stack.target.client("sagemaker")
    bucket = stack.outputs["DataBucketName"]
    published = json.loads(s3.get_object(Bucket=bucket, Key="config/models/churn.json")["Body"].read())
    name = published["pipeline"]["name"]
    there = sagemaker.describe_pipeline(PipelineName=name)["PipelineDefinition"]
    listed = instance_fallback.with_fallback(json.loads(there), {"instances": {"fallback": fallback}})
    for step in listed["Steps"]:
        step.pop("CacheConfig", None)  # what is cached needs no instances
        if step["Type"] == "Training":  # spot takes no list
            step["Arguments"]["EnableManagedSpotTraining"] = False
            step["Arguments"]["StoppingCondition"].pop("MaxWaitTimeInSeconds", None)
        for policy in step.get("RetryPolicies", []):
            policy |= SHORT_WAIT
    sagemaker.update_pipeline(PipelineName=name, PipelineDefinition=json.dumps(listed))
    newest = sagemaker.list_pipeline_versions(PipelineName=name, SortOrder="Descending", MaxResults=1)
    version = int(newest["PipelineVersionSummaries"][0]["PipelineVersionId"])
    published["pipeline"] |= {"version_id": version}
    for one in published["pipeline"]["askable"]:
        if one["Name"].endswith("InstanceType"):
            one["EnumValues"].append(GONE)
    s3.put_object(Bucket=bucket, Key=f"config/pipelines/churn/{version}.json", Body=json.dumps(published).encode())
    sagemaker.update_pipeline(PipelineName=name, PipelineDefinition=there)
    return version


def start(stack: Any, version: int) -> Any:
    """A run of that version, all of whose jobs would first take the type that lacks."""
    types = [word for name in ("Processing", "Training") for word in ("--set", f"{name}InstanceType={GONE}")]
    done = stack.retrain("start", "churn", "--version", str(version), *types, "--json")
    assert done.returncode == 0, done.stderr
    return stack.run(
        json.loads(done.stdout)["run"], lambda run: run.status.final or str(run.status) == "Awaiting approval"
    )


def test_a_run_goes_on_with_the_next_type_when_the_first_lacks(stack: Any, deployed: Any, no_capacity: None) -> None:
    run = start(stack, publish_with(stack, [NEXT]))

    assert str(run.status) == "Awaiting approval", run.reasons
    sagemaker = stack.target.client("sagemaker")
    steps = sagemaker.list_pipeline_execution_steps(PipelineExecutionArn=run.pipeline_execution_arn)
    train = next(one for one in steps["PipelineExecutionSteps"] if one["StepName"] == "Train")
    job = sagemaker.describe_training_job(TrainingJobName=train["Metadata"]["TrainingJob"]["Arn"].rsplit("/", 1)[1])
    assert job["ResourceConfig"]["SelectedInstanceType"] == NEXT


def test_a_run_with_nothing_left_fails_and_says_what_to_do(stack: Any, deployed: Any, no_capacity: None) -> None:
    run = start(stack, publish_with(stack, []))

    assert str(run.status) == "Failed"
    (reason,) = run.reasons
    assert reason.startswith("step 'Preprocess' failed: CapacityError: Unable to provision requested ML compute")
    assert reason.endswith(REMEDY)


def test_publishing_tells_a_quota_of_0_and_a_run_that_needs_it_ends_at_once(stack: Any, deployed: Any) -> None:
    needed = own_training_type(stack)
    say(stack, {"quotas": {needed: 0}})
    try:
        told = stack.retrain("publish", "churn")
        run = stack.run(
            json.loads(stack.retrain("start", "churn", "--json").stdout)["run"], lambda run: run.status.final
        )
    finally:
        say(stack, {})
    again = stack.retrain("publish", "churn")

    assert told.returncode == again.returncode == 0, told.stderr + again.stderr
    assert f"{needed} for training job usage: 0, and 1 needed by churn" in told.stderr
    assert "aws service-quotas request-service-quota-increase --service-code sagemaker" in told.stderr
    assert "quotas of instances" not in again.stderr
    assert str(run.status) == "Failed"
    assert not run.pipeline_execution_arn
    (reason,) = run.reasons
    assert f"the account's quota '{needed} for training job usage' is 0, and 1 is needed" in reason
    assert reason.endswith("retrain publish churn")


def own_training_type(stack: Any) -> str:
    """The type on which churn trains, as it was published."""
    s3, bucket = stack.target.client("s3"), stack.outputs["DataBucketName"]
    published = json.loads(s3.get_object(Bucket=bucket, Key="config/models/churn.json")["Body"].read())
    return str(published["model"]["instances"]["training"])
