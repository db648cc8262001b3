"""Metrics that the local cloud puts by itself can be read as those that a caller puts."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from moto.cloudwatch.models import cloudwatch_backends

from localcloud.settings import Cloud
from localcloud.watch import embedded_metrics, metric_data

ACCOUNT, REGION = "999999999999", "eu-west-3"


def statistics(namespace: str, name: str) -> list[float]:
    """As moto's GetMetricStatistics asks: with times that have no zone."""
    now = datetime.now(UTC).replace(tzinfo=None)
    found = cloudwatch_backends[ACCOUNT][REGION].get_metric_statistics(
        namespace, name, now - timedelta(hours=1), now + timedelta(minutes=1), 60, ["Sum"], []
    )
    return [each.sum for each in found]


def test_what_is_put_is_found_in_the_statistics() -> None:
    cloud = Cloud(Path(), account_id=ACCOUNT, region=REGION)

    metric_data.put(cloud, "AWS/SageMaker", {"Invocations": 2.0}, {"EndpointName": "churn"})

    assert statistics("AWS/SageMaker", "Invocations") == [2.0]


def test_metrics_in_a_log_line_are_found_in_the_statistics() -> None:
    directive = {"Namespace": "Mine", "Dimensions": [[]], "Metrics": [{"Name": "Rows"}]}
    at_ms = int(datetime.now(UTC).timestamp() * 1000)
    line = json.dumps({"Rows": 7, "_aws": {"Timestamp": at_ms, "CloudWatchMetrics": [directive]}})

    embedded_metrics.collect([line], ACCOUNT, REGION)

    assert statistics("Mine", "Rows") == [7.0]


def test_a_moment_is_utc_without_a_zone() -> None:
    at = datetime(2026, 3, 14, 12, 0, tzinfo=timezone(timedelta(hours=2)))

    assert metric_data.moment(at).isoformat() == "2026-03-14T10:00:00"


def test_data_of_one_place_share_its_dimensions() -> None:
    cloud = Cloud(Path(), account_id="888888888888", region=REGION)
    endpoint = {"EndpointName": "churn"}

    for _ in range(2):
        metric_data.put(cloud, "AWS/SageMaker", {"Invocations": 1.0}, endpoint, {**endpoint, "VariantName": "all"})

    data = cloudwatch_backends["888888888888"][REGION].metric_data
    assert [[(one.name, one.value) for one in datum.dimensions] for datum in data] == [
        [("EndpointName", "churn")],
        [("EndpointName", "churn"), ("VariantName", "all")],
    ] * 2
    assert len({id(datum.dimensions) for datum in data}) == 2
