"""What ``retrain start`` says that a run may cost, before it has cost anything."""

import io
import json
from types import SimpleNamespace
from typing import Any

import pytest
from app.decide.costs.estimates import PastRun, next_run
from app.decide.costs.prices import Prices
from app.decide.costs.uses import PROCESSING, TRAINING, Use
from app.decide.names.statuses import RunStatus
from app.decide.records import RunRecord
from botocore.exceptions import ClientError

from cli.show.cost_estimate import Estimate, of_next_run, render_text, types

TABLE = Prices("us-east-1", "2026-03-01", "a page", {"ml.m5.large": 0.1, "ml.m5.xlarge": 0.2})
DOCUMENT: dict[str, Any] = {
    "model": {
        "instances": {"processing": "ml.m5.large", "training": "ml.m5.xlarge"},
        "deployment": {"instance_type": "ml.m5.large"},
    },
    "pipeline": {"name": "retrain--churn"},
    "tuned_pipeline": {"name": "retrain--churn--tuned"},
    "tunes": False,
    "parameters": {"ProcessingInstanceType": "ml.m5.xlarge"},
}


def use(step: str, seconds: float, kind: str = TRAINING) -> Use:
    return Use(step, kind, f"{step}-job", "ml.m5.large", 1, seconds)


def test_each_step_counts_as_it_took_when_it_last_was_executed() -> None:
    past = [
        PastRun("c", (use("Train", 30),), ("Preprocess",)),
        PastRun("b", (use("Train", 60),), ("Preprocess",)),
        PastRun("a", (use("Preprocess", 90, PROCESSING), use("Gone", 1_000))),
    ]

    assert [(one.what, one.billed_s) for one in next_run(past, {})] == [("Train", 30), ("Preprocess", 90)]


def test_all_trials_of_a_search_count_and_on_the_type_that_is_meant_now() -> None:
    found = next_run([PastRun("a", (use("Tune", 10), use("Tune", 20)))], {TRAINING: "ml.m5.xlarge"})

    assert [(one.instance_type, one.billed_s) for one in found] == [("ml.m5.xlarge", 10), ("ml.m5.xlarge", 20)]
    assert next_run([], {}) == []


@pytest.mark.parametrize(
    ("asked", "expected"),
    [({}, "ml.m5.xlarge"), ({"ProcessingInstanceType": "ml.c5.xlarge"}, "ml.c5.xlarge")],
)
def test_the_type_that_is_asked_for_counts_before_the_published_one_and_that_before_the_model_files(
    asked: dict[str, str], expected: str
) -> None:
    assert types(DOCUMENT, asked) == {PROCESSING: expected, TRAINING: "ml.m5.xlarge"}


def error(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": f"{code}."}}, "ListPipelineExecutionSteps")


class Stack:
    """A stack whose only run trained for half an hour."""

    local, stack, url = False, "retrain", None

    def __init__(self, refused: str = "") -> None:
        self.refused = refused

    def outputs(self) -> dict[str, str]:
        return {"DataBucketName": "data"}

    def ledger(self) -> Any:
        plan = {"pipeline": "retrain--churn"}
        run = RunRecord(
            "churn-20260314t101500-abcdef", "churn", RunStatus.DEPLOYED, "arn", verdict={"passed": True},
            plan=plan, pipeline_execution_arn="arn:x/execution/1",
        )  # fmt: skip
        return SimpleNamespace(runs=lambda model: [run])

    def client(self, service: str) -> Any:
        return self

    def get_object(self, **asked: str) -> dict[str, Any]:
        return {"Body": io.BytesIO(json.dumps(DOCUMENT).encode())}

    def get_paginator(self, operation: str) -> Any:
        return SimpleNamespace(paginate=self.steps)

    def steps(self, **asked: str) -> list[dict[str, Any]]:
        if self.refused:
            raise error(self.refused)
        return [
            {"PipelineExecutionSteps": [{"StepName": "Train", "Metadata": {"TrainingJob": {"Arn": "arn:y/train"}}}]}
        ]

    def describe_training_job(self, **asked: str) -> dict[str, Any]:
        resources = {"InstanceType": "ml.m5.large", "InstanceCount": 1}
        return {"TrainingJobName": "train", "ResourceConfig": resources, "BillableTimeInSeconds": 1_800}


def estimated(stack: Stack, asked: dict[str, str]) -> Estimate:
    target: Any = stack
    return of_next_run(target, "churn", asked, None, TABLE)


SERVING = "Its endpoint costs 73.00 USD a month: 1 instance of ml.m5.large, at list prices of us-east-1, 2026-03-01."


def test_a_run_is_estimated_by_those_before_it() -> None:
    found = estimated(Stack(), {})

    assert found.usd == pytest.approx(0.1)
    assert render_text(found).splitlines() == [
        "Its jobs may cost 0.1000 USD, as its steps took in churn-20260314t101500-abcdef or before, "
        "at list prices of us-east-1, 2026-03-01.",
        SERVING,
    ]


def test_a_type_without_a_price_is_named_beforehand_too() -> None:
    found = estimated(Stack(), {"TrainingInstanceType": "ml.p9.huge"})

    assert (found.usd, found.unpriced) == (None, ["ml.p9.huge"])
    assert "may cost unknown: the price table lacks ml.p9.huge" not in render_text(found)
    assert "What its jobs cost is not known: the price table lacks ml.p9.huge." in render_text(found)


def test_a_search_is_not_estimated_by_a_run_that_searched_nothing() -> None:
    found = estimated(Stack(), {"Tuning": "on"})

    assert found.usd is None
    assert render_text(found).startswith("What its jobs cost is not known: no run has taken these steps yet")


def test_whoever_may_not_look_at_jobs_begins_a_run_all_the_same_and_is_told() -> None:
    found = estimated(Stack("AccessDeniedException"), {})

    assert (found.usd, found.serving) == (None, SERVING)
    assert "What its jobs cost is not known: " in render_text(found)
