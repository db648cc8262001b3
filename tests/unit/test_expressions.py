"""What references, joins and conditions stand for."""

from __future__ import annotations

from typing import Any

import pytest

from localcloud.sagemaker.pipelines.expressions import Scope, Unresolved, holds, resolve, walk

STEPS = {
    "Prep": {"ProcessingOutputConfig": {"Outputs": [{"OutputName": "train", "S3Output": {"S3Uri": "s3://b/t"}}]}},
    "Train": {
        "ModelArtifacts": {"S3ModelArtifacts": "s3://b/m"},
        "FinalMetricDataList": [{"MetricName": "auc", "Value": 1}],
    },
}
FILE = {"metrics": {"roc_auc": 0.8, "list": [1, 2]}, "outcome": "Passed"}
SCOPE = Scope(
    {"P": 3, "Flag": True},
    {"PipelineExecutionId": "abc"},
    STEPS,
    lambda step, name: FILE,
    lambda uri: {"uri": uri},
)


def from_file(path: str) -> dict[str, Any]:
    return {"Std:JsonGet": {"PropertyFile": {"Get": "Steps.Eval.PropertyFiles.E"}, "Path": path}}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"Get": "Parameters.P"}, 3),
        ({"Get": "Execution.PipelineExecutionId"}, "abc"),
        ({"Get": "Steps.Prep.ProcessingOutputConfig.Outputs['train'].S3Output.S3Uri"}, "s3://b/t"),
        ({"Get": "Steps.Train.FinalMetricDataList['auc'].Value"}, 1),
        ({"Get": "Steps.Train.FinalMetricDataList[0].Value"}, 1),
        ({"Std:Join": {"On": "/", "Values": ["a", {"Get": "Parameters.P"}, {"Get": "Parameters.Flag"}]}}, "a/3/true"),
        (from_file("metrics.roc_auc"), 0.8),
        (from_file("metrics.list[1]"), 2),
        (from_file("$.outcome"), "Passed"),
        ({"Std:JsonGet": {"S3Uri": "s3://b/f.json", "Path": "uri"}}, "s3://b/f.json"),
        ({"a": [{"Get": "Parameters.P"}]}, {"a": [3]}),
    ],
)
def test_an_expression_stands_for_its_value(value: Any, expected: Any) -> None:
    assert resolve(value, SCOPE) == expected


@pytest.mark.parametrize(
    "value",
    [
        {"Get": "Parameters.Q"},
        {"Get": "Steps.Nope.X"},
        {"Get": "Steps.Train.Nope"},
        from_file("metrics.nope"),
        from_file("outcome.x"),
    ],
)
def test_an_expression_that_points_at_nothing_says_so(value: Any) -> None:
    with pytest.raises(Unresolved):
        resolve(value, SCOPE)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"Type": "Equals", "LeftValue": from_file("outcome"), "RightValue": "Passed"}, True),
        ({"Type": "GreaterThanOrEqualTo", "LeftValue": from_file("metrics.roc_auc"), "RightValue": 0.8}, True),
        ({"Type": "GreaterThan", "LeftValue": 0.8, "RightValue": "0.8"}, False),
        ({"Type": "LessThan", "LeftValue": 1, "RightValue": {"Get": "Parameters.P"}}, True),
        ({"Type": "LessThanOrEqualTo", "LeftValue": 4, "RightValue": 3}, False),
        ({"Type": "In", "QueryValue": "a", "Values": ["a", "b"]}, True),
        ({"Type": "Not", "Expression": {"Type": "In", "QueryValue": "c", "Values": ["a", "b"]}}, True),
        (
            {
                "Type": "Or",
                "Conditions": [
                    {"Type": "Equals", "LeftValue": 1, "RightValue": 2},
                    {"Type": "Equals", "LeftValue": 1, "RightValue": 1},
                ],
            },
            True,
        ),
    ],
)
def test_a_condition_holds_or_not(condition: dict[str, Any], expected: bool) -> None:
    assert holds(condition, SCOPE) is expected


def test_what_cannot_be_compared_is_no_answer() -> None:
    with pytest.raises(Unresolved, match="cannot compare"):
        holds({"Type": "GreaterThan", "LeftValue": "text", "RightValue": 1}, SCOPE)


def test_a_path_may_be_empty() -> None:
    assert walk({"a": 1}, "") == {"a": 1}
