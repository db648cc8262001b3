"""What a run remembers before its pipeline starts, and what ends it when the endpoint does not answer as it should."""

import json
from typing import Any

import boto3
import plan_run
import pytest
import start_pipeline
import verify_version
from app.aws.clients import PATIENT, client
from app.errors import CallRefused, VerificationFailed, VerificationInterrupted
from moto.moto_api._internal.models import moto_api_backend
from moto_world import GOOD, ROLE, Context, World

STORED = [{"probability": 0.25, "label": "No"}, {"probability": 0.75, "label": "Yes"}]


def planned(world: World) -> str:
    """A run whose plan is frozen."""
    world.record(world.upload("incoming/churn/may.csv", GOOD + b"C,3,No\n"))
    run = world.run()
    plan_run.handler({"model": "churn", "run": run}, Context())
    return run


def serving(world: World, answers: list[dict[str, Any]]) -> dict[str, Any]:
    """An endpoint that answers ``answers`` to whatever it is asked, and the task to verify it."""
    run = planned(world)
    document = {"content_type": "text/csv", "columns": ["tenure"], "records": ["1", "2"], "predictions": STORED}
    world.ledger.update_run(run, "gate passed", judged=world.judged(verification=document))
    sagemaker = boto3.client("sagemaker")
    sagemaker.create_model(ModelName="m", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": "image"})
    variant = {"VariantName": "v", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    sagemaker.create_endpoint_config(EndpointConfigName="c", ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName="retrain--churn", EndpointConfigName="c")
    moto_api_backend.set_sagemaker_result(
        json.dumps({"predictions": answers}), "application/json", "v", "", "123456789012", "us-east-1"
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
