"""Uploads that the check at the door took: refused by the run's own job, which goes on without them."""

import json
from typing import Any

import pytest
from app.decide.messages import DatasetArrived
from app.decide.names.resource_names import execution_arn
from app.ledger.batches import File, now

pytestmark = pytest.mark.local


@pytest.fixture(scope="module")
def own(new_stack: Any) -> Any:
    """A stack of its own: its ledger is told of a file that nobody checked."""
    made = new_stack("uploads")
    made.publish({"AccuracyThreshold": "0.5"})
    return made


def accepted_unchecked(stack: Any, key: str, body: bytes) -> Any:
    """Open a batch with a file that the door would have refused; its run is not started."""
    bucket = stack.outputs["DataBucketName"]
    put = stack.target.client("s3").put_object(Bucket=bucket, Key=key, Body=body)
    arrival = DatasetArrived(bucket, key, put["VersionId"], put["ETag"], len(body), now())
    file = File(key, put["VersionId"], put["ETag"], len(body), now().isoformat(), 1, {"Yes": 1, "No": 1}, False)
    machine = stack.outputs["StateMachineArn"]
    return stack.target.ledger().join_batch("churn", arrival, file, lambda run: execution_arn(machine, run))


def test_a_run_goes_on_without_the_file_that_its_job_refuses(own: Any) -> None:
    s3, bucket = own.target.client("s3"), own.outputs["DataBucketName"]
    header = own.csv("good.csv", rows=900).read_text().splitlines()[0]
    bad = f"{header}\n{','.join('?' * (header.count(',') + 1))}\n".encode()

    batch = accepted_unchecked(own, "incoming/churn/_bad.csv", bad)  # a name that the door ignores
    good = own.send(own.csv("good.csv", rows=900))
    task = {"entry": "Retrain", "model": "churn", "run": batch.run}
    own.target.client("stepfunctions").start_execution(
        stateMachineArn=own.outputs["StateMachineArn"], name=batch.run, input=json.dumps(task)
    )
    run = own.awaiting(batch.run)
    left_out = [(one["key"], one["why"]) for one in run.left_out]
    refused = own.target.ledger().refused("churn")

    assert good.run == batch.run
    assert left_out == [("incoming/churn/_bad.csv", f"withdrawn: refused by the job of run {run.id}")]
    assert run.rows == 900
    assert "step 'Preprocess' failed" in refused[0]["message"]
    assert "_bad.csv, line 2" in refused[0]["message"]
    assert s3.get_object(Bucket=bucket, Key=refused[0]["quarantined_as"])["Body"].read() == bad
    assert "Versions" not in s3.list_object_versions(Bucket=bucket, Prefix="incoming/churn/_bad.csv")


def texts_that_hold(stack: Any, words: list[str]) -> list[str]:
    """Keys of the bucket of which some version holds one of the words, model artifacts apart."""
    s3, bucket = stack.target.client("s3"), stack.outputs["DataBucketName"]
    found = []
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        for one in page.get("Versions", []):
            body = s3.get_object(Bucket=bucket, Key=one["Key"], VersionId=one["VersionId"])["Body"].read()
            if not one["Key"].endswith(".tar.gz") and any(word.encode() in body for word in words):
                found.append(one["Key"])
    return sorted(set(found))


def held_out_records(stack: Any, run: str) -> list[str]:
    """What a run kept to verify its version with, as JSON has it: rows without their ids."""
    s3, bucket = stack.target.client("s3"), stack.outputs["DataBucketName"]
    kept = s3.get_object(Bucket=bucket, Key=f"judged/churn/{run}/verification/verification.json")["Body"].read()
    return [json.dumps(record) for record in json.loads(kept)["records"]]


def test_a_withdrawn_upload_is_learnt_from_no_more_and_erased_it_is_nowhere(own: Any) -> None:
    path = own.csv("erased.csv", rows=900, seed=7)
    header, *rows = path.read_text().splitlines()
    ids = [f"subject-{at:03}-of-may" for at in range(len(rows))]
    lines = (f"{name},{row.partition(',')[2]}" for name, row in zip(ids, rows, strict=True))
    path.write_text("\n".join([header, *lines]) + "\n")
    run = own.awaiting(own.send(path).run)
    before, held_out = texts_that_hold(own, ids), held_out_records(own, run.id)
    holding = texts_that_hold(own, held_out)
    words = ("withdraw", "churn", "erased.csv", "--reason", "its subjects asked", "--erase", "--json")

    dry = json.loads(own.retrain(*words, "--dry-run").stdout)
    untouched = texts_that_hold(own, ids)
    done = own.retrain(*words, "--yes")
    report = json.loads(done.stdout)
    after = own.awaiting(json.loads(own.retrain("start", "churn", "--json").stdout)["run"])

    assert done.returncode == 0, done.stderr
    assert untouched == before
    assert {key.split("/")[0] for key in before} == {"incoming", "datasets", "pipelines"}
    assert texts_that_hold(own, ids) == []
    assert f"judged/churn/{run.id}/verification/verification.json" in holding
    assert [key for key in texts_that_hold(own, held_out) if run.id in key] == []
    assert dry == report
    assert [(one["version"], one["serves"]) for one in report["versions"]] == [(run.version, False)]
    assert any("its subjects asked" in one["why"] for one in after.left_out)
    assert after.rows == 900


def test_a_name_that_was_never_accepted_cannot_be_withdrawn(own: Any) -> None:
    done = own.retrain("withdraw", "churn", "nobodys.csv", "--reason", "typo")

    assert done.returncode != 0
    assert "'incoming/churn/nobodys.csv' was never accepted for 'churn'; accepted are: " in done.stderr
