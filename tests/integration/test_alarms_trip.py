"""Alarms from outside: metrics that are put, answers of endpoints, and who is told."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cloud import CloudServer, eventually
from test_sagemaker_endpoints import config, invoke, script_model, settled

BROKEN = """
def model_fn(folder):
    return None
def transform_fn(model, body, content_type, accept):
    raise RuntimeError('broken on purpose')
"""


def state_of(cloud: CloudServer, name: str) -> str:
    found = cloud.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
    return str(found[0]["StateValue"])


def test_an_alarm_that_trips_tells_its_topic_and_goes_back(cloud_server: CloudServer) -> None:
    cloudwatch, sns, sqs = (cloud_server.client(name) for name in ("cloudwatch", "sns", "sqs"))
    topic = sns.create_topic(Name="pager")["TopicArn"]
    queue = sqs.create_queue(QueueName="paged")["QueueUrl"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint="arn:aws:sqs:us-east-1:123456789012:paged")
    cloudwatch.put_metric_alarm(
        AlarmName="too-many", Namespace="Own", MetricName="Errors", Statistic="Sum", Period=5, EvaluationPeriods=1,
        Threshold=2, ComparisonOperator="GreaterThanThreshold", TreatMissingData="notBreaching", AlarmActions=[topic],
    )  # fmt: skip

    cloudwatch.put_metric_data(
        Namespace="Own", MetricData=[{"MetricName": "Errors", "Value": 3, "Timestamp": datetime.now(UTC)}]
    )
    told = eventually(lambda: sqs.receive_message(QueueUrl=queue).get("Messages"), 20, "a message of the alarm")

    message = json.loads(json.loads(told[0]["Body"])["Message"])
    assert (message["AlarmName"], message["OldStateValue"], message["NewStateValue"]) == ("too-many", "OK", "ALARM")
    eventually(lambda: state_of(cloud_server, "too-many") == "OK", 20, "the alarm to go back")


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({}, {"named-ab", "named-b"}),
        ({"AlarmTypes": ["MetricAlarm", "CompositeAlarm"]}, {"named-ab", "named-b"}),
        ({"AlarmTypes": ["CompositeAlarm"]}, set()),
        ({"StateValue": "ALARM"}, {"named-b"}),
        ({"AlarmNames": ["named-ab", "named-b"], "StateValue": "ALARM"}, {"named-b"}),
        ({"AlarmNamePrefix": "named-a"}, {"named-ab"}),
        ({"AlarmNamePrefix": "named-a", "StateValue": "ALARM"}, set()),
        ({"AlarmNamePrefix": "named-", "ActionPrefix": "arn:aws:sns:us-east-1:123456789012:named"}, {"named-ab"}),
    ],
)
def test_alarms_are_described_by_all_that_is_asked(
    cloud_server: CloudServer, asked: dict[str, Any], names: set[str]
) -> None:
    cloudwatch = cloud_server.client("cloudwatch")
    plain = {
        "Namespace": "Named", "MetricName": "m", "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1,
        "Threshold": 1, "ComparisonOperator": "GreaterThanThreshold",
    }  # fmt: skip
    cloudwatch.put_metric_alarm(
        AlarmName="named-ab", **plain, AlarmActions=["arn:aws:sns:us-east-1:123456789012:named-topic"]
    )
    cloudwatch.put_metric_alarm(AlarmName="named-b", **plain)
    cloudwatch.set_alarm_state(AlarmName="named-b", StateValue="ALARM", StateReason="said")

    found = cloudwatch.describe_alarms(**asked)

    assert {one["AlarmName"] for one in found["MetricAlarms"] if one["AlarmName"].startswith("named-")} == names
    assert found["CompositeAlarms"] == []


@pytest.mark.timeout(900)
def test_errors_of_the_new_configuration_alone_bring_the_old_one_back(cloud_server: CloudServer) -> None:
    sagemaker, cloudwatch = cloud_server.client("sagemaker"), cloud_server.client("cloudwatch")
    config(cloud_server, "guarded-1", script_model(cloud_server, "guarded-old"), instances=2)
    config(cloud_server, "guarded-2", script_model(cloud_server, "guarded-new", BROKEN), instances=2)
    sagemaker.create_endpoint(EndpointName="guarded", EndpointConfigName="guarded-1")
    settled(cloud_server, "guarded")
    names = {"EndpointName": "guarded", "VariantName": "AllTraffic", "EndpointConfigName": "guarded-2"}
    cloudwatch.put_metric_alarm(
        AlarmName="guarded-2-errors", Namespace="AWS/SageMaker", MetricName="Invocation5XXErrors", Statistic="Sum",
        Dimensions=[{"Name": name, "Value": value} for name, value in names.items()], Period=60, EvaluationPeriods=1,
        Threshold=1, ComparisonOperator="GreaterThanOrEqualToThreshold", TreatMissingData="notBreaching",
    )  # fmt: skip
    routing = {"Type": "CANARY", "WaitIntervalInSeconds": 60, "CanarySize": {"Type": "INSTANCE_COUNT", "Value": 1}}
    guard = {"Alarms": [{"AlarmName": "guarded-2-errors"}]}
    deployment = {
        "BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing}, "AutoRollbackConfiguration": guard,
    }  # fmt: skip

    sagemaker.update_endpoint(EndpointName="guarded", EndpointConfigName="guarded-2", DeploymentConfig=deployment)
    eventually(lambda: _fails(cloud_server, "guarded"), 60, "an error of the new configuration")
    described = settled(cloud_server, "guarded")

    assert (described["EndpointStatus"], described["EndpointConfigName"]) == ("InService", "guarded-1")
    assert "guarded-2-errors" in described["FailureReason"]


def _fails(cloud: CloudServer, name: str) -> bool:
    try:
        invoke(cloud, name)
    except ClientError:
        return True
    return False
