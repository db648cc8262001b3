"""What `retrain withdraw --erase` plans and deletes of a run that learnt from an upload, in a bucket with versions."""

import json
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from app.decide.names.resource_names import transform_name
from app.decide.names.statuses import RunStatus
from app.ledger import Ledger
from app.ledger.table import Write
from moto_world import BUCKET, World

from cli.plans.withdrawal import Erase, MarkErased, erasures, execute, learnt_from
from cli.stack.target import Target

RUN, OTHER = "churn-20260314t101500-abcdef", "churn-20260301t101500-abcdef"
UPLOAD = "incoming/churn/may.csv"
PIPELINE = "arn:aws:sagemaker:us-east-1:123456789012:pipeline/retrain--churn/execution/"


@dataclass(frozen=True)
class OfWorld(Target):
    """The resources in process, as the commands talk to them."""

    book: Ledger | None = None

    def client(self, service: str) -> Any:
        """A client in process."""
        return boto3.client(service)

    def outputs(self) -> dict[str, str]:
        """The stack's outputs."""
        return {"DataBucketName": BUCKET}

    def ledger(self) -> Ledger:
        """The ledger in process."""
        assert self.book
        return self.book


@pytest.fixture
def target(world: World) -> Target:
    return OfWorld(None, book=world.ledger)


def learnt(world: World, run: str, version: int, upload: str, status: RunStatus = RunStatus.DEPLOYED) -> None:
    """A run that learnt from the upload, and registered a version."""
    folder = f"datasets/churn/{run}"
    world.s3.put_object(Bucket=BUCKET, Key=f"{folder}/sources.json", Body=json.dumps([{"key": upload}]).encode())
    facts = {
        "id": run, "model": "churn", "status": str(status), "execution_arn": "arn", "timeline": [], "version": version,
        "pipeline_execution_arn": f"{PIPELINE}e{version}",
        "plan": {"parameters": {"InputData": f"s3://{BUCKET}/{folder}/manifest.json"}},
    }  # fmt: skip
    world.ledger.write(Write("MODEL#churn", f"RUN#{run}", set=facts))
    world.ledger.write(Write("MODEL#churn", f"VERSION#{version:08d}", set={"run": run}))


def written(world: World, *keys: str) -> None:
    """Each key has two versions."""
    for key in keys:
        for body in (b"A,1,Yes", b"B,2,No"):
            world.s3.put_object(Bucket=BUCKET, Key=key, Body=body)


def outputs_of(run: str, version: int, target: Target) -> tuple[list[str], list[str]]:
    """What holds rows of a run, and what does not."""
    job = transform_name(target.stack, "churn", version, "0123456789abcdef")
    return (
        [
            f"pipelines/churn/e{version}/Evaluate/verification/verification.json",
            f"judged/churn/{run}/verification/verification.json",
            f"transforms/churn/{job}/in.jsonl",
        ],
        [f"judged/churn/{run}/{name}" for name in ("evaluation/evaluation.json", "artifact-1/model.tar.gz")],
    )


def versions_below(world: World, key: str) -> int:
    found = world.s3.list_object_versions(Bucket=BUCKET, Prefix=key)
    return len(found.get("Versions", [])) + len(found.get("DeleteMarkers", []))


def test_every_version_of_what_holds_rows_of_a_run_goes_and_the_rest_stays(world: World, target: Target) -> None:
    learnt(world, RUN, 12, UPLOAD)
    learnt(world, OTHER, 1, "incoming/churn/april.csv")
    rows, none = outputs_of(RUN, 12, target)
    others = [key for keys in outputs_of(OTHER, 1, target) for key in keys]
    written(world, UPLOAD, *rows, *none, *others)
    world.s3.delete_object(Bucket=BUCKET, Key=rows[1])

    plan = erasures(target, "churn", [UPLOAD], learnt_from(target, "churn", [UPLOAD]))
    done = list(execute(target, plan))

    assert done == plan
    assert plan[0] == MarkErased("churn", 12)
    assert {one.key for one in plan[1:] if isinstance(one, Erase)} == {UPLOAD, *rows}
    assert {key: versions_below(world, key) for key in [UPLOAD, *rows]} == dict.fromkeys([UPLOAD, *rows], 0)
    assert {key: versions_below(world, key) for key in [*none, *others]} == dict.fromkeys([*none, *others], 2)
    assert world.ledger.erased_versions("churn") == {12}
    assert erasures(target, "churn", [UPLOAD], learnt_from(target, "churn", [UPLOAD])) == []


def test_what_a_trial_asked_goes_when_the_jobs_name_is_cut(world: World) -> None:
    long = OfWorld(None, stack="a-stack-with-quite-a-long-name-of-its-own", book=world.ledger)
    learnt(world, RUN, 12, UPLOAD)
    asked = outputs_of(RUN, 12, long)[0][-1]
    written(world, asked)

    plan = erasures(long, "churn", [UPLOAD], learnt_from(long, "churn", [UPLOAD]))

    assert not asked.startswith(f"transforms/churn/{long.resource('churn')}-v12-")
    assert Erase(BUCKET, asked) in plan
