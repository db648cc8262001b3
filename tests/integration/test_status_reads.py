"""What `retrain status` reads of a ledger with many runs: those that it shows."""

from typing import Any

from app.decide.names.statuses import RunStatus
from app.ledger.batches import new_run_record
from moto_world import World

from cli.show.status_report import MOST_RUNS, newest_runs

RUNS = 60


def test_only_as_many_runs_are_read_as_are_shown(world: World) -> None:
    for number in range(RUNS):
        for model in ("churn", "prices"):
            world.ledger.write(
                new_run_record(model, f"{model}-20260314t10{number:02}00-abcdef", number, "arn", "arrived")
            )
    read: list[int] = []

    def count(parsed: dict[str, Any], **_: Any) -> None:
        read.append(parsed["ScannedCount"])

    world.ledger._client.meta.events.register("after-call.dynamodb.Query", count)
    found = newest_runs(world.ledger, ["churn", "prices"])

    assert [run.id for run in found[:3]] == [
        f"{model}-20260314t10{number}00-abcdef" for number, model in ((59, "churn"), (59, "prices"), (58, "churn"))
    ]
    assert (len(found), sum(read)) == (2 * MOST_RUNS, 2 * 25)
    assert {run.status for run in found} == {RunStatus.WAITING}
