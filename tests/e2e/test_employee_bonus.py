"""A model of three containers: raw records with a JSON profile in, money out, at once and in a batch."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from cli.demo_data import generate
from cli.stack.rows import predictions
from cli.stack.rows.uploading import outcome, upload

MODEL = "employee-bonus"
JSON = "application/json"
pytestmark = pytest.mark.local  # the demo is for this machine


@pytest.fixture(scope="module")
def served(stack: Any) -> Any:
    """What the demo reports; its version serves."""
    report, _ = stack.demo(MODEL, "--rows", "1500")
    return report


@pytest.fixture(scope="module")
def package(stack: Any, served: Any) -> Any:
    """The version as the registry has it."""
    sagemaker = stack.target.client("sagemaker")
    (listed,) = sagemaker.list_model_packages(ModelPackageGroupName=f"{stack.name}--{MODEL}")["ModelPackageSummaryList"]
    return sagemaker.describe_model_package(ModelPackageName=listed["ModelPackageArn"])


def document(stack: Any, uri: str) -> Any:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return json.loads(stack.target.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read())


def test_bonuses_are_answered_in_dollars_as_evaluation_stored_them(served: Any) -> None:
    assert served["verdict"]["passed"]
    assert served["endpoint"] == {"name": "retrain--employee-bonus", "status": "InService"}
    assert served["differences"] == []
    assert all(0 < one["value"] < 50_000 for one in served["predictions"])


def test_the_registry_knows_whose_it_is_and_where_it_may_run(package: Any) -> None:
    told = package["CustomerMetadataProperties"]

    assert (told["model"], told["algorithm"], told["owner"]) == (MODEL, "linear-learner", "people-analytics")
    inference = package["InferenceSpecification"]
    assert len(inference["Containers"]) == 3
    assert inference["SupportedRealtimeInferenceInstanceTypes"] == ["ml.m5.large", "ml.m5.xlarge"]
    assert inference["SupportedTransformInstanceTypes"] == ["ml.m5.large", "ml.m5.xlarge"]


def test_the_status_tells_what_the_registry_was_told(stack: Any, served: Any) -> None:
    told = stack.retrain("status", MODEL).stdout

    assert "  owner: people-analytics\n" in told
    assert "  inference instances: ml.m5.large, ml.m5.xlarge\n" in told


def test_a_profile_may_be_sent_as_an_object_or_be_broken(stack: Any, served: Any) -> None:
    record = {"age": 41, "department": "Sales", "salary": 70000, "rating": 4, "hire_date": "2018-05-01"}
    profiles = [{"address": "1 Elm Street"}, '{"address": "1 Elm Street"}', '{"address": "1 El', None]
    body = json.dumps({"instances": [record | {"profile": profile} for profile in profiles]})

    answer = stack.target.client("sagemaker-runtime").invoke_endpoint(
        EndpointName=served["endpoint"]["name"], Body=body, ContentType=JSON, Accept=JSON
    )

    values = [one["value"] for one in json.loads(answer["Body"].read())["predictions"]]
    assert values[0] == values[1] != values[2] == values[3]


@pytest.mark.slow
def test_a_file_of_employees_is_scored_in_a_batch_as_the_endpoint_answers(stack: Any, served: Any) -> None:
    text = generate(MODEL, 200, 8)
    file, into = stack.folder / "people.csv", stack.folder / "bonuses.csv"
    Path(file).write_text(text)

    done = stack.retrain("score", MODEL, str(file), "--into", str(into), "--json")

    assert done.returncode == 0, done.stdout + done.stderr
    with into.open(newline="") as lines:
        scored = list(csv.DictReader(lines))
    online = predictions.invoke(stack.target, MODEL, text.encode()).predictions
    assert [row["employee_id"] for row in scored] == [f"E{at:07d}" for at in range(200)]
    assert [float(row["predicted_value"]) for row in scored] == pytest.approx([one["value"] for one in online])


def test_another_run_on_the_same_data_counts_to_the_same_day_and_equals_its_champion_of_three_containers(
    stack: Any, served: Any, package: Any
) -> None:
    begun = json.loads(stack.retrain("start", MODEL, "--json").stdout)

    watched = json.loads(stack.retrain("watch", begun["run"], "--until-approval", "--json").stdout)

    steps = {one["step"]: one for one in watched["steps"]}
    assert all(steps[name]["cached"] for name in ("Preprocess", "Split", "Train"))
    sagemaker = stack.target.client("sagemaker")
    newest = sagemaker.list_model_packages(ModelPackageGroupName=f"{stack.name}--{MODEL}", SortOrder="Descending")
    arn = newest["ModelPackageSummaryList"][0]["ModelPackageArn"]
    told = sagemaker.describe_model_package(ModelPackageName=arn)["CustomerMetadataProperties"]
    before, after = (document(stack, uri["evaluation"]) for uri in (package["CustomerMetadataProperties"], told))
    assert before["lineage"]["years_as_of"] == after["lineage"]["years_as_of"]
    champion = after["champion"]
    assert (champion["status"], champion["version"]) == ("scored", 1)
    assert champion["metrics"] == {name: before["metrics"][name] for name in champion["metrics"]}
    assert {one["difference"] for one in champion["differences"].values()} == {0}
    (line,) = (line for line in after["gate"] if "not_worse_than_champion" in line)
    assert (line["metric"], line["value"], line["passed"]) == ("rmse", 0, True)
    assert {line["column"] for line in after["drift"]} >= {"salary", "profile", "hire_date", "department"}
    assert not any(line["drifted"] for line in after["drift"])


def test_three_containers_that_serve_are_measured_on_the_employees_of_a_later_upload(stack: Any, served: Any) -> None:
    newer = stack.folder / "newer.csv"
    newer.write_text(generate(MODEL, 400, 12).replace("\nE", "\nN"))
    sent = outcome(stack.target, MODEL, upload(stack.target, MODEL, newer), deadline_s=60)

    run = stack.run(sent.run, lambda run: run.verdict is not None)

    measured = json.loads(stack.retrain("quality", MODEL, "--json").stdout)
    found = document(stack, run.outputs["evaluation"].removesuffix("/evaluation.json") + "/quality.json")
    (window,) = measured["windows"]
    assert (window["version"], window["rows"], window["metric"]) == (1, 400, found["metric"])
    assert window["value"] == found["windows"][0]["metrics"][found["metric"]]["value"]
    means = [window["details"][name] for name in ("mean_predicted", "mean_actual")]
    assert means[0] == pytest.approx(means[1], rel=0.1)
    assert "What serves, version 1, answered rows that were new to it" in run.verdict["serving"]
