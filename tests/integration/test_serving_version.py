"""What serves a model, as its endpoint or the ledger says; SageMaker's answers are stubs by botocore's own means."""

from collections.abc import Iterator
from typing import Any

import pytest
from app.aws import clients
from app.errors import ArtifactChanged
from app.flow.champions import Champion, current_champion
from app.flow.deployment.versions import serving_version
from app.ledger.live_versions import LiveVersion
from app.settings import settings
from botocore.stub import Stubber
from moto_world import BUCKET, ROLE, World

ARN, AT = "arn:aws:sagemaker:us-east-1:123456789012", "2026-03-14T10:15:00Z"
NAME, CONFIG = "retrain--churn", "retrain--churn-v3-aaaaaaaa"
BEFORE = LiveVersion(2, "retrain--churn-v2-bbbbbbbb", revision=1)
FIRST = {"Image": "features", "ModelDataUrl": "s3://data/first.tar.gz"}


@pytest.fixture
def sagemaker(world: World) -> Iterator[Stubber]:
    """SageMaker as a test wants it; the ledger knows version 2."""
    world.ledger.set_live_version("churn", BEFORE._replace(revision=0), "run", None)
    with Stubber(clients.client("sagemaker")) as stub:
        yield stub
        stub.assert_no_pending_responses()


def endpoint(sagemaker: Stubber, status: str) -> None:
    told = {"EndpointName": NAME, "EndpointArn": f"{ARN}:endpoint/{NAME}", "EndpointConfigName": CONFIG}
    told |= {"EndpointStatus": status, "CreationTime": AT, "LastModifiedTime": AT}
    sagemaker.add_response("describe_endpoint", told, {"EndpointName": NAME})


def config(sagemaker: Stubber) -> None:
    told = {"EndpointConfigName": CONFIG, "EndpointConfigArn": f"{ARN}:endpoint-config/{CONFIG}", "CreationTime": AT}
    variant = {"VariantName": "AllTraffic", "ModelName": CONFIG}
    sagemaker.add_response("describe_endpoint_config", told | {"ProductionVariants": [variant]})


def model(sagemaker: Stubber, name: str, **containers: Any) -> None:
    told = {"ModelName": name, "ModelArn": f"{ARN}:model/{name}", "CreationTime": AT, "ExecutionRoleArn": ROLE}
    sagemaker.add_response("describe_model", told | containers, {"ModelName": name})


@pytest.mark.parametrize("status", ["InService", "Updating", "RollingBack"])
def test_an_endpoint_says_itself_what_serves(sagemaker: Stubber, status: str) -> None:
    endpoint(sagemaker, status)
    config(sagemaker)

    assert serving_version(settings("stack"), "churn", "realtime") == LiveVersion(3, CONFIG)


@pytest.mark.parametrize("status", ["Creating", "Failed"])
def test_an_endpoint_that_does_not_answer_serves_nothing_new(sagemaker: Stubber, status: str) -> None:
    endpoint(sagemaker, status)

    assert serving_version(settings("stack"), "churn", "realtime") == BEFORE


def test_a_model_that_scores_files_serves_as_the_ledger_says_whatever_endpoint_is_left_over(sagemaker: Stubber) -> None:
    assert serving_version(settings("stack"), "churn", "batch") == BEFORE
    assert serving_version(settings("stack"), "other", "batch") is None


@pytest.mark.parametrize(
    ("containers", "is_inference_pipeline"),
    [({"PrimaryContainer": FIRST}, False), ({"Containers": [FIRST, {"Image": "knn"}, {"Image": "answer"}]}, True)],
    ids=["one container", "several"],
)
def test_the_champion_is_known_by_the_container_that_takes_raw_records(
    sagemaker: Stubber, containers: dict[str, Any], is_inference_pipeline: bool
) -> None:
    model(sagemaker, BEFORE.name, **containers)

    found = current_champion(settings("stack"), "churn", "batch")

    assert found == Champion(2, "features", "s3://data/first.tar.gz", BEFORE.name, is_inference_pipeline)


def test_a_champion_whose_model_was_deleted_is_none(sagemaker: Stubber) -> None:
    sagemaker.add_client_error("describe_model", "ValidationException", "Could not find model", 400)

    assert current_champion(settings("stack"), "churn", "batch") is None


def test_a_champion_whose_artifact_was_replaced_is_held_against_nothing(world: World, sagemaker: Stubber) -> None:
    copy = world.registered(2, "churn-20260301t101500-fedcba")
    world.replaces(copy)
    model(sagemaker, BEFORE.name, PrimaryContainer=FIRST)

    with pytest.raises(ArtifactChanged, match=f"Artifact changed after it was judged: s3://{BUCKET}/{copy} was"):
        current_champion(settings("stack"), "churn", "batch")
    assert world.ledger.failed_versions("churn") == {2}
