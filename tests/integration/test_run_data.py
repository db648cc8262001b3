"""What a run learns from when the bucket changed after its uploads were accepted."""

import gzip
import json
from typing import Any

import join_scores
import leave_out_files
import plan_run
import prepare_scoring
import pytest
from app.decide.names.bucket_keys import dataset_object
from app.decide.run_plans import data_set, larger_instances, pipeline_run
from app.decide.uploads.published_model import Model
from app.decide.uploads.scores import parse_scoring_key
from app.decide.uploads.standing import REPLACED
from app.flow import training
from lambda_context import Context
from moto_world import BUCKET, GOOD, World
from published_churn import PUBLISHED

MORE = b"customerID,tenure,Churn\nC,3,Yes\nD,4,No\nE,5,No\n"


def planned(world: World) -> dict[str, str]:
    """Plan the open run; the keys that it learns from, and why others are left out."""
    run = world.run()
    assert plan_run.handler({"model": "churn", "run": run}, Context())["usable"]
    record = world.ledger.run(run)
    assert record
    assert record.plan
    names = world.document(record.plan["parameters"]["InputData"].removeprefix(f"s3://{BUCKET}/"))
    sources = world.document("datasets/churn/" + names[-1])
    return {one["key"].rsplit("/", 1)[-1]: "" for one in sources} | {
        one["key"].rsplit("/", 1)[-1] + " not": one["why"] for one in record.left_out
    }


def test_a_newer_version_of_a_key_replaces_the_older(world: World) -> None:
    world.record(world.upload("incoming/churn/may.csv", GOOD), world.upload("incoming/churn/may.csv", MORE))

    assert planned(world) == {"may.csv": "", "may.csv not": REPLACED}
    assert world.ledger.runs("churn")[0].rows == 3


def test_a_deleted_key_is_out_and_so_is_a_version_that_is_gone(world: World) -> None:
    deleted = world.upload("incoming/churn/deleted.csv", GOOD.replace(b"A", b"Z"))
    gone = world.upload("incoming/churn/gone.csv", MORE)
    world.record(deleted, gone, world.upload("incoming/churn/may.csv", GOOD))
    world.s3.delete_object(Bucket=BUCKET, Key="incoming/churn/deleted.csv")
    version = gone["detail"]["object"]["version-id"]
    world.s3.delete_object(Bucket=BUCKET, Key="incoming/churn/gone.csv", VersionId=version)

    assert planned(world) == {
        "may.csv": "", "deleted.csv not": "it was deleted", "gone.csv not": "this version of it was deleted",
    }  # fmt: skip


def test_equal_content_under_another_key_counts_once_and_says_so(world: World) -> None:
    world.record(world.upload("incoming/churn/a.csv", GOOD), world.upload("incoming/churn/b.csv", GOOD))

    assert planned(world) == {"a.csv": "", "b.csv not": "its content is that of incoming/churn/a.csv"}


def test_a_gateways_empty_put_put_copy_and_rename_give_each_row_once(world: World) -> None:
    events = [
        world.upload("incoming/churn/a.csv", b""),
        world.upload("incoming/churn/a.csv", GOOD),
        world.upload("incoming/churn/a.csv", GOOD),
        world.upload("incoming/churn/b.csv.tmp", MORE),
        world.upload("incoming/churn/b.csv", MORE),
    ]
    world.s3.delete_object(Bucket=BUCKET, Key="incoming/churn/b.csv.tmp")
    world.record(*events)

    assert planned(world) == {"a.csv": "", "a.csv not": REPLACED, "b.csv": ""}
    assert world.ledger.runs("churn")[0].rows == 5
    assert (world.keys("quarantine/"), world.mail()) == ([], [])


@pytest.mark.parametrize("name", ["_SUCCESS", ".a.csv.crc", "a.csv.tmp"])
def test_what_a_writer_keeps_for_itself_is_ignored_and_not_mailed(world: World, name: str) -> None:
    world.record(world.upload(f"incoming/churn/{name}", b"not a csv"))

    assert (world.keys("quarantine/"), world.mail(), world.executions()) == ([], [], [])


def test_a_run_whose_files_are_all_gone_has_no_usable_data_and_says_why(world: World) -> None:
    world.record(world.upload("incoming/churn/may.csv", GOOD))
    world.s3.delete_object(Bucket=BUCKET, Key="incoming/churn/may.csv")

    assert plan_run.handler({"model": "churn", "run": world.run()}, Context()) == {
        "usable": False,
        "due": True,
        "reasons": ["none of the 1 accepted files counts any more: deleted, withdrawn or replaced; upload one"],
    }


def refusing(world: World, *events: dict[str, Any]) -> str:
    """A run whose job refused the uploads of ``events``."""
    run = world.run()
    plan_run.handler({"model": "churn", "run": run}, Context())
    objects = [event["detail"]["object"] for event in events]
    ids = [dataset_object(one["key"], one["version-id"])[8:24] for one in objects]
    world.ledger.update_run(run, "files refused", refused_files=ids, refused_why="line 3 says 'abc'")
    return run


