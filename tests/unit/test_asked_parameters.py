"""The gate's limits of a run beside the model file's: what lets worse versions pass is told."""

from typing import Any

import pytest
from app.decide.asked_parameters import LoosenedLimits, loosened_limits
from app.decide.notifications import approval_notice

from pipelines.publishing.askable import announced

ACCURACY: dict[str, Any] = {"metric": "accuracy", "at_least": 0.75, "parameter": "AccuracyThreshold"}
RMSE: dict[str, Any] = {"metric": "rmse", "at_most": 70_000, "parameter": "RmseThreshold"}
FIXED: dict[str, Any] = {"metric": "roc_auc", "not_worse_than_champion": {"tolerance": 0.03}}
FOR_RUN = "accuracy at least 0.5 for this run; the model file says 0.75"
PUBLISHED = "accuracy at least 0.6 as it is published; the model file says 0.75"


@pytest.mark.parametrize(
    ("limit", "published", "asked", "told", "by_run"),
    [
        (ACCURACY, {}, {}, (), False),
        (ACCURACY, {}, {"AccuracyThreshold": "0.9"}, (), False),
        (ACCURACY, {}, {"AccuracyThreshold": "0.5"}, (FOR_RUN,), True),
        (ACCURACY, {"AccuracyThreshold": "0.6"}, {}, (PUBLISHED,), False),
        (ACCURACY, {"AccuracyThreshold": "0.9"}, {"AccuracyThreshold": "0.8"}, (), True),
        (RMSE, {}, {"RmseThreshold": "60000"}, (), False),
        (RMSE, {}, {"RmseThreshold": "1e9"}, ("rmse at most 1e+09 for this run; the model file says 70000",), True),
        (FIXED, {}, {"AccuracyThreshold": "0"}, (), False),
    ],
)  # fmt: skip
def test_a_limit_that_lets_worse_versions_pass_is_told(
    limit: dict[str, Any], published: dict[str, str], asked: dict[str, str], told: tuple[str, ...], by_run: bool
) -> None:
    assert loosened_limits((limit,), published, asked) == LoosenedLimits(told, by_run)


def test_a_looser_limit_is_in_the_mail() -> None:
    mail = approval_notice("churn", "churn-1-a", 4, "arn", {"metrics": {}}, 60, loosened=[FOR_RUN]).text

    assert f"Its gate was looser than the model file's:\n  {FOR_RUN}\n" in mail


def test_the_list_names_no_parameter_of_the_runs_own_and_the_instance_types_of_the_model_file() -> None:
    parameters = [
        {"Name": "InputData", "Type": "String"},
        {"Name": "ChampionImage", "Type": "String", "DefaultValue": "image"},
        {"Name": "max_depth", "Type": "Integer", "DefaultValue": 4},
        {"Name": "TrainingInstanceType", "Type": "String"},
    ]
    instances = {"training": "ml.m5.xlarge", "fallback": ["ml.c5.xlarge"], "large_data": {"training": "ml.m5.4xlarge"}}

    assert announced(parameters, {"instances": instances}, {"TrainingInstanceType": "ml.r5.xlarge"}) == [
        {"Name": "max_depth", "Type": "Integer"},
        {
            "Name": "TrainingInstanceType",
            "Type": "String",
            "EnumValues": ["ml.c5.xlarge", "ml.m5.4xlarge", "ml.m5.xlarge", "ml.r5.xlarge"],
        },
    ]
