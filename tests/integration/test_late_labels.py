"""Late labels through the handlers: joined to what was answered, each row counted once, refused as uploads are."""

import json
from datetime import timedelta
from typing import Any

import begin_run
import join_scores
import pytest
import reconcile_runs
from app.decide.messages import DatasetArrived
from app.decide.names.times import iso
from app.decide.uploads.scores import parse_scoring_key
from app.decide.watching.windows import WatchedWindow
from app.errors import Contended
from app.ledger.batches import now
from lambda_context import Context
from moto_world import BUCKET, ROLE, World

ON_QUALITY = {"on_quality": {"metric": "accuracy", "below": 0.8, "windows": "1 of 1"}, "cooldown": "1d"}


def scored(world: World, name: str, ids: range, version: int = 1, job: str | None = None) -> None:
    """A file is answered: "Yes" of every third row, "No" of the others."""
    body = "customerID,tenure\n" + "".join(f"C{number},{number}\n" for number in ids)
    detail = world.upload(f"scoring/churn/{name}", body.encode())["detail"]["object"]
    scoring = parse_scoring_key(BUCKET, detail["key"], detail["version-id"])
    assert scoring
    answers = "".join("0.9,Yes\n" if number % 3 == 0 else "0.2,No\n" for number in ids)
    world.s3.put_object(Bucket=BUCKET, Key=scoring.files.output_key, Body=answers.encode())
    named = f"retrain--churn-v{version}-0123456789abcdef" if job is None else job
    join_scores.handler({"scoring": scoring._asdict(), "job": named}, Context())


def labels(ids: range, every: int = 3) -> bytes:
    """What came true: "Yes" of every third row, unless it is said otherwise."""
    return ("customerID,Churn\n" + "".join(f"C{n},{'No' if n % every else 'Yes'}\n" for n in ids)).encode()


def come(world: World, name: str, body: bytes) -> Any:
    return world.record(world.upload(f"labels/churn/{name}", body))


def windows(world: World) -> list[WatchedWindow]:
    return world.ledger.newest_windows("churn", "quality", 20)


def test_labels_measure_the_version_that_answered(world: World) -> None:
    before = iso(now())
    scored(world, "a.csv", range(200))

    assert come(world, "may.csv", labels(range(150), every=2))["batchItemFailures"] == []

    (window,) = windows(world)
    right = sum((n % 3 == 0) == (n % 2 == 0) for n in range(150))
    assert (window.source, window.version, window.rows, window.metric) == ("labels", 1, 150, "accuracy")
    assert window.value == pytest.approx(right / 150)
    assert before <= window.start <= window.end <= iso(now())
    assert window.of_metric("roc_auc")
    assert world.executions() == []
    assert world.ledger.open_batch("churn") is None


def test_each_row_counts_once_whatever_is_uploaded_twice(world: World) -> None:
    scored(world, "a.csv", range(300))
    first = world.upload("labels/churn/may.csv", labels(range(150)))
    world.record(first)
    world.record(first)
    come(world, "again.csv", labels(range(150)))
    come(world, "more.csv", labels(range(100, 250)))

    newest, oldest = sorted(windows(world), key=lambda window: window.rows)
    assert (oldest.rows, newest.rows) == (150, 100)
    assert newest.details["not_counted"] == {"rows that were counted before": 50}


def test_rows_that_are_too_few_wait_for_more_labels(world: World) -> None:
    scored(world, "a.csv", range(300))
    come(world, "may.csv", labels(range(60)))
    assert windows(world) == []

    come(world, "june.csv", labels(range(60, 120)))

    (window,) = windows(world)
    assert window.rows == 120
    assert [name.rpartition("/")[2] for name in window.details["uploads"]] == ["may.csv (labels)", "june.csv (labels)"]
    come(world, "july.csv", labels(range(120, 180)))
    assert len(windows(world)) == 1
    assert [file.key for file in world.ledger.labelled("churn").waiting] == ["labels/churn/july.csv"]


def test_a_file_that_waits_and_was_deleted_is_let_go(world: World) -> None:
    scored(world, "a.csv", range(300))
    version = world.upload("labels/churn/may.csv", labels(range(60)))
    world.record(version)
    found = version["detail"]["object"]
    world.s3.delete_object(Bucket=BUCKET, Key=found["key"], VersionId=found["version-id"])

    come(world, "june.csv", labels(range(60, 170)))

    (window,) = windows(world)
    assert (window.rows, window.details["not_counted"]) == (110, {"files that waited and do so no more": 1})


def test_each_version_that_answered_is_measured_by_its_own_answers(world: World) -> None:
    scored(world, "a.csv", range(120), version=1)
    scored(world, "b.csv", range(100, 250), version=2)

    come(world, "may.csv", labels(range(300)))

    assert {window.version: window.rows for window in windows(world)} == {1: 120, 2: 150}
    assert {tuple(window.details["not_counted"].items()) for window in windows(world)} == {
        (("labels of no answered row", 50),)
    }


