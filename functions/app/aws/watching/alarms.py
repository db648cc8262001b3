"""CloudWatch's alarms."""

from app.aws.clients import calling, client
from app.decide.operating.alarm_rows import AlarmRow, alarm_rows


def tripped(stack: str) -> tuple[AlarmRow, ...]:
    """The stack's alarms that are in ALARM now, newest first.

    Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
    """
    pages = client("cloudwatch").get_paginator("describe_alarms")
    with calling():
        found = [
            alarm
            for page in pages.paginate(AlarmNamePrefix=f"{stack}-", StateValue="ALARM")
            for alarm in page["MetricAlarms"]
        ]
    return alarm_rows(stack, found)
