"""What ``retrain cost`` asks of SageMaker, and what it says."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from app.decide.costs.prices import Prices
from app.decide.costs.uses import ENDPOINT, TRAINING, Use
from app.decide.names.statuses import RunStatus
from app.decide.records import RunRecord
from botocore.exceptions import ClientError

from cli.errors import UserError
from cli.show.cost_report import NOT_COUNTED, CostReport, month_cost, prices_of, render_text, run_cost
from cli.stack import billed_jobs
from cli.stack.billed_jobs import Billed, Fleet

NOW = datetime(2026, 3, 14, 12, tzinfo=UTC)
TABLE = Prices("us-east-1", "2026-03-01", "a page", {"ml.m5.large": 0.1})
RUN = RunRecord(
    "churn-20260314t101500-abcdef", "churn", RunStatus.DEPLOYED, "arn", pipeline_execution_arn="arn:x/execution/2",
    refusing_pipelines=["arn:x/execution/1"],
)  # fmt: skip
ORIGIN = {"region": "us-east-1", "as_of": "2026-03-01", "source": "a page"}


def training(name: str, seconds: int, kind: str = "ml.m5.large") -> dict[str, Any]:
    resources = {"InstanceType": kind, "InstanceCount": 1}
    return {"TrainingJobName": name, "ResourceConfig": resources, "BillableTimeInSeconds": seconds}


class SageMaker:
    """As much of it as is asked for."""

    def __init__(self, steps: dict[str, list[dict[str, Any]]], jobs: dict[str, dict[str, Any]]) -> None:
        self.steps, self.jobs = steps, jobs

    def get_paginator(self, operation: str) -> Any:
        return SimpleNamespace(paginate=getattr(self, operation))

    def list_pipeline_execution_steps(self, **asked: str) -> Any:
        if asked["PipelineExecutionArn"] not in self.steps:
            error = {"Error": {"Code": "ResourceNotFound", "Message": "none"}}
            raise ClientError(error, "ListPipelineExecutionSteps")  # type: ignore[arg-type]
        return [{"PipelineExecutionSteps": self.steps[asked["PipelineExecutionArn"]]}]

    def list_training_jobs_for_hyper_parameter_tuning_job(self, **asked: str) -> Any:
        tuning = asked["HyperParameterTuningJobName"]
        return [{"TrainingJobSummaries": [{"TrainingJobName": f"{tuning}-{at}"}]} for at in (1, 2)]

    def describe_training_job(self, **asked: str) -> dict[str, Any]:
        return self.jobs[asked["TrainingJobName"]]


def step(name: str, kind: str = "", arn: str = "", **more: Any) -> dict[str, Any]:
    return {"StepName": name, "Metadata": {kind: {"Arn": arn}} if kind else {}} | more


def target(found: SageMaker) -> Any:
    return SimpleNamespace(client=lambda service: found)


def test_a_run_is_billed_for_all_its_executions_and_for_each_trial_but_not_for_what_was_cached() -> None:
    first = [step("Train", "TrainingJob", "arn:y/first")]
    second = [
        step("Preprocess", "ProcessingJob", "arn:y/of-another-run", CacheHitResult={}),
        step("Tune", "TuningJob", "arn:y/tune"),
        step("CheckQuality"),
    ]
    jobs = {name: training(name, seconds) for name, seconds in (("first", 10), ("tune-1", 20), ("tune-2", 30))}
    found = SageMaker({"arn:x/execution/1": first, "arn:x/execution/2": second}, jobs)

    billed = billed_jobs.of_run(target(found), RUN, NOW)

    assert [(use.what, use.name, use.billed_s) for use in billed.uses] == [
        ("Train", "first", 10), ("Tune", "tune-1", 20), ("Tune", "tune-2", 30),
    ]  # fmt: skip
    assert (billed.cached, billed.lost) == (("Preprocess",), 0)


def test_what_was_deleted_with_its_pipeline_is_told_and_is_not_nothing() -> None:
    billed = billed_jobs.of_run(target(SageMaker({}, {})), RUN, NOW)
    report = CostReport(ORIGIN, "us-east-1", False, [], [run_cost(RUN, billed, TABLE)])

    assert billed.lost == 2
    assert "and more: its pipeline was deleted" in render_text(report)


def test_an_endpoint_costs_by_its_instances_as_they_are_now() -> None:
    fleet = Fleet("retrain--churn", NOW - timedelta(hours=2), (("ml.m5.large", 3),))

    month = month_cost("churn", "2026-03", [], [], fleet.uses(7_200), TABLE)

    assert month.endpoint_usd == pytest.approx(0.6)
    assert month.endpoint_s == 6 * 3_600


def month_and_run(kind: str) -> CostReport:
    use = Use("Train", TRAINING, "job", kind, 2, 1_800)
    run = run_cost(RUN, Billed((use,), ("Preprocess",)), TABLE)
    endpoint = Use("endpoint", ENDPOINT, "retrain--churn", "ml.m5.large", 1, 72_000)
    month = month_cost(
        "churn", "2026-03", [run], [Use("scoring", "transform", "t", "ml.m5.large", 1, 3_600)], [endpoint], TABLE
    )
    return CostReport(ORIGIN, "us-east-1", False, [month], [run])


def test_a_month_is_the_sum_of_its_runs_its_transforms_and_its_endpoint() -> None:
    assert render_text(month_and_run("ml.m5.large")).splitlines() == [
        "2026-03  churn: 2.20 USD (1 run 0.1000 USD + 1 batch transform 0.1000 USD + "
        "endpoint 2.00 USD (20.00 instance hours))",
        "  churn-20260314t101500-abcdef  Deployed: 0.1000 USD (1 job, 3,600 instance seconds, 1 step from the cache)",
        "",
        "At list prices of us-east-1, 2026-03-01 (a page).",
        f"Not counted: {NOT_COUNTED}.",
    ]


def test_a_type_without_a_price_is_named_for_the_month_the_run_and_the_job() -> None:
    report = month_and_run("ml.p9.huge")
    of_run = CostReport(ORIGIN, "us-east-1", False, [], report.runs)

    month, run, *_ = render_text(report).splitlines()
    assert month.startswith("2026-03  churn: at least 2.10 USD: the price table lacks ml.p9.huge (1 run unknown + ")
    assert "unknown: the price table lacks ml.p9.huge" in run
    assert render_text(of_run).splitlines()[1] == "  Train: unknown (training, 2 of ml.p9.huge, 1,800.0 s)"


def test_no_sum_that_lacks_a_price_is_a_number() -> None:
    report = month_and_run("ml.p9.huge")

    (month,), (run,) = report.months, report.runs
    assert (month.usd, month.runs_usd, run.usd, run.jobs[0].usd) == (None, None, None, None)
    assert month.at_least_usd == pytest.approx(2.1)
    assert (month.unpriced, run.unpriced) == (["ml.p9.huge"], ["ml.p9.huge"])


def test_a_stack_in_another_region_is_told_that_the_prices_are_not_its_own() -> None:
    report = CostReport(ORIGIN, "eu-west-1", False, [], [])

    assert "The stack is in eu-west-1, where prices differ: give its own with --prices FILE." in render_text(report)


def test_a_price_table_of_ones_own_replaces_the_apps(tmp_path: Path) -> None:
    path = tmp_path / "prices.json"
    path.write_text(json.dumps(ORIGIN | {"hour_usd": {"ml.p9.huge": 9}}))

    assert prices_of(path).hour_usd == {"ml.p9.huge": 9}
    assert "ml.m5.large" in prices_of(None).hour_usd


def test_a_file_that_is_no_price_table_is_refused_with_its_name(tmp_path: Path) -> None:
    path = tmp_path / "prices.json"
    path.write_bytes(b"\xff")

    with pytest.raises(UserError, match=r"prices\.json"):
        prices_of(path)
