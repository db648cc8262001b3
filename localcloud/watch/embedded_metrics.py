"""Log lines in CloudWatch's embedded metric format become metrics.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from moto.cloudwatch.models import cloudwatch_backends

from localcloud.watch.metric_data import moment

MOST_VALUES = 100  # of one metric in one line


def collect(lines: Iterable[str], account_id: str, region: str) -> None:
    """Put the metrics that ``lines`` carry."""
    for line in lines:
        if line.startswith("{") and '"CloudWatchMetrics"' in line:
            for namespace, datum in metrics_of(line):
                own = datum | {"Timestamp": moment(datum["Timestamp"])}
                cloudwatch_backends[account_id][region].put_metric_data(namespace, [own])


def metrics_of(line: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Namespace and datum of every metric, once per set of dimensions; nothing where the line is not of the format."""
    try:
        document = json.loads(line)
        at = datetime.fromtimestamp(document["_aws"]["Timestamp"] / 1000, UTC)
        for directive in document["_aws"]["CloudWatchMetrics"]:
            yield from ((str(directive["Namespace"]), datum) for datum in _data(directive, document, at))
    except (ValueError, KeyError, TypeError):
        return  # CloudWatch keeps such a line as a line


def _data(directive: dict[str, Any], document: dict[str, Any], at: datetime) -> Iterator[dict[str, Any]]:
    for names in directive["Dimensions"] or [[]]:
        dimensions = [{"Name": name, "Value": str(document[name])} for name in names]
        for metric in directive["Metrics"]:
            found = document[metric["Name"]]
            values = [float(value) for value in (found if isinstance(found, list) else [found])[:MOST_VALUES]]
            yield {
                "MetricName": metric["Name"],
                "Dimensions": dimensions,
                "Timestamp": at,
                "Values": values,
                "Unit": metric.get("Unit", "None"),
            }
