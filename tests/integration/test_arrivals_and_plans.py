"""Uploads through the handlers on moto in process: accepted, refused, heard twice; and what a run freezes of them."""

import io
import json
from datetime import timedelta

import check_quiet
import finish_run
import plan_run
import pytest
import record_arrival
import wait_for_turn
from app.aws import clients
from app.decide.messages import DatasetArrived
from app.decide.names.bucket_keys import PRICES
from app.decide.names.statuses import RunStatus
from app.decide.parsing import event_of
from app.decide.run_plans import refusal
from app.ledger.batches import now
from app.ledger.refusals import REFUSAL_MAIL
from app.ledger.table import Write
from botocore.stub import Stubber
from cloud import eventually
from lambda_context import Context
from moto_world import BUCKET, GOOD, World
from published_churn import PUBLISHED

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


def untold(world: World) -> list[str]:
    return [refusal["file"] for refusal in world.ledger.untold_refusals("churn")]


def reminders(world: World) -> int:
    asked = {"QueueUrl": world.arrivals, "AttributeNames": ["ApproximateNumberOfMessagesDelayed"]}
    return int(world.sqs.get_queue_attributes(**asked)["Attributes"]["ApproximateNumberOfMessagesDelayed"])


def a_minute_later(world: World) -> None:
    before = {"mailed_at": "2026-03-14T10:15:00Z", "reminder_at": "2026-03-14T10:16:00Z"}
    world.ledger.write(Write("MODEL#churn", REFUSAL_MAIL, set=before))


def test_refusals_within_a_minute_are_mailed_together_when_it_is_over(world: World) -> None:
    events = [world.upload(f"incoming/churn/{number}.csv", b"a,b\n1,2\n") for number in range(3)]
    world.record(*events)
    first, waiting = world.mail(), untold(world)
    reminded = reminders(world)
    a_minute_later(world)
    world.record(events[1])  # as the queue delivers it again
    (second,) = world.mail()

    assert [mail.splitlines()[0].partition(":")[0] for mail in first] == ["incoming/churn/0.csv"]
    assert (waiting, reminded) == (["incoming/churn/1.csv", "incoming/churn/2.csv"], 1)
    assert second.startswith("2 files were refused. Nothing else was disturbed.\n\nincoming/churn/1.csv: ")
    assert "incoming/churn/2.csv: " in second
    assert untold(world) == []


def test_a_reminder_that_comes_too_early_is_not_the_last(world: World) -> None:
    events = [world.upload(f"incoming/churn/{number}.csv", b"a,b\n1,2\n") for number in range(2)]
    world.record(*events)
    world.ledger.note_reminder("churn", now() + timedelta(seconds=1))  # this is it, by a clock that is a little fast

    world.record(events[1])

    assert reminders(world) == 2
    assert untold(world) == ["incoming/churn/1.csv"]


def test_a_refusal_whose_process_died_before_it_was_told_is_told_when_its_message_comes_again(world: World) -> None:
    event = world.upload("incoming/churn/may.csv", b"a,b\n1,2\n")
    arrival = DatasetArrived.parse(json.dumps(event))
    document = refusal(arrival, "churn", "may.csv", "p", "r", "2026-03-14T10:15:00.000Z").document
    world.ledger.refuse("churn", arrival, document)

    world.record(event)

    assert [mail.splitlines()[0] for mail in world.mail()] == ["incoming/churn/may.csv: p; r"]
    assert "Versions" not in world.s3.list_object_versions(Bucket=BUCKET, Prefix="incoming/")


