"""A file is scored in one batch by the version that serves."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from cli import predict
from cli.demo_data import generate


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as lines:
        return list(csv.DictReader(lines))


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
    online = predict.invoke(stack.target, "churn", plain.encode())
    answered = table(into)
    assert (code, said["status"], said["rows"]) == (0, "Scored", 300)
    assert [row["customerID"] for row in answered] == [row[0] for row in rows[1:]]
    assert [row["remark"] for row in answered] == [f"first\nsecond, of {row[0]}" for row in rows[1:]]
    assert [row["predicted_label"] for row in answered] == [answer["label"] for answer in online]
    assert [float(row["predicted_probability"]) for row in answered] == pytest.approx(
        [answer["probability"] for answer in online], abs=1e-6
    )


def test_a_file_that_cannot_be_scored_goes_to_quarantine_with_its_reason(stack: Any, deployed: Any) -> None:
    file = stack.folder / "bad.csv"
    file.write_text("customerID,tenure\nC1,3\n")

    code, said = asked(stack, "churn", str(file))

    bucket, key = stack.outputs["DataBucketName"], "quarantine/churn/scoring/bad.csv"
    reason = json.loads(stack.target.client("s3").get_object(Bucket=bucket, Key=key + ".reason.json")["Body"].read())
    assert (code, said["status"]) == (1, "Refused")
    assert said["reason"] == reason["message"]
    assert "churn/scoring/bad.csv: no column 'gender'" in said["reason"]
