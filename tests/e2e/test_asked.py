"""A run that a person asks for, on the data that is there."""

import json
from typing import Any


def said(done: Any) -> Any:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def own(parameters: dict[str, str]) -> dict[str, str]:
    """Without the champion's, which depend on what serves when the run is planned."""
    return {name: value for name, value in parameters.items() if not name.startswith("Champion")}


def test_a_run_is_asked_for_with_a_parameter_and_a_version_and_watched_to_its_end(stack: Any, deployed: Any) -> None:
    asked = ["--set", "AccuracyThreshold=0.99", "--version", "1", "--json"]
    begun = said(stack.retrain("start", "churn", *asked))

    watched = said(stack.retrain("watch", begun["run"], "--deadline", "120", "--json"))

    before, after = own(deployed.plan["parameters"]), own(stack.run(begun["run"]).plan["parameters"])
    steps = {one["step"]: one for one in watched["steps"]}
    assert watched["status"] == "Rejected by gate"
    assert after == before | {"AccuracyThreshold": "0.99"}
    assert (steps["Preprocess"]["cached"], steps["Register"]["status"]) == (True, "NotStarted")


def test_what_cannot_be_asked_is_refused_before_a_run_begins(stack: Any) -> None:
    told = [
        stack.retrain("start", *words).stderr
        for words in (
            ["churn", "--set", "max_dept=3"],
            ["churn", "--set", "max_depth=deep"],
            ["churn", "--version", "99"],
            ["fraud"],
            ["churn", "--set", "ModelApprovalStatus=Approved"],
            ["churn", "--set", "ProcessingInstanceType=ml.p3.16xlarge"],
        )
    ]

    assert "has no parameter 'max_dept'" in told[0]
    assert "takes a value of type Integer" in told[1]
    assert "no version 99 of pipeline" in told[2]
    assert f"no pipeline '{stack.target.resource('fraud')}'" in told[3]
    assert "ModelApprovalStatus cannot be asked for" in told[4]
    assert "max_depth" in told[4]  # what can be asked is listed
    assert "it takes one of ml.m5.xlarge" in told[5]


def test_a_run_without_cache_runs_every_step_on_the_same_data(stack: Any, deployed: Any) -> None:
    begun = said(stack.retrain("start", "churn", "--set", "AccuracyThreshold=0.99", "--no-cache", "--json"))

    watched = said(stack.retrain("watch", begun["run"], "--deadline", "120", "--json"))

    assert begun["no_cache"] is True
    assert watched["status"] == "Rejected by gate"
    assert {one["step"] for one in watched["steps"] if one["cached"]} == set()
    assert stack.run(begun["run"]).rows == deployed.rows
