"""Metrics that the local cloud itself puts into CloudWatch.

A datum's time is UTC without a zone, as moto reads the times that callers ask for: one with a zone cannot be compared
with those, and would fail every GetMetricStatistics and GetMetricData from then on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from moto.cloudwatch.models import MetricDatum, cloudwatch_backends

from localcloud.settings import Cloud

Dimensions = Sequence[Mapping[str, str]]  # {"Name": ..., "Value": ...}


def put(cloud: Cloud, namespace: str, values: Mapping[str, float], dimensions: Dimensions) -> None:
    """Measure ``values`` now, one datum for each name."""
    data = cloudwatch_backends[cloud.account_id][cloud.region].metric_data
    at, own = moment(datetime.now(UTC)), [dict(dimension) for dimension in dimensions]
    data += [MetricDatum(namespace, name, value, own, at) for name, value in values.items()]


def moment(at: datetime) -> datetime:
    """A time as moto keeps it."""
    return at.astimezone(UTC).replace(tzinfo=None)
