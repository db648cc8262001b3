"""What a tuning job tries, in which order, and what it stops; and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from localcloud.sagemaker.tuning.tuning_ranges import BadTuning, Numbers, ranges_of
from localcloud.sagemaker.tuning.tuning_requests import Plan, plan_of
from localcloud.sagemaker.tuning.tuning_search import Medians

XGBOOST = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.2-0"
RANGES = {
    "IntegerParameterRanges": [{"Name": "max_depth", "MinValue": "2", "MaxValue": "9"}],
    "ContinuousParameterRanges": [
        {"Name": "eta", "MinValue": "0.01", "MaxValue": "0.5", "ScalingType": "Logarithmic"},
        {"Name": "subsample", "MinValue": "0.5", "MaxValue": "0.99", "ScalingType": "ReverseLogarithmic"},
    ],
    "CategoricalParameterRanges": [{"Name": "booster", "Values": ["gbtree", "dart"]}],
}
WORDS = {"CategoricalParameterRanges": [{"Name": "a", "Values": ["1", "2"]}, {"Name": "b", "Values": ["x", "y"]}]}


def request(strategy: str = "Random", ranges: Any = None, jobs: int | None = 8, **config: Any) -> dict[str, Any]:
    limits = {"MaxNumberOfTrainingJobs": jobs, "MaxParallelTrainingJobs": 1}
    return {
        "HyperParameterTuningJobName": "t",
        "HyperParameterTuningJobConfig": {
            "Strategy": strategy,
            "HyperParameterTuningJobObjective": {"Type": "Minimize", "MetricName": "validation:rmse"},
            "ResourceLimits": limits,
            "ParameterRanges": ranges or RANGES,
            "RandomSeed": 7,
        }
        | config,
        "TrainingJobDefinition": {
            "StaticHyperParameters": {"num_round": "5"},
            "AlgorithmSpecification": {"TrainingImage": XGBOOST, "TrainingInputMode": "File"},
        },
    }


def course(plan: Plan, count: int) -> list[dict[str, str] | None]:
    """Trials in turn; the deeper, the better."""
    search, tried = plan.search(), []
    for number in range(count):
        values = search.propose()
        tried.append(values)
        search.complete(number, -float(values.get("max_depth", 0)) if values else None)
    return tried


@pytest.mark.parametrize("strategy", ["Random", "Bayesian", "Hyperband"])
def test_the_same_seed_tries_the_same(strategy: str) -> None:
    more = {"StrategyConfig": {"HyperbandStrategyConfig": {"MaxResource": 9}}} if strategy == "Hyperband" else {}
    plan = plan_of(request(strategy, **more))

    first = course(plan, 12)

    assert first == course(plan, 12)
    assert len({str(values) for values in first}) > 6
    assert first != course(plan_of(request(strategy, RandomSeed=8, **more)), 12)


def test_what_is_tried_lies_in_its_range() -> None:
    for values in course(plan_of(request()), 40):
        assert values is not None
        assert 2 <= int(values["max_depth"]) <= 9
        assert 0.01 <= float(values["eta"]) <= 0.5
        assert 0.5 <= float(values["subsample"]) <= 0.99
        assert values["booster"] in ("gbtree", "dart")


def test_the_bayesian_search_learns() -> None:
    found = course(plan_of(request("Bayesian")), 40)

    def mean(part: list[Any]) -> float:
        return sum(int(values["max_depth"]) for values in part) / len(part)

    assert mean(found[20:]) > mean(found[:5]) + 1


def test_a_grid_tries_everything_once() -> None:
    plan = plan_of(request("Grid", WORDS, None))

    assert plan.max_jobs == 4
    assert course(plan, 5) == [
        {"a": "1", "b": "x"}, {"a": "1", "b": "y"}, {"a": "2", "b": "x"}, {"a": "2", "b": "y"}, None,
    ]  # fmt: skip


def test_a_training_that_is_behind_the_median_is_stopped() -> None:
    rule = Medians(maximise=False)
    for number, values in enumerate([(9.0, 5.0), (8.0, 4.0), (7.0, 3.0)]):
        assert [rule.report(number, step, value) for step, value in enumerate(values, 1)] == [False, False]
        rule.complete(number)

    found = [rule.report(3, 1, 8.5), rule.report(4, 1, 7.5), rule.report(4, 2, 6.5)]

    assert found == [True, False, True]


def test_hyperband_stops_who_is_behind() -> None:
    plan = plan_of(
        request("Hyperband", StrategyConfig={"HyperbandStrategyConfig": {"MinResource": 1, "MaxResource": 9}})
    )
    search = plan.search()
    stopped = 0
    for number in range(20):
        search.propose()
        for step in range(1, 10):
            if search.report(number, step, 10.0 + number):
                stopped += 1
                break
        search.complete(number, 10.0 + number)

    assert stopped > 5


def test_an_objective_and_the_static_values_go_with_every_trial() -> None:
    training = plan_of(request()).request("t-001", {"eta": "0.1"})

    assert training["HyperParameters"] == {
        "num_round": "5", "eta": "0.1", "_tuning_objective_metric": "validation:rmse",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (request(ranges=RANGES | {"AutoParameters": [{"Name": "a", "ValueHint": "1"}]}), "AutoParameters"),
        (request("Grid"), "CategoricalParameterRanges only"),
        (request("Grid", WORDS, 3), "the grid has 4 combinations"),
        (request("Hyperband"), "Hyperband needs MaxResource"),
        (request("Hyperband", TrainingJobEarlyStoppingType="Auto"), "must be Off for Hyperband"),
        (request(jobs=None), "MaxNumberOfTrainingJobs is required"),
        (
            request(HyperParameterTuningJobObjective={"Type": "Minimize", "MetricName": "validation:beauty"}),
            "validation:beauty is not among the metrics",
        ),
    ],
)
def test_what_cannot_be_tuned_is_refused(asked: dict[str, Any], told: str) -> None:
    with pytest.raises(BadTuning, match=told):
        plan_of(asked)


@pytest.mark.parametrize(
    ("low", "high", "scaling", "told"),
    [
        ("3", "2", "Linear", "MinValue 3 is greater than MaxValue 2"),
        ("x", "2", "Linear", "must be numbers"),
        ("0", "2", "Logarithmic", "needs a MinValue greater than 0"),
        ("0.5", "1", "ReverseLogarithmic", r"needs numbers in \[0, 1\)"),
    ],
)
def test_an_impossible_range_says_why(low: str, high: str, scaling: str, told: str) -> None:
    raw = [{"Name": "eta", "MinValue": low, "MaxValue": high, "ScalingType": scaling}]
    with pytest.raises(BadTuning, match=told):
        ranges_of({"ContinuousParameterRanges": raw}, {})


def test_a_name_is_varied_or_static_but_not_both() -> None:
    with pytest.raises(BadTuning, match="Hyperparameter max_depth is given more than once"):
        ranges_of(RANGES, {"max_depth": "3"})


def test_numbers_are_written_as_the_api_writes_them() -> None:
    assert Numbers("k", 1, 9, True, "Linear").text(4) == "4"
    assert Numbers("eta", 0, 1, False, "Linear").text(0.25) == "0.25"
