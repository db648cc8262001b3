"""Requests that AWS takes and nothing here could play: refused by name and without effect, never a server's failure."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cloud import CloudServer
from event_calls import name
from stacks import Stacks

METRIC = {"Namespace": "Mine/ValuesRefused", "MetricName": "Rows"}
NEVER = "cron(0 0 1 1 ? 2199)"


def asked(cloud: CloudServer, *queries: dict[str, Any]) -> list[list[float]]:
    now = datetime.now(UTC)
    answer = cloud.client("cloudwatch").get_metric_data(
        MetricDataQueries=list(queries), StartTime=now - timedelta(hours=1), EndTime=now + timedelta(minutes=1)
    )
    return [found["Values"] for found in answer["MetricDataResults"]]


def query(stat: str) -> dict[str, Any]:
    return {"Id": "rows", "MetricStat": {"Metric": METRIC, "Period": 7200, "Stat": stat}}


@pytest.mark.parametrize(
    ("queries", "said"),
    [
        ([query("p90")], "The statistic p90"),
        ([query("Sum"), {"Id": "twice", "Expression": "rows * 2"}], r"The expression rows \* 2"),
        ([{"Id": "all", "Expression": "SELECT SUM(Rows) FROM Mine", "Period": 60}], "The expression SELECT"),
    ],
)
def test_what_moto_does_not_calculate_of_metrics_is_refused(
    cloud_server: CloudServer, queries: list[dict[str, Any]], said: str
) -> None:
    with pytest.raises(ClientError, match=said) as refused:
        asked(cloud_server, *queries)

    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501


def test_a_sum_is_calculated(cloud_server: CloudServer) -> None:
    cloud_server.client("cloudwatch").put_metric_data(
        Namespace=METRIC["Namespace"], MetricData=[{"MetricName": "Rows", "Value": value} for value in (3, 4)]
    )

    assert asked(cloud_server, query("Sum")) == [[7.0]]


def test_a_tables_stream_is_not_filtered(cloud_server: CloudServer) -> None:
    table = cloud_server.client("dynamodb").create_table(
        TableName=name("table"),
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )["TableDescription"]

    with pytest.raises(ClientError, match="only a queue's messages are filtered"):
        cloud_server.client("lambda").create_event_source_mapping(
            FunctionName="any",
            EventSourceArn=table["LatestStreamArn"],
            FilterCriteria={"Filters": [{"Pattern": "{}"}]},
        )


@pytest.mark.parametrize("has_index", [True, False])
def test_the_size_of_an_item_collection_is_refused_where_there_is_one(
    cloud_server: CloudServer, *, has_index: bool
) -> None:
    dynamodb, table = cloud_server.client("dynamodb"), name("table")
    keys = [{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}]
    local = {
        "IndexName": "by-at",
        "KeySchema": keys,
        "Projection": {"ProjectionType": "ALL"},
    }
    dynamodb.create_table(
        TableName=table,
        KeySchema=keys,
        AttributeDefinitions=[{"AttributeName": one, "AttributeType": "S"} for one in ("id", "at")],
        BillingMode="PAY_PER_REQUEST",
        **({"LocalSecondaryIndexes": [local]} if has_index else {}),
    )
    key = {"id": {"S": "a"}, "at": {"S": "b"}}
    item, sized = {"TableName": table, "Item": key}, {"ReturnItemCollectionMetrics": "SIZE"}
    change = {"UpdateExpression": "SET n = :n", "ExpressionAttributeValues": {":n": {"N": "1"}}}
    writes: list[tuple[str, dict[str, Any]]] = [
        ("put_item", item),
        ("update_item", {"TableName": table, "Key": key, **change}),
        ("batch_write_item", {"RequestItems": {table: [{"PutRequest": {"Item": key}}]}}),
        ("transact_write_items", {"TransactItems": [{"Put": item}]}),
        ("delete_item", {"TableName": table, "Key": key}),
    ]

    statuses = [status_of(getattr(dynamodb, operation), **asked, **sized) for operation, asked in writes]

    assert statuses == [501 if has_index else 200] * len(writes)
    assert dynamodb.scan(TableName=table)["Items"] == []


def status_of(act: Any, **asked: Any) -> int:
    try:
        answer = act(**asked)
    except ClientError as error:
        answer = error.response
    return int(answer["ResponseMetadata"]["HTTPStatusCode"])


def test_a_template_makes_schedules_and_takes_them_away(cloud_server: CloudServer) -> None:
    stacks, scheduler = Stacks(cloud_server), cloud_server.client("scheduler")
    properties: dict[str, Any] = {
        "ScheduleExpression": NEVER,
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": {
            "Arn": {"Fn::GetAtt": ["Queue", "Arn"]},
            "RoleArn": "arn:aws:iam::123456789012:role/any",
            "RetryPolicy": {"MaximumRetryAttempts": "3"},
        },
    }
    template = {
        "Resources": {
            "Queue": {"Type": "AWS::SQS::Queue"},
            "Nightly": {"Type": "AWS::Scheduler::Schedule", "Properties": properties},
        },
        "Outputs": {"Name": {"Value": {"Ref": "Nightly"}}},
    }
    stack = stacks.deploy(template)
    made = stacks.outputs(stack)["Name"]
    first = scheduler.get_schedule(Name=made)
    properties["State"] = "DISABLED"
    stacks.deploy(json.loads(json.dumps(template)), stack)
    second = scheduler.get_schedule(Name=made)
    stacks.api.delete_stack(StackName=stack)
    stacks.rest(stack)

    assert (first["ScheduleExpression"], first["State"], second["State"]) == (NEVER, "ENABLED", "DISABLED")
    assert first["Target"]["RetryPolicy"]["MaximumRetryAttempts"] == 3
    with pytest.raises(scheduler.exceptions.ResourceNotFoundException):
        scheduler.get_schedule(Name=made)
