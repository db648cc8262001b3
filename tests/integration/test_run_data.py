"""What a run learns from when the bucket changed after its uploads were accepted."""

from typing import Any

import leave_out_files
import plan_run
import pytest
from app.decide.names.bucket_keys import dataset_object
from app.decide.run_plans import pipeline_run
from app.decide.uploads.standing import REPLACED
from app.flow import training
from moto_world import BUCKET, GOOD, Context, World

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
    assert "cannot use 1 accepted files" in mail
    assert [one["file"] for one in world.ledger.refused("churn")] == ["incoming/churn/bad.csv"]


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

    assert training.resume_if_pipeline_ended(run, "arn:first", ended=True) == "known"
    assert not world.ledger.forget_token(f"pipeline/{run}", "of the first attempt")
    assert world.ledger.token(f"pipeline/{run}") == "of the second attempt"
