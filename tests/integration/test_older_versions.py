"""A run that asks for an older version of its model's pipeline: what is published now binds it, too."""

import json
from typing import Any

import begin_run
import pytest
from app.errors import BadMessage, UnknownModel
from lambda_context import Context
from moto_world import BUCKET, World
from published_churn import MODEL, PUBLISHED
from test_requested_runs import frozen, plan, upload


def ask(**wish: Any) -> dict[str, Any]:
    answer: dict[str, Any] = begin_run.handler({"model": "churn", "request": "r1", **wish}, Context())
    return answer


def publish_version(world: World, version: int, **model: Any) -> None:
    """Leave a version of the pipeline behind as it was once published with ``model``'s settings."""
    old = PUBLISHED | {"pipeline": {**PUBLISHED["pipeline"], "version_id": version}, "model": MODEL | model}
    world.s3.put_object(Bucket=BUCKET, Key=f"config/pipelines/churn/{version}.json", Body=json.dumps(old))


def publish_now(world: World, **model: Any) -> None:
    document = json.dumps(PUBLISHED | {"model": MODEL | model}).encode()
    world.s3.put_object(Bucket=BUCKET, Key="config/models/churn.json", Body=document)


AUTOMATIC = {"approval": {"mode": "automatic"}}
LOOSE = {"gate": [{"metric": "accuracy", "at_least": 0.1}]}


@pytest.mark.parametrize(
    ("now", "then", "automatic", "loosened"),
    [
        ({}, AUTOMATIC, False, []),
        (AUTOMATIC, {}, False, []),
        (AUTOMATIC, AUTOMATIC, True, []),
        (AUTOMATIC, AUTOMATIC | LOOSE, False, ["accuracy at_least"]),
        ({}, AUTOMATIC | LOOSE, False, ["accuracy at_least"]),
        (AUTOMATIC, AUTOMATIC | {"split": {"train": 0.998, "validation": 0.0, "test": 0.002}}, False, ["rows"]),
    ],
    ids=["manual now", "manual then", "automatic", "looser then", "looser then and manual now", "fewer rows then"],
)
def test_an_older_version_of_the_pipeline_needs_the_yes_that_is_needed_now(
    world: World, now: dict[str, Any], then: dict[str, Any], automatic: bool, loosened: list[str]
) -> None:
    upload(world, "may.csv")
    publish_now(world, **now)
    publish_version(world, 7, **then)

    run = ask(version=7)["run"]
    plan(run)

    found = frozen(world, run)
    texts = {
        "accuracy at_least": "accuracy at least 0.1 by version 7 of the pipeline; now it is 0.8",
        "rows": "rows are split otherwise by version 7 of the pipeline than the model file says now",
    }
    assert (found["pipeline_version"], found["automatic"]) == (7, automatic)
    assert found["loosened"] == [texts[one] for one in loosened]


def test_reviewers_deployment_and_budget_of_an_older_version_are_those_of_now(world: World) -> None:
    upload(world, "may.csv")
    now = {"mode": "manual", "reviewers": ["ada@example.com", "bob@example.com"], "needed": 2, "not_by": "starter"}
    deployment = {"mode": "realtime", "instance_type": "ml.m5.large", "instance_count": 2}
    publish_now(world, approval=now, deployment=deployment, owner="retention", retrain={"budget": 5})
    publish_version(world, 7, approval={"mode": "manual", "reviewers": ["eve@example.com"]}, owner="eve")

    run = ask(version=7)["run"]
    plan(run)

    found = frozen(world, run)
    assert found["review"] == {name: now[name] for name in ("reviewers", "needed", "not_by")}
    assert (found["deployment"], found["owner"], found.get("priced")) == (deployment, "retention", True)


def test_a_version_that_was_not_published_asks_a_person_as_nobody_knows_its_gate(world: World) -> None:
    upload(world, "may.csv")
    publish_now(world, **AUTOMATIC)

    run = ask(version=9)["run"]
    plan(run)

    found = frozen(world, run)
    assert found["automatic"] is False
    assert found["loosened"] == [
        "nobody knows the limits by version 9 of the pipeline: nothing was published with it"
    ]  # fmt: skip


def test_a_version_of_a_model_that_is_not_published_any_more_is_refused(world: World) -> None:
    publish_version(world, 7, **AUTOMATIC)
    world.s3.delete_object(Bucket=BUCKET, Key="config/models/churn.json")

    with pytest.raises(UnknownModel, match="model 'churn' is not published"):
        ask(version=7)


def test_a_version_is_refused_where_nobody_can_read_what_is_published_now(world: World) -> None:
    publish_version(world, 7, **AUTOMATIC)
    world.s3.put_object(Bucket=BUCKET, Key="config/models/churn.json", Body=b"{}")

    with pytest.raises(BadMessage):
        ask(version=7)

    assert world.executions() == []
