"""Alarms that guard a deployment: when one trips, the update is rolled back to the old configuration. Pure."""

from typing import Any

from app.settings import Settings

LATENCY_LIMIT_US = 1_000_000  # ModelLatency is in microseconds
ERROR_RATE = 0.05
PERIOD_S, PERIODS, BREACHING = 60, 3, 2  # a slow first answer, or one that failed, is not the version's worth
WINDOW_S = PERIOD_S * PERIODS  # what the alarms look at: who watches for less has seen nothing


def alarm_names(config: str) -> list[str]:
    """Names of a configuration's alarms."""
    return [f"{config}-errors", f"{config}-latency"]


def alarms_of(settings: Settings, endpoint: str, config: str) -> tuple[dict[str, Any], ...]:
    """PutMetricAlarm's requests. They watch the new configuration alone: the old fleet's errors cannot stop its end.

    The average of Invocation5XXErrors is the share of the requests that failed: SageMaker sends 1 or 0 for each.
    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-configuration.html and
    https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html
    """
    dimensions = {"EndpointName": endpoint, "VariantName": "AllTraffic", "EndpointConfigName": config}
    common = {
        "Namespace": "AWS/SageMaker",
        "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
        "Period": PERIOD_S,
        "EvaluationPeriods": PERIODS,
        "DatapointsToAlarm": BREACHING,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "notBreaching",
        "AlarmActions": [settings.alarm_topic_arn] if settings.alarm_topic_arn else [],
    }
    errors = {
        "AlarmName": alarm_names(config)[0],
        "AlarmDescription": "The endpoint answers with errors of its own. See docs/runbooks.md#endpoint-errors",
        "MetricName": "Invocation5XXErrors",
        "Statistic": "Average",
        "Threshold": ERROR_RATE,
    }
    latency = {
        "AlarmName": alarm_names(config)[1],
        "AlarmDescription": "The endpoint takes more than a second. See docs/runbooks.md#endpoint-latency",
        "MetricName": "ModelLatency",
        "ExtendedStatistic": "p99",
        "Threshold": LATENCY_LIMIT_US,
    }
    return common | errors, common | latency


def with_rollback_alarms(strategy: dict[str, Any], alarms: tuple[dict[str, Any], ...]) -> dict[str, Any]:
    """Add the automatic rollback to a DeploymentConfig: it happens when one of ``alarms`` trips."""
    names = [{"AlarmName": alarm["AlarmName"]} for alarm in alarms]
    return strategy | {"AutoRollbackConfiguration": {"Alarms": names}}
