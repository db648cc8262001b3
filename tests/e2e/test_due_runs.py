"""A model's retraining policy where it works: what begins a run, what holds one back, and what people see of it."""

import csv
import json
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from changed_rows import Row, change_rows
from waiting import eventually

pytestmark = pytest.mark.local  # it changes what is announced
FALLEN = {"on_quality": {"metric": "roc_auc", "worse_by": 0.05, "windows": "1 of 1"}, "on_upload": "when_due"}
DRIFTED = {"on_drift": {"columns": 1, "least_rows": 200, "windows": "1 of 1"}, "on_upload": "when_due"}


@pytest.fixture(scope="module")
def served(new_stack: Callable[[str], Any]) -> Any:
    """A stack on which version 1 serves, and captures what it is asked."""
    stack = new_stack("policies")
    announced(stack, lambda model: model["deployment"].update(capture={"percent": 100}))
    run = stack.awaiting(stack.send(stack.csv("first.csv", rows=2000)).run)
    stack.approve(run)
    assert str(stack.run(run.id).status) == "Deployed"
    return stack


def announced(stack: Any, change: Callable[[dict[str, Any]], None]) -> None:
    """The model is announced with a changed model file, as ``retrain publish`` would."""
    s3, bucket, key = stack.target.client("s3"), stack.outputs["DataBucketName"], "config/models/churn.json"
    document = json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    change(document["model"])
    s3.put_object(Bucket=bucket, Key=key, Body=json.dumps(document).encode())


def follows(stack: Any, **policy: Any) -> None:
    """The model is announced with this policy."""
    announced(stack, lambda model: model.update(retrain=policy))


def rows(stack: Any, name: str, change: Callable[[Row], None] = lambda row: None) -> Path:
    """300 customers that nobody knows, each changed; a name has customers of its own."""

    def renamed(row: Row) -> None:
        row["customerID"] = f"{name}-{row['customerID']}"
        change(row)

    return change_rows(stack.csv(name, rows=300, seed=sum(name.encode())), renamed)


def by_lot() -> Callable[[Row], None]:
    """Answers that nobody can tell."""
    lot = random.Random(5)

    def change(row: Row) -> None:
        row["Churn"] = lot.choice(["Yes", "No"])

    return change


def steps_of(stack: Any, execution: str) -> dict[str, bool]:
    """The steps that an execution ran, and whether each came from the cache."""
    found = stack.target.client("sagemaker").list_pipeline_execution_steps(PipelineExecutionArn=execution)
    return {step["StepName"]: "CacheHitResult" in step for step in found["PipelineExecutionSteps"]}


def windows(stack: Any) -> list[dict[str, Any]]:
    told = stack.retrain("quality", "churn", "--json")
    assert told.returncode == 0, told.stderr
    found: list[dict[str, Any]] = json.loads(told.stdout)["windows"]
    return found


def test_uploads_that_what_serves_answers_well_are_measured_and_trained_on_later(served: Any) -> None:
    follows(served, **FALLEN)
    path = rows(served, "as-ever.csv")

    run = served.run(served.send(path).run)
    again = served.put("incoming/churn/as-ever-again.csv", path.read_bytes())

    assert (str(run.status), run.plan["measuring"]) == ("Not due", ["Preprocess", "ScoreChampion"]), run.reasons
    assert "0 of 1 quality windows since the last run say so, 1 of 1 are needed" in run.reasons[0]
    assert steps_of(served, run.measuring_pipelines[0]) == {"Preprocess": False, "ScoreChampion": False}
    assert again.run is None or str(served.run(again.run).status) == "Not due"
    named = [one for one in windows(served) if "incoming/churn/as-ever.csv" in one["details"]["uploads"]]
    assert [(one["rows"], one["version"]) for one in named] == [(300, 1)]


def test_uploads_that_what_serves_answers_badly_begin_a_run_that_takes_what_measured_from_the_cache(
    served: Any,
) -> None:
    follows(served, **FALLEN)

    run = served.run(served.send(rows(served, "by-lot.csv", by_lot())).run, lambda run: run.verdict is not None)

    assert run.cause["kind"] == "quality"
    assert run.cause["evidence"][0] == "1 of the last 1 quality windows"
    ran = steps_of(served, run.current_pipeline)
    assert (ran["Preprocess"], ran["ScoreChampion"], "Evaluate" in ran) == (True, True, True)
    named = [one for one in windows(served) if "incoming/churn/by-lot.csv" in one["details"]["uploads"]]
    assert [(one["rows"], one["value"] < 0.7) for one in named] == [(300, True)]


def test_uploads_that_drift_begin_a_run_and_others_wait(served: Any) -> None:
    def older(row: Row) -> None:
        row["tenure"] = str(int(row["tenure"]) + 40)

    follows(served, **DRIFTED)
    held = served.run(served.send(rows(served, "same-age.csv")).run)
    begun = served.run(served.send(rows(served, "older.csv", older)).run, lambda run: run.verdict is not None)

    assert str(held.status) == "Not due", held.reasons
    assert held.measuring_pipelines == []
    assert begun.cause["kind"] == "drift"
    assert any("'tenure'" in one for one in begun.cause["evidence"])


