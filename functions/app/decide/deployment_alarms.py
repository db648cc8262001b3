"""What guards a deployment: alarms on the new configuration, which bring the old one back. Pure."""

from typing import Any

from app.settings import Settings

LATENCY_LIMIT_US = 1_000_000  # ModelLatency is in microseconds


def alarm_names(config: str) -> list[str]:
    """The alarms of a configuration, by their names."""
    return [f"{config}-errors", f"{config}-latency"]


def alarms_of(settings: Settings, endpoint: str, config: str) -> tuple[dict[str, Any], ...]:
    """Alarms on the new configuration alone: the errors of the old fleet cannot stop its replacement.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-configuration.html
    """
    dimensions = {"EndpointName": endpoint, "VariantName": "AllTraffic", "EndpointConfigName": config}
    common = {
        "Namespace": "AWS/SageMaker",
        "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
        "Period": 60,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "notBreaching",
        "AlarmActions": [settings.alarm_topic_arn] if settings.alarm_topic_arn else [],
    }
    errors = {
        "AlarmName": alarm_names(config)[0],
        "AlarmDescription": "The endpoint answers with errors of its own. See docs/runbooks.md#endpoint-errors",
        "MetricName": "Invocation5XXErrors",
        "Statistic": "Sum",
        "EvaluationPeriods": 1,
        "Threshold": 1,
    }
    latency = {
        "AlarmName": alarm_names(config)[1],
        "AlarmDescription": "The endpoint takes more than a second. See docs/runbooks.md#endpoint-latency",
        "MetricName": "ModelLatency",
        "ExtendedStatistic": "p99",
        "EvaluationPeriods": 5,
        "Threshold": LATENCY_LIMIT_US,
    }
    return common | errors, common | latency


def guarded(strategy: dict[str, Any], alarms: tuple[dict[str, Any], ...]) -> dict[str, Any]:
    """A DeploymentConfig that goes back when one of ``alarms`` trips."""
    return strategy | {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": one["AlarmName"]} for one in alarms]}}
