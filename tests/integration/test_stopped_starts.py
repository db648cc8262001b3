"""A run is stopped by hand in the moment in which its pipeline starts: none runs on without a turn."""

import json
from collections.abc import Callable
from typing import Any

import finish_run
import plan_run
import start_pipeline
from app.aws.clients import client
from app.decide.names.statuses import RunStatus
from app.decide.parsing import event_of
from botocore.stub import Stubber
from lambda_context import Context
from moto_world import GOOD, World


def planned(world: World) -> str:
    world.record(world.upload("incoming/churn/may.csv", GOOD))
    run = world.run()
    plan_run.handler({"model": "churn", "run": run}, Context())
    return run


def stop(world: World, run: str) -> None:
    """The event of its execution's end is delivered."""
    record = world.ledger.record(run)
    assert record
    detail = {"executionArn": record.execution_arn, "status": "ABORTED", "input": json.dumps({"run": run})}
    finish_run.handler(event_of("RunEnded", detail), Context())


def starts(run: str) -> None:
    with Stubber(client("sagemaker")):  # which is not to be asked for anything
        start_pipeline.handler({"model": "churn", "run": run, "task_token": "token"}, Context())


def starts_none(world: World, run: str) -> None:
    record = world.ledger.record(run)
    assert record
    assert (record.status, record.pipeline_execution_arn) == (RunStatus.FAILED, None)
    assert world.ledger.token(f"pipeline/{run}") == ""


def test_a_run_that_was_stopped_before_starts_no_pipeline(world: World) -> None:
    run = planned(world)
    stop(world, run)

    starts(run)

    starts_none(world, run)


def test_a_run_that_is_stopped_before_its_token_is_stored_starts_no_pipeline(world: World) -> None:
    run = planned(world)

    def stop_first(params: dict[str, Any], **_: Any) -> None:
        if params["Key"]["pk"]["S"] == f"TOKEN#pipeline/{run}":
            stop(world, run)

    during(world, stop_first, lambda: starts(run))

    starts_none(world, run)


def during(world: World, act: Callable[..., None], what: Callable[[], None]) -> None:
    """Do ``what``, with ``act`` before each change of an item of the ledger."""
    events, where = world.ledger._client.meta.events, "before-parameter-build.dynamodb.UpdateItem"
    events.register(where, act)
    try:
        what()
    finally:
        events.unregister(where, act)
