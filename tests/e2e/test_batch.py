"""A model that only scores files: its versions are tried in a batch, and what scores is what was approved last.

The winner is k-NN, SageMaker's own, behind and before a container of ours each.
"""

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from letters import letters_of
from waiting import eventually

from cli.demo_data import generate
from cli.stack import registry
from cli.stack.publishing import publish
from cli.stack.rows import held_out
from cli.stack.rows.uploading import outcome, upload

MODEL = "california-housing"
LET_KNN_WIN = {"xgboost_num_round": "1", "sklearn_n_estimators": "1", "R2Threshold": "0.1"}


def approved(stack: Any, run: Any) -> Any:
    """The run's end, once a person has said yes."""
    run = stack.awaiting(run)
    registry.decide(stack.target, MODEL, run.version, "Approved", "good numbers")
    return stack.run(run.id)


@pytest.fixture(scope="module")
def first(stack: Any) -> Any:
    """A version that was approved, without an endpoint."""
    publish(stack.target, MODEL, LET_KNN_WIN)
    path = stack.folder / "blocks.csv"
    path.write_text(generate(MODEL, 1200, 3))
    sent = outcome(stack.target, MODEL, upload(stack.target, MODEL, path), deadline_s=60)
    return approved(stack, sent.run)


def test_an_approved_version_is_tried_in_a_batch_and_gets_no_endpoint(stack: Any, first: Any) -> None:
    sagemaker = stack.target.client("sagemaker")
    job = sagemaker.describe_transform_job(TransformJobName=first.transform)
    model = sagemaker.describe_model(ModelName=job["ModelName"])
    endpoints = sagemaker.list_endpoints(NameContains=MODEL)["Endpoints"]
    live = stack.target.ledger().live_version(MODEL)

    assert str(first.status) == "Deployed"
    assert [entry["what"] for entry in first.timeline][-5:] == [
        "deployment requested", "batch transform started", "batch transform completed", "verified", "Deployed",
    ]  # fmt: skip
    assert len(model["Containers"]) == 3
    assert (endpoints, live.version, live.name) == ([], first.version, job["ModelName"])


def test_held_out_records_are_scored_as_evaluation_stored_them(stack: Any, first: Any) -> None:
    found = held_out.answers(stack.target, MODEL, first, stack.folder, deadline_s=120)

    assert found["differences"] == []
    assert (found["scored"]["status"], found["scored"]["rows"]) == ("Scored", len(found["predictions"]))


def test_every_row_of_a_file_comes_back_with_all_its_columns(stack: Any, first: Any) -> None:
    file, into = stack.folder / "with remarks.csv", stack.folder / "valued.csv"
    rows = list(csv.DictReader(generate(MODEL, 150, 9).splitlines()))
    remarked = [row | {"remark": f'block "{at}"\nof many, by far'} for at, row in enumerate(rows)]
    written(file, remarked)

    done = stack.retrain("score", MODEL, str(file), "--into", str(into), "--json")

    assert done.returncode == 0, done.stdout + done.stderr
    with into.open(newline="") as lines:
        scored = list(csv.DictReader(lines))
    assert [{name: row[name] for name in remarked[0]} for row in scored] == remarked
    assert all(10_000 < float(row["predicted_value"]) < 600_000 for row in scored)


def written(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", newline="") as file:
        lines = csv.DictWriter(file, list(rows[0]))
        lines.writeheader()
        lines.writerows(rows)


def test_the_command_says_how_such_a_model_is_asked(stack: Any, first: Any) -> None:
    asked = stack.retrain("predict", MODEL, str(stack.folder / "blocks.csv"))
    status = stack.retrain("status", MODEL).stdout
    watched = stack.retrain("watch", first.id, "--json").stdout

    assert asked.returncode == 2
    assert f"use `retrain score {MODEL} FILE`" in asked.stderr
    assert f"batch {MODEL}: version {first.version} scores files" in " ".join(status.split())
    assert json.loads(watched)["transform"] == first.transform


def test_the_next_version_scores_until_it_is_rejected_and_the_one_before_is_back(
    stack: Any, first: Any, scored_by: Callable[[str], str]
) -> None:
    begun = json.loads(stack.retrain("start", MODEL, "--set", "knn_k=4", "--json").stdout)
    second = approved(stack, begun["run"])
    champion, by_second = second.verdict["champion"], scored_by("second.csv")

    registry.decide(stack.target, MODEL, second.version, "Rejected", "the numbers look odd")
    live = stack.target.ledger().live_version
    eventually(lambda: live(MODEL).version == first.version, 60, f"version {first.version} of {MODEL} scores again")
    eventually(lambda: str(stack.run(first.id).status) == "Deployed", 60, f"run {first.id} is deployed again")

    assert (str(second.status), second.version) == ("Deployed", first.version + 1)
    assert (champion["status"], champion["version"]) == ("scored", first.version)  # three containers, in a batch
    assert champion["metrics"] == {name: first.verdict["metrics"][name] for name in champion["metrics"]}
    assert (by_second, scored_by("first.csv")) == (f"v{second.version}", f"v{first.version}")


def test_rejecting_the_only_version_leaves_it_scoring_and_is_told(
    stack: Any, first: Any, scored_by: Callable[[str], str], letters: Callable[[], list[str]]
) -> None:
    registry.decide(stack.target, MODEL, first.version, "Rejected", "nobody needs it")
    told = f"Version {first.version} of {MODEL} was rejected and serves all the same"
    eventually(lambda: any(told in letter for letter in letters()), 60, told)

    assert scored_by("still.csv") == f"v{first.version}"


@pytest.fixture
def letters(stack: Any) -> Iterator[Callable[[], list[str]]]:
    with letters_of(stack, "letters-about-batches") as read:
        yield read


@pytest.fixture
def scored_by(stack: Any) -> Callable[[str], str]:
    """Scores a small file of a name; which version answered, as its job's name says."""

    def score(name: str) -> str:
        file = stack.folder / name
        file.write_text(generate(MODEL, 5, 1))
        done = stack.retrain("score", MODEL, str(file), "--json")
        assert done.returncode == 0, done.stdout + done.stderr
        jobs = stack.target.client("sagemaker").list_transform_jobs(
            NameContains=json.loads(done.stdout)["execution"][-16:]
        )
        (job,) = jobs["TransformJobSummaries"]
        return str(job["TransformJobName"].rsplit("-", 2)[1])

    return score
