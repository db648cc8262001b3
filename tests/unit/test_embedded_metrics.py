"""Log lines in CloudWatch's embedded metric format, by value."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from localcloud.watch.embedded_metrics import metrics_of

DIRECTIVE = {
    "Namespace": "App",
    "Dimensions": [["Stack"], ["Stack", "Model"]],
    "Metrics": [{"Name": "Runs", "Unit": "Count"}],
}
LINE: dict[str, Any] = {
    "_aws": {"Timestamp": 1_000, "CloudWatchMetrics": [DIRECTIVE]},
    "Stack": "one",
    "Model": "churn",
    "Runs": 2,
}


def test_every_set_of_dimensions_is_a_datum_of_its_own() -> None:
    common = {"MetricName": "Runs", "Timestamp": datetime.fromtimestamp(1, UTC), "Values": [2.0], "Unit": "Count"}
    stack, model = {"Name": "Stack", "Value": "one"}, {"Name": "Model", "Value": "churn"}

    assert list(metrics_of(json.dumps(LINE))) == [
        ("App", common | {"Dimensions": [stack]}),
        ("App", common | {"Dimensions": [stack, model]}),
    ]


def test_several_values_of_one_metric_are_all_counted() -> None:
    found = list(metrics_of(json.dumps(LINE | {"Runs": [1, 2, 3]})))

    assert found[0][1]["Values"] == [1.0, 2.0, 3.0]


@pytest.mark.parametrize(
    "line",
    [
        '{"CloudWatchMetrics": not json',
        json.dumps({"CloudWatchMetrics": []}),
        json.dumps({name: value for name, value in LINE.items() if name != "Stack"}),
        json.dumps({name: value for name, value in LINE.items() if name != "Runs"}),
        json.dumps(LINE | {"_aws": {"Timestamp": "soon", "CloudWatchMetrics": [DIRECTIVE]}}),
    ],
)
def test_a_line_that_is_not_of_the_format_stays_a_line(line: str) -> None:
    assert list(metrics_of(line)) == []
