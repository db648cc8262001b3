"""The transform job of a file that is scored: started once, and again where it found no instances."""

from collections.abc import Iterator

import boto3
import pytest
import start_transform
from app.aws import clients
from app.aws.transform_jobs import Job
from app.errors import ArtifactChanged
from app.flow import awaited_transforms, scoring
from app.ledger.batches import now
from app.ledger.live_versions import LiveVersion
from app.ledger.task_tokens import AwaitedJob, WaiterKind
from app.settings import Settings
from botocore.stub import ANY, Stubber
from lambda_context import Context
from moto_world import BUCKET, ROLE, World

FIRST, AGAIN = "retrain--churn-v2-0a1b2c3d4e5f6071", "retrain--churn-v2-1111111111111111"
NO_INSTANCES = "CapacityError: Unable to provision requested ML compute capacity."
WAITER = AwaitedJob(FIRST, WaiterKind.SCORING, "token", "churn-0a1b2c3d", now())


@pytest.fixture
def services(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Stubber, Stubber]]:
    for name, value in {
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
    }.items():
        monkeypatch.setenv(name, value)
    clients.client.cache_clear()
    with Stubber(clients.client("sagemaker")) as sagemaker, Stubber(clients.client("stepfunctions")) as machine:
        yield sagemaker, machine
    clients.client.cache_clear()


@pytest.mark.parametrize(
    ("failure", "error"),
    [(NO_INSTANCES, "InsufficientCapacity"), ("AlgorithmError: it does not load", "TransformFailed")],
)
def test_a_job_without_instances_is_tried_again_by_the_machine(
    services: tuple[Stubber, Stubber], failure: str, error: str
) -> None:
    services[1].add_response("send_task_failure", {}, {"taskToken": "token", "error": error, "cause": ANY})

    scoring.resume_waiter(WAITER, Job(FIRST, "Failed", "model", "s3://data/out", failure), Settings())

    services[1].assert_no_pending_responses()


@pytest.mark.parametrize(
    ("status", "failure", "name"),
    [
        ("Failed", NO_INSTANCES, AGAIN),
        ("Failed", "AlgorithmError: it does not load", FIRST),
        ("InProgress", "", FIRST),
        ("Completed", "", FIRST),
    ],
)
def test_the_next_attempt_has_a_name_of_its_own_only_where_the_first_found_no_instances(
    services: tuple[Stubber, Stubber], status: str, failure: str, name: str
) -> None:
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://data/in"}}
    found = {
        "TransformJobName": FIRST, "TransformJobArn": f"arn:aws:sagemaker:us-east-1:123456789012:transform-job/{FIRST}",
        "TransformJobStatus": status, "ModelName": "model", "CreationTime": now(), "FailureReason": failure,
        "TransformInput": {"DataSource": source}, "TransformOutput": {"S3OutputPath": "s3://data/out"},
        "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
    }  # fmt: skip
    services[0].add_response("describe_transform_job", found, {"TransformJobName": FIRST})

    assert awaited_transforms.name_to_start(FIRST, AGAIN) == name


def test_a_job_that_was_never_started_has_its_first_name(services: tuple[Stubber, Stubber]) -> None:
    services[0].add_client_error("describe_transform_job", "ValidationException", "Could not find requested job", 400)

    assert awaited_transforms.name_to_start(FIRST, AGAIN) == FIRST


def test_a_file_is_not_scored_with_an_artifact_that_was_replaced(world: World) -> None:
    name, copy = "retrain--churn-v2-aaaaaaaa", world.registered(2, "churn-20260301t101500-fedcba")
    container = {"Image": "image", "ModelDataUrl": f"s3://{BUCKET}/{copy}"}
    boto3.client("sagemaker").create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=container)
    world.ledger.set_live_version("churn", LiveVersion(2, name, batch=True), "run", before=None)
    world.publishes(deployment={"mode": "batch", "instance_type": "ml.m5.large"})
    world.replaces(copy)
    file = {"bucket": BUCKET, "model": "churn", "rest": "june.csv", "version_id": "v1"}

    with pytest.raises(ArtifactChanged, match=f"Artifact changed after it was judged: s3://{BUCKET}/{copy} was"):
        start_transform.handler({"scoring": file, "task_token": "token"}, Context())
    assert boto3.client("sagemaker").list_transform_jobs()["TransformJobSummaries"] == []
    assert world.ledger.failed_versions("churn") == {2}