def test_a_file_that_is_scored_again_counts_by_its_newest_answers(world: World) -> None:
    scored(world, "a.csv", range(120), version=1)
    scored(world, "a.csv", range(120), version=2)

    come(world, "may.csv", labels(range(120)))

    assert [window.version for window in windows(world)] == [2]


def test_what_an_earlier_release_or_somebody_else_wrote_is_not_read(world: World) -> None:
    scored(world, "a.csv", range(120), job="")
    scored(world, "b.csv", range(120, 240))
    world.s3.put_object(Bucket=BUCKET, Key="scored/churn/b.csv", Body=b"customerID,predicted_label\nC1,Yes\n")

    come(world, "may.csv", labels(range(240)))

    assert windows(world) == []


def test_labels_that_are_wrong_go_to_quarantine_and_people_are_told(world: World) -> None:
    arrival = world.upload("labels/churn/may.csv", b"customerID,Churn\nA,Yes\nB,Maybe\n")
    world.record(arrival)
    world.record(arrival)

    assert world.keys("labels/") == []
    reason = world.document("quarantine/churn/labels/may.csv.reason.json")
    assert reason["message"].startswith("labels/churn/may.csv: line 3 says 'Maybe' in column 'Churn'")
    (mail,) = world.mail()
    assert "line 3 says 'Maybe'" in mail


def test_labels_of_no_model_are_refused_with_the_models_that_there_are(world: World) -> None:
    world.record(world.upload("labels/chrun/may.csv", labels(range(3))))

    reason = world.document("quarantine/chrun/labels/may.csv.reason.json")
    assert reason["remedy"] == "upload to labels/<model>/ of a published model (churn)"


def test_what_is_empty_or_a_writers_own_is_ignored(world: World) -> None:
    come(world, "_SUCCESS", b"x")
    come(world, "empty.csv", b"")

    assert world.keys("labels/") == ["labels/churn/_SUCCESS", "labels/churn/empty.csv"]
    assert world.keys("quarantine/") == []


def test_of_two_files_that_are_counted_at_once_the_slower_one_keeps_nothing_and_comes_again(world: World) -> None:
    first, second = (
        DatasetArrived.parse(json.dumps(world.upload(f"labels/churn/{name}.csv", labels(range(9))))) for name in "ab"
    )
    after = world.ledger.labelled("churn")._replace(revision=1)
    world.ledger.count_labels("churn", first, after._replace(counted=("first",)), [])

    with pytest.raises(Contended):
        world.ledger.count_labels("churn", second, after._replace(counted=("second",)), [])

    assert world.ledger.labelled("churn").counted == ("first",)
    assert world.ledger.recorded_outcome(*second.identity) is None


def test_a_fall_that_late_labels_show_begins_a_run(world: World) -> None:
    world.publishes(retrain=ON_QUALITY)
    scored(world, "a.csv", range(200))
    come(world, "may.csv", labels(range(200), every=2))

    answer = begin_run.handler({"model": "churn", "trigger": "windows", "request": "r1"}, Context())

    record = world.ledger.record(answer["run"])
    assert record
    assert record.cause["kind"] == "quality"
    assert "200 rows of labels until" in record.cause["evidence"][1]


def test_labels_of_answers_from_before_the_newest_run_begin_none(world: World) -> None:
    world.publishes(retrain={name: value for name, value in ON_QUALITY.items() if name != "cooldown"})
    scored(world, "a.csv", range(200))
    world.ledger.admit(
        "churn", "churn-20260101t000000-abcdef", now() + timedelta(seconds=1), world.ledger.admitted("churn")
    )
    come(world, "may.csv", labels(range(200), every=2))

    answer = begin_run.handler({"model": "churn", "trigger": "windows", "request": "r1"}, Context())

    assert not answer.get("run")


def test_labels_whose_event_never_came_are_found_and_counted(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    definition = json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}})
    machine = world.stepfunctions.create_state_machine(name="Scoring", definition=definition, roleArn=ROLE)
    monkeypatch.setenv("SCORING_MACHINE_ARN", machine["stateMachineArn"])
    monkeypatch.setenv("REACTING_FUNCTIONS", "endpoint=e,scoring=s")
    scored(world, "a.csv", range(120))
    world.s3.delete_object(Bucket=BUCKET, Key="scoring/churn/a.csv")
    world.s3.put_object(Bucket=BUCKET, Key="labels/churn/may.csv", Body=labels(range(120)))

    found = reconcile_runs.handler({"grace_s": 0}, Context())
    (event,) = world.sqs.receive_message(QueueUrl=world.arrivals, MaxNumberOfMessages=10)["Messages"]
    world.record(event["Body"])

    assert found["unheard"] == ["labels/churn/may.csv"]
    assert [window.rows for window in windows(world)] == [120]
