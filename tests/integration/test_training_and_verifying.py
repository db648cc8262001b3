"""What a run remembers before its pipeline starts, and what ends it when the endpoint does not answer as it should."""

import json
from typing import Any

import boto3
import plan_run
import pytest
import start_pipeline
import verify_version
from app.aws.clients import PATIENT, client
from app.errors import ArtifactChanged, CallRefused, VerificationFailed, VerificationInterrupted
from app.ledger.live_versions import LiveVersion
from lambda_context import Context
from moto.moto_api._internal.models import moto_api_backend
from moto_world import BUCKET, GOOD, ROLE, World

STORED = [{"probability": 0.25, "label": "No"}, {"probability": 0.75, "label": "Yes"}]


def planned(world: World) -> str:
    """A run whose plan is frozen."""
    world.record(world.upload("incoming/churn/may.csv", GOOD + b"C,3,No\n"))
    run = world.run()
    plan_run.handler({"model": "churn", "run": run}, Context())
    return run


def serving(world: World, answers: list[dict[str, Any]], body: str = "") -> dict[str, Any]:
    """An endpoint that answers ``answers``, or ``body``, to whatever it is asked, and the task to verify it."""
    run = planned(world)
    document = {"content_type": "text/csv", "columns": ["tenure"], "records": ["1", "2"], "predictions": STORED}
    world.ledger.update_run(run, "gate passed", judged=world.judged(verification=document))
    sagemaker = boto3.client("sagemaker")
    sagemaker.create_model(ModelName="m", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": "image"})
    variant = {"VariantName": "v", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    sagemaker.create_endpoint_config(EndpointConfigName="c", ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName="retrain--churn", EndpointConfigName="c")
    moto_api_backend.set_sagemaker_result(
        body or json.dumps({"predictions": answers}), "application/json", "v", "", "123456789012", "us-east-1"
    )
    return {"model": "churn", "run": run, "version": 1, "deployment": {"config": "c"}}


def test_the_token_is_stored_before_the_pipeline_starts(world: World) -> None:
    run = planned(world)

    with pytest.raises(CallRefused):  # there is no such pipeline: what comes after the call never happens
        start_pipeline.handler({"model": "churn", "run": run, "task_token": "token"}, Context())

    assert world.ledger.token(f"pipeline/{run}") == "token"


def test_an_endpoint_that_answers_what_evaluation_stored_is_verified(world: World) -> None:
    task = serving(world, STORED)

    assert verify_version.handler(task, Context()) == {"records": 2, "config": "c"}


@pytest.mark.parametrize(
    "answers",
    [
        [STORED[0], {"probability": 0.5, "label": "Yes"}],
        [STORED[0], {"probability": 0.75, "label": "No"}],
        STORED[:1],
        [*STORED, STORED[0]],
    ],
    ids=["another number", "another label", "one too few", "one too many"],
)
def test_an_endpoint_that_answers_otherwise_fails_its_verification(world: World, answers: list[dict[str, Any]]) -> None:
    task = serving(world, answers)

    with pytest.raises(VerificationFailed, match="retrain--churn answers"):
        verify_version.handler(task, Context())
    assert world.ledger.failed_versions("churn") == {1}
    assert world.ledger.live_version("churn") is None


@pytest.mark.parametrize(
    "body",
    ["{}", "null", "5", '{"predictions": {}}', '{"predictions": [null]}', '{"predictions": [{"label": ["No"]}]}',
     "[" * 100_000, '{"predictions": [{"probability": 1' + "0" * 400 + ', "label": "No"}]}'],
    ids=["empty", "null", "number", "object", "nulls", "list", "deep", "long"],
)  # fmt: skip
def test_an_endpoint_that_answers_in_another_shape_fails_its_verification_and_is_marked(
    world: World, body: str
) -> None:
    task = serving(world, [], body)

    with pytest.raises(VerificationFailed, match="answers"):
        verify_version.handler(task, Context())
    assert world.ledger.failed_versions("churn") == {1}


@pytest.mark.parametrize("key", ["pipelines/churn/verification.json", "judged/pipelines/churn/verification.json"])
def test_records_that_were_replaced_since_verify_nothing_and_no_endpoint_is_asked(world: World, key: str) -> None:
    task, calls = serving(world, STORED), list[dict[str, Any]]()
    world.replaces(key)
    asked = client("sagemaker-runtime", PATIENT).meta.events

    def note(**call: Any) -> None:
        calls.append(call)

    asked.register("before-call.sagemaker-runtime.InvokeEndpoint", note)
    try:
        with pytest.raises(ArtifactChanged, match=f"Artifact changed after it was judged: s3://{BUCKET}/{key} was"):
            verify_version.handler(task, Context())
    finally:
        asked.unregister("before-call.sagemaker-runtime.InvokeEndpoint", note)
    assert (calls, world.ledger.failed_versions("churn"), world.ledger.live_version("churn")) == ([], {1}, None)


def test_a_run_is_not_planned_against_a_champion_whose_artifact_was_replaced(world: World) -> None:
    name, copy = "retrain--churn-v7-aaaaaaaa", world.registered(7, "churn-20260301t101500-fedcba")
    container = {"Image": "image", "ModelDataUrl": f"s3://{BUCKET}/{copy}"}
    boto3.client("sagemaker").create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=container)
    world.ledger.set_live_version("churn", LiveVersion(7, name), "run", before=None)
    world.replaces(copy)
    world.record(world.upload("incoming/churn/may.csv", GOOD + b"C,3,No\n"))
    run = world.run()

    with pytest.raises(ArtifactChanged, match=f"Artifact changed after it was judged: s3://{BUCKET}/{copy} was"):
        plan_run.handler({"model": "churn", "run": run}, Context())
    record = world.ledger.record(run)
    assert record
    assert record.plan is None
    assert world.ledger.failed_versions("churn") == {7}


def test_an_endpoint_that_changes_while_it_is_asked_is_not_verified(world: World) -> None:
    task, sagemaker = serving(world, STORED), boto3.client("sagemaker")
    variant = {"VariantName": "v", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    sagemaker.create_endpoint_config(EndpointConfigName="d", ProductionVariants=[variant])
    asked = client("sagemaker-runtime", PATIENT).meta.events

    def change(**_: Any) -> None:
        sagemaker.delete_endpoint(EndpointName="retrain--churn")
        sagemaker.create_endpoint(EndpointName="retrain--churn", EndpointConfigName="d")

    asked.register("before-call.sagemaker-runtime.InvokeEndpoint", change)
    try:
        with pytest.raises(VerificationInterrupted, match="changed while it was verified"):
            verify_version.handler(task, Context())
    finally:
        asked.unregister("before-call.sagemaker-runtime.InvokeEndpoint", change)
