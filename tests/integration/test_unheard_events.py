"""Uploads without an event, through the reconciler's handler on moto: found, recorded once, in bounded looks."""

import json
from typing import Any

import boto3
import pytest
import reconcile_runs
from app.aws import data_bucket
from app.decide.uploads.unheard import MOST_PAGES
from botocore.stub import ANY
from lambda_context import Context
from moto_world import BUCKET, GOOD, ROLE, World


@pytest.fixture
def own(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """A stack with a machine that scores, and one version on a page of a listing."""
    machines = boto3.client("stepfunctions")
    definition = json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}})
    scoring = machines.create_state_machine(name="Scoring", definition=definition, roleArn=ROLE)["stateMachineArn"]
    monkeypatch.setenv("SCORING_MACHINE_ARN", scoring)
    monkeypatch.setenv("REACTING_FUNCTIONS", "endpoint=e,scoring=s")
    monkeypatch.setattr(data_bucket, "PAGE", 1)
    return world


def look(**due: Any) -> dict[str, Any]:
    return reconcile_runs.handler({"grace_s": 0} | due, Context())


def put(world: World, *names: str) -> None:
    for name in names:
        world.s3.put_object(Bucket=BUCKET, Key=f"incoming/churn/{name}", Body=GOOD)


def told(world: World) -> list[str]:
    received = world.sqs.receive_message(QueueUrl=world.arrivals, MaxNumberOfMessages=10).get("Messages", [])
    return [one["Body"] for one in received]


def test_an_upload_whose_event_never_came_is_told_of_and_recorded(own: World) -> None:
    put(own, "a.csv")

    found = look()
    (event,) = told(own)
    own.record(event)

    assert found["unheard"] == ["incoming/churn/a.csv"]
    assert [file["key"] for file in own.ledger.run(own.run()).files] == ["incoming/churn/a.csv"]
    assert own.executions() == [own.run()]


def test_what_is_known_or_ignored_is_not_told_of_again(own: World) -> None:
    own.record(own.upload("incoming/churn/a.csv", GOOD))
    put(own, "_SUCCESS")
    own.s3.put_object(Bucket=BUCKET, Key="incoming/churn/empty.csv", Body=b"")

    assert look(rescan={"model": "churn"})["unheard"] == []


def test_a_look_lists_some_pages_and_the_next_goes_on_there(own: World) -> None:
    names = [f"{number}.csv" for number in range(MOST_PAGES + 1)]
    put(own, *names)

    first, second = look(), look()

    assert [len(first["unheard"]), first["done"]] == [MOST_PAGES, False]
    assert [*first["unheard"], *second["unheard"]] == [f"incoming/churn/{name}" for name in names]
    assert second["done"]


def test_a_rescan_is_of_one_model_and_leaves_the_reconcilers_pass_alone(own: World) -> None:
    put(own, "a.csv", "b.csv")
    own.s3.put_object(Bucket=BUCKET, Key="incoming/other/a.csv", Body=GOOD)

    found = look(rescan={"model": "churn"})
    rest = look(rescan=found["at"])

    assert found["unheard"] == ["incoming/churn/a.csv", "incoming/churn/b.csv"]
    assert (rest["unheard"], rest["done"]) == ([], True)
    assert own.ledger.listing() is None


def test_of_two_that_look_at_once_the_slower_does_not_take_the_pass_back(own: World) -> None:
    before = own.ledger.listing()
    put(own, "a.csv")
    look()
    noted = own.ledger.listing()
    assert noted

    assert not own.ledger.keep_listing(before, noted._replace(prefix="incoming/"))
    assert own.ledger.listing() == noted


@pytest.mark.parametrize("folder", ["chrun", "größe"])
def test_a_folder_of_no_model_is_no_model_to_reconcile(own: World, folder: str) -> None:
    own.record(own.upload(f"incoming/{folder}/may.csv", GOOD))

    assert own.ledger.models() == [folder]
    assert look() == {"unheard": [], "at": ANY, "done": True}  # and no function "e" is called, which is not there
