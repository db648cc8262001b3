"""Metrics that the local cloud itself puts into CloudWatch; these and those of others are recorded for the next start.

A datum's time is UTC without a zone, as moto reads the times that callers ask for: one with a zone cannot be compared
with those, and would fail every GetMetricStatistics and GetMetricData from then on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from moto.cloudwatch.models import CloudWatchBackend

from localcloud import journaling
from localcloud.front import moto_patches
from localcloud.persistence import telemetry
from localcloud.settings import Cloud

BACKEND = "moto.cloudwatch.models:CloudWatchBackend"
STATISTICS = ("Sum", "Average", "Minimum", "Maximum", "SampleCount")
_ID = re.compile(r"[a-z]\w*", re.ASCII)


def install() -> None:
    """Record metric data from now on."""

    def put_metric_data(self: CloudWatchBackend, namespace: str, metric_data: list[dict[str, Any]]) -> None:
        with journaling.LOCK:
            before = len(self.metric_data)
            original(self, namespace, metric_data)
            telemetry.record_data(self.account_id, self.region_name, self.metric_data[before:])

    def get_metric_data(
        self: CloudWatchBackend,
        queries: list[dict[str, Any]],
        start_time: datetime,
        end_time: datetime,
        scan_by: str = "TimestampAscending",
    ) -> list[dict[str, Any]]:
        for query in queries:
            _check(query)
        found: list[dict[str, Any]] = original_get(self, queries, start_time, end_time, scan_by)
        return found

    original = moto_patches.replace(f"{BACKEND}.put_metric_data", put_metric_data)
    original_get = moto_patches.replace(f"{BACKEND}.get_metric_data", get_metric_data)


def _check(query: Mapping[str, Any]) -> None:
    """Refuse what moto does not calculate: it fails for percentiles, and answers expressions with nothing.

    Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataQuery.html
    """
    expression, stat = query.get("Expression"), (query.get("MetricStat") or {}).get("Stat", "Sum")
    if expression and not _ID.fullmatch(expression):
        raise NotImplementedError(f"The expression {expression} is not calculated here; ask for its metrics")
    if stat not in STATISTICS:
        raise NotImplementedError(f"The statistic {stat} is not calculated here, only {', '.join(STATISTICS)}")


def put(cloud: Cloud, namespace: str, values: Mapping[str, float], *of: Mapping[str, str]) -> None:
    """Measure ``values`` now: a datum for each name and each set of dimensions."""
    sets = (tuple(dimensions.items()) for dimensions in of)
    telemetry.put_data(
        cloud.account_id, cloud.region, namespace, moment(datetime.now(UTC)), tuple(values.items()), *sets
    )


def moment(at: datetime) -> datetime:
    """A time as moto keeps it."""
    return at.astimezone(UTC).replace(tzinfo=None)
