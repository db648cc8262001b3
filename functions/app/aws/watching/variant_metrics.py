"""What CloudWatch counted of an endpoint's variants."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.aws.clients import calling, client
from app.decide.deployment.shadows import Traffic

PERIOD_S = 60
WANTED = {
    "asked": ("Invocations", "Sum"),
    "errors": ("Invocation5XXErrors", "Sum"),
    "took": ("ModelLatency", "Sum"),
    "timed": ("ModelLatency", "SampleCount"),
}


def traffic(endpoint: str, config: str, variant: str, begun_at: datetime, until: datetime) -> Traffic:
    """What a variant of a configuration was asked between two times.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html and
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
    """
    where = {"EndpointName": endpoint, "VariantName": variant, "EndpointConfigName": config}
    queries = [_query(name, *metric, where) for name, metric in WANTED.items()]
    pages = client("cloudwatch").get_paginator("get_metric_data")
    since, sums = begun_at.replace(second=0, microsecond=0), dict.fromkeys(WANTED, 0.0)
    with calling():
        for page in pages.paginate(MetricDataQueries=queries, StartTime=since, EndTime=until):
            for found in page["MetricDataResults"]:
                sums[found["Id"]] += sum(found["Values"])
    mean = sums["took"] / sums["timed"] if sums["timed"] else 0.0
    return Traffic(int(sums["asked"]), int(sums["errors"]), mean)


def _query(name: str, metric: str, statistic: str, where: Mapping[str, str]) -> dict[str, Any]:
    dimensions = [{"Name": dimension, "Value": value} for dimension, value in where.items()]
    asked = {"Namespace": "AWS/SageMaker", "MetricName": metric, "Dimensions": dimensions}
    return {"Id": name, "MetricStat": {"Metric": asked, "Period": PERIOD_S, "Stat": statistic}}
