"""The version that serves is what the next one and its data are held against."""

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from changed_rows import Row, change_rows
from data.splitting import splits

from pipelines.model import model_file


@pytest.fixture(scope="module")
def rivals(new_stack: Callable[[str], Any]) -> Any:
    """A stack on which version 1 serves."""
    stack = new_stack("rivals")
    run = stack.awaiting(stack.send(stack.csv("first.csv", rows=2000)).run)
    stack.approve(run)
    assert str(stack.run(run.id).status) == "Deployed"
    return stack


def changed(stack: Any, name: str, change: Callable[[Row], None], rows: int = 2000, seed: int = 1) -> Path:
    """Generated rows, each changed."""
    return change_rows(stack.csv(name, rows=rows, seed=seed), change)


def mislabelled() -> Callable[[Row], None]:
    """Answers thrown by lot, for all customers but those that are held out."""
    split, lot = model_file.load(model_file.path_of("churn"))["split"], random.Random(5)

    def change(row: Row) -> None:
        (share,) = splits.shares(splits.row_keys([row["customerID"]], split["salt"]), split)
        if share != splits.TEST:
            row["Churn"] = lot.choice(["Yes", "No"])

    return change


def evaluation(stack: Any, run: Any, name: str = "evaluation.json") -> Any:
    bucket, _, key = run.outputs["evaluation"].removesuffix("/evaluation.json").removeprefix("s3://").partition("/")
    body = stack.target.client("s3").get_object(Bucket=bucket, Key=f"{key}/{name}")["Body"].read()
    return json.loads(body) if name.endswith(".json") else body.decode()


def test_worse_data_is_refused_by_not_worse_than_the_champion(rivals: Any) -> None:
    stack = rivals
    run = stack.run(stack.send(changed(stack, "worse.csv", mislabelled())).run)
    found = evaluation(stack, run)

    assert str(run.status) == "Rejected by gate"
    (reason,) = [reason for reason in run.reasons if "champion" in reason]
    assert "of the champion, version 1, on the same" in reason
    assert found["champion"]["status"] == "scored"
    assert found["champion"]["differences"]["roc_auc"]["better"] == "champion"
    assert found["champion"]["differences"]["roc_auc"]["high"] < 0
    assert {row["column"] for row in found["slices"]} == {"Contract", "InternetService", "tenure"}
    assert len(found["lineage"]["code_sha256"]) == 64
    assert found["lineage"]["manifest"].endswith("manifest.json")
    assert "Rejected by its gate" in evaluation(stack, run, "report.html")


def test_drifted_data_is_told_and_what_the_model_file_forbids_is_stopped(rivals: Any) -> None:
    stack = rivals

    def older(row: Row) -> None:
        row["tenure"] = str(int(row["tenure"]) + 40)
        row["Contract"] = "Weekly" if row["tenure"].endswith("1") else row["Contract"]

    def negative(row: Row) -> None:
        row["tenure"] = "-" + row["tenure"]

    stopped = stack.send(changed(stack, "negative.csv", negative, rows=200, seed=8))
    sent = stack.send(changed(stack, "older.csv", older, rows=1000, seed=9))
    warned = stack.run(sent.run, lambda run: run.verdict is not None)

    assert stopped.run is None
    assert "column 'tenure': expected at least 0, found -72 on line " in stopped.refused
    told = {(one["check"], one["column"]): one for one in warned.warnings}
    assert ("drift", "tenure") in told
    assert "'Weekly' in " in told["new levels", "Contract"]["found"]
    assert told["drift", "tenure"]["file"] == "incoming/churn/older.csv"
    sources = {one["name"]: one.get("warnings", []) for one in evaluation(stack, warned)["lineage"]["sources"]}
    assert {(one["check"], one["column"]) for one in sources["incoming/churn/older.csv"]} == set(told)
    checks = evaluation(stack, warned, "report.html").split("<h2>Data checks</h2>")[1]
    assert "&#x27;Weekly&#x27; in " in checks


def test_the_report_of_a_version_is_fetched_and_says_what_the_evaluation_says(rivals: Any) -> None:
    done = rivals.retrain("report", "churn", "1", "--folder", str(rivals.folder), "--json")

    assert done.returncode == 0, done.stderr
    page = Path(json.loads(done.stdout)["path"]).read_text()
    (first,) = [run for run in rivals.runs() if run.version == 1]
    assert f'<data value="{first.verdict["metrics"]["roc_auc"]!r}" data-path="metrics.roc_auc">' in page
    assert "Passed its gate" in page
    assert "No version serves yet" in page
    assert f"<tr><th>run</th><td><code>{first.id}</code></td></tr>" in page
    assert f"<th>pipeline</th><td><code>{rivals.target.resource('churn')}</code></td>" in page
    assert "<th>pipeline version</th>" in page


def test_what_serves_is_measured_once_on_the_rows_of_an_upload_that_are_new_to_it(rivals: Any) -> None:
    stack = rivals

    def new(row: Row) -> None:
        row["customerID"] = f"new-{row['customerID']}"

    def quality() -> Any:
        told = stack.retrain("quality", "churn", "--json")
        assert told.returncode == 0, told.stderr
        return json.loads(told.stdout)

    run = stack.run(stack.send(changed(stack, "new.csv", new, rows=600, seed=21)).run, lambda run: run.verdict)
    first, measured = quality(), evaluation(stack, run, "quality.json")
    again = stack.retrain("start", "churn", "--no-cache", "--json")
    stack.run(json.loads(again.stdout)["run"], lambda run: run.verdict)
    told = stack.retrain("quality", "churn")

    (window,) = first["windows"]
    assert (window["version"], window["rows"], window["metric"], window["source"]) == (1, 600, "accuracy", "uploads")
    assert window["details"]["uploads"] == ["incoming/churn/new.csv"]
    assert window["value"] == measured["windows"][0]["metrics"]["accuracy"]["value"] > 0.7
    assert quality() == first
    assert "What serves, version 1, answered rows that were new to it with accuracy 0." in told.stdout
    assert 'data-path="serving.windows.0.metrics.accuracy.value"' in evaluation(stack, run, "report.html")
