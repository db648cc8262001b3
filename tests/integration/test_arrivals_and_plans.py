"""Uploads through the handlers on moto in process: accepted, refused, heard twice; and what a run freezes of them."""

import json

import check_quiet
import finish_run
import plan_run
import wait_for_turn
from app.decide.names.statuses import RunStatus
from app.decide.parsing import event_of
from moto_world import BUCKET, GOOD, Context, World

OTHER = GOOD.replace(b"A", b"C").replace(b"B", b"D")


def test_a_good_upload_opens_a_batch_and_starts_its_run(world: World) -> None:
    answer = world.record(world.upload("incoming/churn/mai 2026 + é%.csv", GOOD))

    assert answer == {"batchItemFailures": []}
    assert world.executions() == [world.run()]
    record = world.ledger.run(world.run())
    assert record
    assert (record.status, record.execution_arn.rsplit(":", 1)[1]) == (RunStatus.WAITING, record.id)
    assert [(file["key"], file["rows"]) for file in record.files] == [("incoming/churn/mai 2026 + é%.csv", 2)]


def test_a_burst_is_one_run(world: World) -> None:
    world.record(*(world.upload(f"incoming/churn/{number}.csv", GOOD) for number in range(10)))

    assert len(world.executions()) == 1
    assert len(world.ledger.files_of_run(world.run(), append=False)) == 10


def test_an_upload_heard_twice_counts_once(world: World) -> None:
    event = world.upload("incoming/churn/may.csv", GOOD)
    world.record(event, event)
    world.record(event)

    assert len(world.executions()) == 1
    assert len(world.ledger.files_of_run(world.run(), append=False)) == 1


def test_a_refused_upload_lies_in_quarantine_with_its_reason_beside_it(world: World) -> None:
    event = world.upload("incoming/churn/may.csv", b"a,b\n1,2\n")
    world.record(event)
    world.record(event)
    message = (
        "incoming/churn/may.csv: no column 'Churn' (found 2 columns: a, b); the column is named in models/churn.yaml"
    )

    assert world.keys("quarantine/") == ["quarantine/churn/may.csv", "quarantine/churn/may.csv.reason.json"]
    assert world.document("quarantine/churn/may.csv.reason.json")["message"] == message
    assert "Versions" not in world.s3.list_object_versions(Bucket=BUCKET, Prefix="incoming/")
    assert [refused["message"] for refused in world.ledger.refused("churn")] == [message]
    assert [mail.splitlines()[0] for mail in world.mail()] == [message]
    assert world.executions() == []


def test_an_upload_for_no_model_is_refused_with_the_models_there_are(world: World) -> None:
    world.record(world.upload("incoming/chrun/may.csv", GOOD))

    assert world.document("quarantine/chrun/may.csv.reason.json")["message"] == (
        "incoming/chrun/may.csv: there is no model 'chrun'; upload to incoming/<model>/ of a published model (churn)"
    )


def test_a_folder_marker_is_ignored(world: World) -> None:
    answer = world.record(world.upload("incoming/churn/2026/", b""))

    assert answer == {"batchItemFailures": []}
    assert world.keys("quarantine/") == []


def test_an_upload_that_was_deleted_meanwhile_is_forgotten(world: World) -> None:
    event = world.upload("incoming/churn/may.csv", GOOD)
    version = event["detail"]["object"]["version-id"]
    world.s3.delete_object(Bucket=BUCKET, Key="incoming/churn/may.csv", VersionId=version)

    assert world.record(event) == {"batchItemFailures": []}
    assert world.executions() == []


def test_a_message_that_cannot_be_read_fails_alone(world: World) -> None:
    answer = world.record("nonsense", world.upload("incoming/churn/may.csv", GOOD))

    assert answer == {"batchItemFailures": [{"itemIdentifier": "0"}]}
    assert len(world.executions()) == 1


def test_a_batch_is_not_quiet_at_once(world: World) -> None:
    world.record(world.upload("incoming/churn/may.csv", GOOD))
    answer = check_quiet.handler({"model": "churn", "run": world.run()}, Context())

    assert answer["quiet"] is False
    assert 58 <= answer["wait_s"] <= 60


def test_a_plan_freezes_copies_manifest_model_and_pipeline_version(world: World) -> None:
    world.record(world.upload("incoming/churn/a b.csv", GOOD), world.upload("incoming/churn/c.csv", OTHER))
    run = world.run()
    answer = plan_run.handler({"model": "churn", "run": run}, Context())
    record = world.ledger.run(run)

    assert answer == {"usable": True, "deadline_s": 3600}
    assert record
    assert record.plan
    assert (record.status, record.rows, record.plan["pipeline_version"]) == (RunStatus.RUNNING, 4, 4)
    prefix, *names = world.document(record.plan["parameters"]["InputData"].removeprefix(f"s3://{BUCKET}/"))
    assert prefix == {"prefix": f"s3://{BUCKET}/datasets/churn/"}
    assert {f"datasets/churn/{name}" for name in names} <= set(world.keys("datasets/churn/"))
    sources = world.document("datasets/churn/" + names[-1])
    assert [source["key"] for source in sources] == ["incoming/churn/a b.csv", "incoming/churn/c.csv"]
    assert world.ledger.open_batch("churn") is None


def test_planning_again_plans_the_same(world: World) -> None:
    world.record(world.upload("incoming/churn/a.csv", GOOD))
    run = world.run()
    plan_run.handler({"model": "churn", "run": run}, Context())
    first = world.ledger.run(run)
    plan_run.handler({"model": "churn", "run": run}, Context())

    assert world.ledger.run(run) == first


def test_one_class_alone_is_no_usable_data(world: World) -> None:
    world.record(world.upload("incoming/churn/loyal.csv", GOOD.replace(b"Yes", b"No")))
    answer = plan_run.handler({"model": "churn", "run": world.run()}, Context())

    assert answer == {
        "usable": False,
        "reasons": ["all 2 rows say 'No' in column 'Churn'; upload rows that say 'Yes' too"],
    }
    assert world.keys("datasets/") == []


def test_an_aborted_run_lets_go_of_all_it_held_and_people_are_told(world: World) -> None:
    world.record(world.upload("incoming/churn/a.csv", GOOD))
    run = world.run()
    world.ledger.wait_for_turn("churn", run, "token")
    execution = f"{world.machine.replace(':stateMachine:', ':execution:')}:{run}"
    detail = {"executionArn": execution, "name": run, "status": "ABORTED", "input": json.dumps({"run": run})}
    for _ in range(2):
        finish_run.handler(event_of("RunEnded", detail), Context())

    assert world.ledger.run(run).status is RunStatus.FAILED  # type: ignore[union-attr]
    assert not world.ledger.holds_turn("churn", run)
    assert world.ledger.open_batch("churn") is None
    assert [mail.splitlines()[2].strip() for mail in world.mail()] == ["ABORTED"]


def test_the_turn_is_not_given_twice(world: World) -> None:
    world.ledger.wait_for_turn("churn", "churn-20260314t101500-aaaaaa", "token")
    wait_for_turn.handler({"model": "churn", "run": "churn-20260314t101500-bbbbbb", "task_token": "t"}, Context())

    assert world.ledger.holds_turn("churn", "churn-20260314t101500-aaaaaa")