def test_files_that_the_job_refuses_go_to_quarantine_and_the_run_goes_on(world: World) -> None:
    bad = world.upload("incoming/churn/bad.csv", MORE)
    world.record(world.upload("incoming/churn/good.csv", GOOD), bad)
    run = refusing(world, bad)
    answers = [leave_out_files.handler({"model": "churn", "run": run}, Context()) for _ in range(2)]
    again = plan_run.handler({"model": "churn", "run": run}, Context())
    record = world.ledger.run(run)

    assert answers == [
        {"any_left": True, "left_out": ["incoming/churn/bad.csv"]}, {"any_left": True, "left_out": []},
    ]  # fmt: skip
    assert again["usable"]
    assert record
    assert (record.rows, [one["why"] for one in record.left_out]) == (
        2,
        [f"withdrawn: refused by the job of run {run}"],
    )
    assert world.keys("quarantine/") == ["quarantine/churn/bad.csv", "quarantine/churn/bad.csv.reason.json"]
    assert "line 3 says 'abc'" in world.document("quarantine/churn/bad.csv.reason.json")["message"]
    (mail,) = world.mail()
    assert "cannot use 1 accepted file;" in mail
    assert [one["file"] for one in world.ledger.refused("churn")] == ["incoming/churn/bad.csv"]


def test_of_a_file_that_was_left_out_the_run_warns_no_more(world: World) -> None:
    bad = world.upload("incoming/churn/bad.csv", MORE)
    world.record(world.upload("incoming/churn/good.csv", GOOD), bad)
    run = refusing(world, bad)
    world.ledger.update_run(run, "batch closed", warnings=[{"file": "incoming/churn/bad.csv", "check": "levels"}])

    leave_out_files.handler({"model": "churn", "run": run}, Context())
    plan_run.handler({"model": "churn", "run": run}, Context())

    record = world.ledger.record(run)
    assert record
    assert record.warnings == []


def test_where_the_job_refuses_every_file_nothing_is_moved(world: World) -> None:
    only = world.upload("incoming/churn/only.csv", GOOD)
    world.record(only)
    run = refusing(world, only)

    assert leave_out_files.handler({"model": "churn", "run": run}, Context()) == {"any_left": False, "left_out": []}
    assert (world.keys("quarantine/"), world.keys("incoming/")) == ([], ["incoming/churn/only.csv"])


def test_a_run_asks_for_another_pipeline_execution_once_files_were_left_out(world: World) -> None:
    bad = world.upload("incoming/churn/bad.csv", MORE)
    world.record(world.upload("incoming/churn/good.csv", GOOD), bad)
    run = refusing(world, bad)
    first = world.ledger.record(run)
    leave_out_files.handler({"model": "churn", "run": run}, Context())
    plan_run.handler({"model": "churn", "run": run}, Context())
    second = world.ledger.record(run)

    assert first
    assert second
    assert pipeline_run(run, first.plan or {}).request_token != pipeline_run(run, second.plan or {}).request_token


def test_an_old_pipelines_end_does_not_answer_the_run_that_goes_on_without_files(world: World) -> None:
    world.record(world.upload("incoming/churn/good.csv", GOOD))
    run = world.run()
    world.ledger.remember_token(f"pipeline/{run}", "of the second attempt", run)
    world.ledger.update_run(run, "files refused", refusing_pipelines=["arn:first"])

    assert training.resume_if_pipeline_ended(run, "arn:first", ended=True) == "not started"
    assert not world.ledger.forget_token(f"pipeline/{run}", "of the first attempt")
    assert world.ledger.token(f"pipeline/{run}") == "of the second attempt"


def test_a_packed_table_is_its_rows_and_counts_once_beside_the_same_one_as_it_is(world: World) -> None:
    packed, anew = gzip.compress(GOOD, mtime=1), gzip.compress(GOOD, mtime=2)
    events = [world.upload(f"incoming/churn/{name}", body) for name, body in
              {"a.csv.gz": packed, "b.csv": anew, "c.csv": GOOD, "d.csv.gz": gzip.compress(MORE)}.items()]  # fmt: skip
    world.record(*events)

    same = "its content is that of incoming/churn/a.csv.gz"
    assert planned(world) == {"a.csv.gz": "", "b.csv not": same, "c.csv not": same, "d.csv.gz": ""}
    assert (world.ledger.runs("churn")[0].rows, world.mail()) == (5, [])


def test_a_packed_table_asks_for_the_instances_of_what_it_unpacks_to() -> None:
    model = Model.parse(json.dumps(PUBLISHED))._replace(large_data={"over_mb": 2, "training": "ml.m5.4xlarge"})
    file = {
        "key": "incoming/churn/a.csv.gz", "version_id": "1", "etag": "e", "size_bytes": 900_000,
        "uploaded_at": "2026-06-30T12:00:00Z",
    }  # fmt: skip

    asked = [
        larger_instances(model, data_set(BUCKET, "churn", [file | {"unpacked_bytes": size}]))
        for size in (0, 900_000, 9_000_000)
    ]
    assert asked == [{}, {}, {"TrainingInstanceType": "ml.m5.4xlarge"}]


def test_a_packed_file_is_scored_and_its_answers_are_packed_too(world: World) -> None:
    detail = world.upload("scoring/churn/a.csv.gz", gzip.compress(b"customerID,tenure\nA,1\nB,2\n"))["detail"]
    asked = parse_scoring_key(BUCKET, "scoring/churn/a.csv.gz", detail["object"]["version-id"])
    assert asked
    event = {"scoring": asked._asdict()}

    assert prepare_scoring.handler(event, Context()) == {"usable": True, "rows": 2}
    world.s3.put_object(Bucket=BUCKET, Key=asked.files.output_key, Body=b"0.5,Yes\n0.25,No\n")
    assert join_scores.handler(event, Context()) == {"rows": 2, "key": "scored/churn/a.csv.gz"}
    body = world.s3.get_object(Bucket=BUCKET, Key="scored/churn/a.csv.gz")["Body"].read()
    assert gzip.decompress(body).decode().splitlines()[1:] == ["A,1,0.5,Yes", "B,2,0.25,No"]
