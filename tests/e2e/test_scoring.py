"""A file is scored in one batch by the version that serves."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from waiting import eventually

from cli.demo_data import generate
from cli.stack import registry
from cli.stack.publishing import publish
from cli.stack.rows import predictions
from cli.stack.rows.uploading import outcome, upload

HOUSES = "house-price"


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as lines:
        return list(csv.DictReader(lines))


def table_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(text.splitlines()))


def asked(stack: Any, *words: str) -> tuple[int, dict[str, Any]]:
    done = stack.retrain("score", *words, "--json")
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def test_a_file_comes_back_whole_with_the_answers_of_the_endpoint(stack: Any, deployed: Any) -> None:
    rows = list(csv.reader(generate("churn", 300, 77).splitlines()))
    file, into = stack.folder / "to score.csv", stack.folder / "answers.csv"
    with file.open("w", newline="") as out:
        csv.writer(out).writerows([[*rows[0], "remark"], *([*row, f"first\nsecond, of {row[0]}"] for row in rows[1:])])

    code, said = asked(stack, "churn", str(file), "--into", str(into))

    plain = "\n".join(",".join(row) for row in rows) + "\n"
    online = predictions.invoke(stack.target, "churn", plain.encode()).predictions
    answered = table(into)
    assert (code, said["status"], said["rows"]) == (0, "Scored", 300)
    assert [row["customerID"] for row in answered] == [row[0] for row in rows[1:]]
    assert [row["remark"] for row in answered] == [f"first\nsecond, of {row[0]}" for row in rows[1:]]
    assert [row["predicted_label"] for row in answered] == [answer["label"] for answer in online]
    assert [float(row["predicted_probability"]) for row in answered] == pytest.approx(
        [answer["probability"] for answer in online], abs=1e-6
    )


def test_the_truth_about_a_scored_file_that_comes_later_measures_what_answered(stack: Any, deployed: Any) -> None:
    rows, ledger = table_of(generate("churn", 300, 78)), stack.target.ledger()
    file, s3, bucket = stack.folder / "june.csv", stack.target.client("s3"), stack.outputs["DataBucketName"]
    file.write_text(generate("churn", 300, 78))
    assert asked(stack, "churn", str(file), "--into", str(stack.folder / "june.answers.csv"))[0] == 0
    truths = "customerID,Churn\n" + "".join(f"{row['customerID']},{row['Churn']}\n" for row in rows)

    def measured() -> list[dict[str, Any]]:
        told = json.loads(stack.retrain("quality", "churn", "--json").stdout)["windows"]
        return [window for window in told if window["source"] == "labels"]

    for name in ("truths.csv", "again.csv"):
        key = f"labels/churn/{name}"
        version = s3.put_object(Bucket=bucket, Key=key, Body=truths.encode())["VersionId"]
        eventually(lambda: ledger.recorded_outcome(bucket, key, version), 60, f"{key} is counted")  # noqa: B023

    answered = {row["customerID"]: row["predicted_label"] for row in table(stack.folder / "june.answers.csv")}
    (window,) = measured()
    right = sum(answered[row["customerID"]] == row["Churn"] for row in rows)
    by = s3.head_object(Bucket=bucket, Key="scored/churn/june.csv")["Metadata"]["answered-by"]
    assert (window["rows"], str(window["version"])) == (300, by)
    assert window["details"]["metrics"]["accuracy"][0] == pytest.approx(right / 300)


def test_a_file_that_cannot_be_scored_goes_to_quarantine_with_its_reason(stack: Any, deployed: Any) -> None:
    file = stack.folder / "bad.csv"
    file.write_text("customerID,tenure\nC1,3\n")

    code, said = asked(stack, "churn", str(file))

    bucket, key = stack.outputs["DataBucketName"], "quarantine/churn/scoring/bad.csv"
    reason = json.loads(stack.target.client("s3").get_object(Bucket=bucket, Key=key + ".reason.json")["Body"].read())
    assert (code, said["status"]) == (1, "Refused")
    assert said["reason"] == reason["message"]
    assert "scoring/churn/bad.csv: no column 'gender'" in said["reason"]


@pytest.fixture(scope="module")
def serverless(stack: Any) -> Any:
    """A version of house prices on a serverless endpoint, as its published model file asks."""
    publish(stack.target, HOUSES, {"num_round": "60", "R2Threshold": "0.1"})
    s3, bucket, key = stack.target.client("s3"), stack.outputs["DataBucketName"], f"config/models/{HOUSES}.json"
    document = json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    document["model"]["deployment"] = {"mode": "serverless", "memory_mb": 3072}
    s3.put_object(Bucket=bucket, Key=key, Body=json.dumps(document).encode())
    path = stack.folder / "houses.csv"
    path.write_text(generate(HOUSES, 700, 5))
    run = stack.awaiting(outcome(stack.target, HOUSES, upload(stack.target, HOUSES, path), deadline_s=60).run)
    registry.decide(stack.target, HOUSES, run.version, "Approved", "good numbers")
    return stack.run(run.id)


def test_a_serverless_endpoint_is_verified_like_any_other(stack: Any, serverless: Any) -> None:
    sagemaker = stack.target.client("sagemaker")
    config = sagemaker.describe_endpoint(EndpointName=serverless.endpoint)["EndpointConfigName"]
    (variant,) = sagemaker.describe_endpoint_config(EndpointConfigName=config)["ProductionVariants"]

    assert str(serverless.status) == "Deployed"
    assert "verified" in [entry["what"] for entry in serverless.timeline]
    assert variant["ServerlessConfig"] == {"MemorySizeInMB": 3072, "MaxConcurrency": 5}


def test_a_logarithm_that_was_learnt_is_scored_in_money(stack: Any, serverless: Any) -> None:
    text = generate(HOUSES, 80, 6)
    file, into = stack.folder / "unsold.csv", stack.folder / "prices.csv"
    file.write_text(text)

    code, said = asked(stack, HOUSES, str(file), "--into", str(into))

    online = predictions.invoke(stack.target, HOUSES, text.encode()).predictions
    rows, scored = list(csv.DictReader(text.splitlines())), table(into)
    assert (code, said["rows"]) == (0, 80)
    assert [row["Id"] for row in scored] == [row["Id"] for row in rows]
    prices = [float(row["predicted_value"]) for row in scored]
    assert prices == pytest.approx([one["value"] for one in online])
    assert all(20_000 < price < 2_000_000 for price in prices)
