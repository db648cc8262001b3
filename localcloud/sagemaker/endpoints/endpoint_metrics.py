"""What CloudWatch counts of an endpoint's answers.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html (Endpoint invocation metrics)
"""

from __future__ import annotations

from datetime import UTC, datetime

from moto.cloudwatch.models import MetricDatum, cloudwatch_backends

from localcloud.settings import Cloud


def count(cloud: Cloud, endpoint: str, config: str, variant: str, status: int, seconds: float) -> None:
    """One answer: by endpoint and variant, and by the configuration that answered as well. Latency in microseconds."""
    values = {
        "Invocations": 1.0,
        "Invocation4XXErrors": float(400 <= status < 500),
        "Invocation5XXErrors": float(status >= 500),
        "ModelLatency": seconds * 1e6,
    }
    now = datetime.now(UTC)
    where = [{"Name": "EndpointName", "Value": endpoint}, {"Name": "VariantName", "Value": variant}]
    data = cloudwatch_backends[cloud.account_id][cloud.region].metric_data
    for dimensions in (where, [*where, {"Name": "EndpointConfigName", "Value": config}]):
        data += [MetricDatum("AWS/SageMaker", name, value, dimensions, now) for name, value in values.items()]