@pytest.mark.parametrize(
    ("limit", "why"),
    [
        ({"cooldown": "30d"}, "less than 30d ago: cooldown until"),
        ({"at_most": {"runs": 1, "days": 30}}, "within 30 days, and at_most permits 1: until"),
        ({"mode": "ask"}, "the model file says mode: ask, so that a person starts it"),
    ],
    ids=["cooldown", "at most", "ask"],
)
def test_a_limit_holds_uploads_back_and_says_which(served: Any, limit: dict[str, Any], why: str) -> None:
    follows(served, **limit)

    run = served.run(served.send(rows(served, f"{next(iter(limit))}.csv")).run)

    assert str(run.status) == "Not due"
    assert why in run.reasons[0]
    assert run.pipeline_execution_arn is None


def test_a_budget_has_room_for_what_a_run_costs_and_for_no_second_one(served: Any) -> None:
    follows(served, budget=50.0)
    run = served.run(served.send(rows(served, "paid.csv")).run, lambda run: run.verdict is not None)
    follows(served, budget=0.0001)

    held = served.run(served.send(rows(served, "unpaid.csv")).run)

    assert run.cost["usd"] > 0.0001
    assert str(held.status) == "Not due"
    assert "the budget is 0.0001 USD a month" in held.reasons[0]


def test_a_schedule_begins_a_run_on_what_is_there(served: Any) -> None:
    follows(served, on_upload="when_due", schedule={"expression": "rate(1 day)", "timezone": "UTC"})
    outputs, at = served.outputs, datetime.now(UTC) + timedelta(seconds=2)
    asked = {"model": "churn", "trigger": "schedule", "request": "<aws.scheduler.scheduled-time>"}

    def scheduled() -> Any:
        return next((run for run in served.runs() if run.cause.get("kind") == "schedule"), None)

    served.target.client("scheduler").create_schedule(
        Name=f"{served.name}--churn", GroupName=outputs["ScheduleGroupName"], FlexibleTimeWindow={"Mode": "OFF"},
        ScheduleExpression=f"at({at:%Y-%m-%dT%H:%M:%S})",
        Target={
            "Arn": outputs["BeginRunFunctionArn"], "RoleArn": outputs["SchedulesRoleArn"], "Input": json.dumps(asked),
        },
    )  # fmt: skip
    eventually(lambda: scheduled() is not None, 60, "a run that the schedule began")

    run = served.run(scheduled().id, lambda run: run.verdict is not None)
    assert run.cause["evidence"] == ["its schedule: rate(1 day), UTC"]


def test_what_the_endpoint_is_asked_is_a_drift_window_and_begins_a_run(served: Any) -> None:
    follows(served, **DRIFTED)
    with rows(served, "asked.csv").open(newline="") as file:
        asked = [{**row, "tenure": str(int(row["tenure"]) + 60)} for row in csv.DictReader(file)]
    records = [{name: value for name, value in row.items() if name not in ("customerID", "Churn")} for row in asked]
    s3, bucket = served.target.client("s3"), served.outputs["DataBucketName"]
    prefix = f"captured/churn/{served.target.resource('churn')}/AllTraffic/"

    def files() -> int:
        return int(s3.list_objects_v2(Bucket=bucket, Prefix=prefix)["KeyCount"])

    live = datetime.fromisoformat(served.target.ledger().live_since("churn")[1])
    eventually(lambda: datetime.now(UTC) > live + timedelta(seconds=1), 5, "the second after it came to serve")
    before = files()  # what its verification asked is captured, too
    served.target.client("sagemaker-runtime").invoke_endpoint(
        EndpointName=served.target.resource("churn"), ContentType="application/json", Accept="text/csv",
        Body=json.dumps({"instances": records}),
    )  # fmt: skip
    eventually(lambda: files() > before, 30, "a captured request")

    answer = served.target.client("lambda").invoke(
        FunctionName=served.outputs["BeginRunFunctionArn"],
        Payload=json.dumps({"model": "churn", "trigger": "windows", "request": "the reconciler's"}).encode(),
    )
    assert "FunctionError" not in answer, answer["Payload"].read()

    (window,) = [
        one for one in served.target.ledger().newest_windows("churn", "drift", 50)
        if one.source == "captured" and "tenure" in one.details["drifted"]
    ]  # fmt: skip
    assert (window.rows, window.version) == (200, 1)

    def begun() -> bool:  # by the request above, or by the reconciler, whoever was first
        return any("rows of captured until" in str(run.cause.get("evidence")) for run in served.runs())

    eventually(begun, 60, "a run that what was captured began")
