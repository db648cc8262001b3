"""What CloudWatch counts of an endpoint's answers.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html (Endpoint invocation metrics)
"""

from __future__ import annotations

from localcloud.settings import Cloud
from localcloud.watch import metric_data


def count(cloud: Cloud, endpoint: str, config: str, variant: str, status: int, seconds: float) -> None:
    """One answer: by endpoint and variant, and by the configuration that answered as well. Latency in microseconds."""
    values = {
        "Invocations": 1.0,
        "Invocation4XXErrors": float(400 <= status < 500),
        "Invocation5XXErrors": float(status >= 500),
        "ModelLatency": seconds * 1e6,
    }
    where = {"EndpointName": endpoint, "VariantName": variant}
    metric_data.put(cloud, "AWS/SageMaker", values, where, {**where, "EndpointConfigName": config})
