"""What `retrain status` reads of a ledger with many runs: those that it shows."""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import boto3
from app.decide.names.statuses import RunStatus
from app.ledger.batches import new_run_record
from app.ledger.table import Write
from moto_world import BUCKET, TABLE, World

from cli.show.status_report import MOST_RUNS, newest_runs, of_stack
from cli.stack.target import Target

RUNS = 60


@dataclass(frozen=True)
class Counted(Target):
    """A stack whose descriptions are counted."""

    looks: list[str] = field(default_factory=list)

    def client(self, service: str) -> Any:
        """The account's, but for what describes the stack."""
        return SimpleNamespace(describe_stacks=self._describe) if service == "cloudformation" else boto3.client(service)

    def _describe(self, StackName: str) -> dict[str, Any]:  # noqa: N803
        self.looks.append(StackName)
        outputs = {"DataBucketName": BUCKET, "LedgerTableName": TABLE}
        return {"Stacks": [{"Outputs": [{"OutputKey": key, "OutputValue": value} for key, value in outputs.items()]}]}


def test_the_stack_is_described_once_however_many_models_there_are(world: World) -> None:
    for model in ("churn", "prices", "leads"):
        world.ledger.write(new_run_record(model, f"{model}-20260314t101500-abcdef", 1, "arn", "arrived"))
        world.ledger.write(Write("MODELS", model, set={"model": model}))
    counted = Counted("http://127.0.0.1:1")

    report = of_stack(counted, None)

    assert {run["model"] for run in report["runs"]} == {"churn", "prices", "leads"}
    assert counted.looks == [counted.stack]
    assert [counted.outputs()["DataBucketName"] for _ in range(2)] == [BUCKET, BUCKET]
    assert len(counted.looks) == 3  # a stack that may change is looked at each time


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
