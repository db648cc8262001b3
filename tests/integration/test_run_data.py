"""What a run learns from when the bucket changed after its uploads were accepted."""

import plan_run
import pytest
from app.decide.uploads.standing import REPLACED
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
