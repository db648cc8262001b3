"""Metrics that the local cloud itself puts into CloudWatch; these and those of others are recorded for the next start.

A datum's time is UTC without a zone, as moto reads the times that callers ask for: one with a zone cannot be compared
with those, and would fail every GetMetricStatistics and GetMetricData from then on.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from moto.cloudwatch.models import CloudWatchBackend

from localcloud import journaling
from localcloud.front import moto_patches
from localcloud.persistence import telemetry
from localcloud.settings import Cloud


def install() -> None:
    """Record metric data from now on."""

    def put_metric_data(self: CloudWatchBackend, namespace: str, metric_data: list[dict[str, Any]]) -> None:
        with journaling.LOCK:
            before = len(self.metric_data)
            original(self, namespace, metric_data)
            telemetry.record_data(self.account_id, self.region_name, self.metric_data[before:])

    original = moto_patches.replace("moto.cloudwatch.models:CloudWatchBackend.put_metric_data", put_metric_data)


def put(cloud: Cloud, namespace: str, values: Mapping[str, float], *of: Mapping[str, str]) -> None:
    """Measure ``values`` now: a datum for each name and each set of dimensions."""
    sets = (tuple(dimensions.items()) for dimensions in of)
    telemetry.put_data(
        cloud.account_id, cloud.region, namespace, moment(datetime.now(UTC)), tuple(values.items()), *sets
    )


def moment(at: datetime) -> datetime:
    """A time as moto keeps it."""
    return at.astimezone(UTC).replace(tzinfo=None)
