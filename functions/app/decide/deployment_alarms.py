"""Alarms that guard a deployment: when one trips, the update is rolled back to the old configuration. Pure."""

from typing import Any

from app.settings import Settings

LATENCY_LIMIT_US = 1_000_000  # ModelLatency is in microseconds


def alarm_names(config: str) -> list[str]:
    """Names of a configuration's alarms."""
    return [f"{config}-errors", f"{config}-latency"]


def alarms_of(settings: Settings, endpoint: str, config: str) -> tuple[dict[str, Any], ...]:
    """PutMetricAlarm's requests. They watch the new configuration alone: the old fleet's errors cannot stop its end.

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


def with_rollback_alarms(strategy: dict[str, Any], alarms: tuple[dict[str, Any], ...]) -> dict[str, Any]:
    """Add the automatic rollback to a DeploymentConfig: it happens when one of ``alarms`` trips."""
    names = [{"AlarmName": alarm["AlarmName"]} for alarm in alarms]
    return strategy | {"AutoRollbackConfiguration": {"Alarms": names}}