@pytest.mark.parametrize(
    ("code", "status", "said"),
    [
        ("AccessDenied", 403, "permit the stack's roles to read it, or upload it again without a key of your own"),
        ("KMS.DisabledException", 400, "enable its key and copy it onto itself"),
        ("InvalidRequest", 400, "upload it again without a key of your own (SSE-C)"),
    ],
)
def test_an_upload_that_s3_does_not_give_out_is_refused_at_once_and_stays(
    world: World, code: str, status: int, said: str
) -> None:
    event = world.upload("incoming/churn/may.csv", GOOD)

    with Stubber(clients.client("s3")) as s3:
        s3.add_response("get_object", {"Body": io.BytesIO(json.dumps(PUBLISHED).encode())})
        s3.add_client_error("get_object", "NoSuchKey", http_status_code=404)  # of the baseline
        s3.add_client_error("get_object", code, "not for you", http_status_code=status)
        s3.add_response("put_object", {})
        answer = world.record(event)
    again = world.record(event)
    (refused,) = world.ledger.refused("churn")
    (mail,) = world.mail()

    assert answer == again == {"batchItemFailures": []}
    assert "not for you" in refused["message"]
    assert said in refused["message"]
    assert "The file stays where it is, and counts for nothing." in mail
    assert world.keys("incoming/") == ["incoming/churn/may.csv"]
    assert world.executions() == []


def test_an_upload_that_is_archived_is_refused_with_what_to_do(world: World) -> None:
    key = "incoming/churn/old.csv"
    version = world.s3.put_object(Bucket=BUCKET, Key=key, Body=GOOD, StorageClass="GLACIER")["VersionId"]
    event = world.upload("incoming/churn/may.csv", GOOD)
    event["detail"]["object"] |= {"key": key, "version-id": version}

    answer = world.record(event)

    assert answer == {"batchItemFailures": []}
    assert world.document("quarantine/churn/old.csv.reason.json")["message"] == (
        "incoming/churn/old.csv: is archived; restore it and copy it onto itself, or upload it again, in a storage"
        " class that is read at once"
    )
    assert key in world.keys("incoming/")


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


def test_a_message_that_can_never_be_read_is_received_again_at_once(world: World) -> None:
    world.sqs.set_queue_attributes(QueueUrl=world.arrivals, Attributes={"VisibilityTimeout": "1800"})
    world.sqs.send_message(QueueUrl=world.arrivals, MessageBody="nonsense")
    (message,) = world.sqs.receive_message(QueueUrl=world.arrivals)["Messages"]
    record = {"messageId": "0", "body": "nonsense", "receiptHandle": message["ReceiptHandle"]}
    answer = record_arrival.handler({"Records": [record]}, Context())

    assert answer == {"batchItemFailures": [{"itemIdentifier": "0"}]}
    assert world.sqs.receive_message(QueueUrl=world.arrivals)["Messages"]


def test_a_batch_is_not_quiet_at_once(world: World) -> None:
    world.record(world.upload("incoming/churn/may.csv", GOOD))
    answer = check_quiet.handler({"model": "churn", "run": world.run()}, Context())

    assert answer["quiet"] is False
    assert 58 <= answer["wait_s"] <= 60


def test_a_batch_stays_open_while_uploads_wait_to_be_recorded(world: World) -> None:
    world.record(world.upload("incoming/churn/may.csv", GOOD))
    task = {"model": "churn", "run": world.run()}
    settle = {"quiet_s": 1, "max_wait_s": 900}
    eventually(lambda: world.ledger.quiet_in_s("churn", world.run(), **settle) == 0, 5, "quiet")
    world.sqs.send_message(QueueUrl=world.arrivals, MessageBody="the next of the burst")

    assert world.ledger.quiet_in_s("churn", world.run(), **settle, waiting=1) == 1
    assert check_quiet.handler(task, Context()) == {"quiet": False, "wait_s": 60}


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


TABLE = {"region": "eu-west-1", "as_of": "2026-03-01", "source": "a page"}


@pytest.mark.parametrize(
    ("published", "frozen"),
    [
        ({"ml.m5.large": 7.5, "ml.unused.large": 1}, TABLE | {"hour_usd": {"ml.m5.large": 7.5}, "each_usd": {}}),
        (None, None),  # no table at all
    ],
)
def test_a_plan_freezes_the_prices_that_were_published(world: World, published: object, frozen: object) -> None:
    world.s3.put_object(Bucket=BUCKET, Key=PRICES, Body=json.dumps(TABLE | {"hour_usd": published}).encode())
    world.record(world.upload("incoming/churn/a.csv", GOOD))
    run = world.run()
    plan_run.handler({"model": "churn", "run": run}, Context())
    record = world.ledger.run(run)

    assert record
    assert record.plan
    assert record.plan.get("prices") == frozen


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
        "due": True,
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
