"""The same thing asked in another way that AWS knows: by a part of an ARN, with a range in a unit of one's own, with
no tags, in DynamoDB's older form.
"""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cloud import CloudServer
from event_calls import name

ACCOUNT = "123456789012"
TRUST = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}


@pytest.fixture
def function(cloud_server: CloudServer) -> str:
    made, packed = name("asked"), io.BytesIO()
    with zipfile.ZipFile(packed, "w") as package:
        package.writestr("main.py", "def handler(event, context):\n    return context.invoked_function_arn\n")
    trust = json.dumps({"Version": "2012-10-17", "Statement": [TRUST]})
    role = cloud_server.client("iam").create_role(RoleName=made, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    cloud_server.client("lambda").create_function(
        FunctionName=made, Runtime="python3.12", Role=role, Handler="main.handler", Code={"ZipFile": packed.getvalue()}
    )
    return made


WAYS = [
    "{0}", "function:{0}", "123456789012:function:{0}", "123456789012:{0}", "us-east-1:123456789012:function:{0}",
    "arn:aws:lambda:us-east-1:123456789012:function:{0}",
]  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_a_function_is_the_same_however_it_is_named(cloud_server: CloudServer, function: str, way: str) -> None:
    client, asked = cloud_server.client("lambda"), {"FunctionName": way.format(function)}

    client.update_function_configuration(**asked, Description="told")
    client.put_function_concurrency(**asked, ReservedConcurrentExecutions=1)

    assert client.get_function(**asked)["Configuration"]["Description"] == "told"
    assert client.get_function_configuration(**asked)["FunctionName"] == function
    assert client.get_function_concurrency(**asked)["ReservedConcurrentExecutions"] == 1
    assert client.list_aliases(**asked)["Aliases"] == []
    assert [one["Version"] for one in client.list_versions_by_function(**asked)["Versions"]] == ["$LATEST"]
    assert json.load(client.invoke(**asked)["Payload"]).endswith(f":function:{function}")
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_policy(**asked)


@pytest.mark.parametrize("way", WAYS)
def test_a_version_in_a_functions_name_is_that_version(cloud_server: CloudServer, function: str, way: str) -> None:
    client = cloud_server.client("lambda")
    client.publish_version(FunctionName=function)
    asked = {"FunctionName": f"{way.format(function)}:1"}

    assert client.get_function(**asked)["Configuration"]["Version"] == "1"
    assert client.get_function_configuration(**asked)["Version"] == "1"
    assert json.load(client.invoke(**asked)["Payload"]).endswith(f":function:{function}:1")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("version", ["", ":live"])
def test_a_mapping_is_made_and_found_however_its_function_is_named(
    cloud_server: CloudServer, function: str, way: str, version: str
) -> None:
    client, sqs = cloud_server.client("lambda"), cloud_server.client("sqs")
    client.create_alias(FunctionName=function, Name="live", FunctionVersion="$LATEST")
    queue = sqs.create_queue(QueueName=function)["QueueUrl"]
    source = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]

    made = client.create_event_source_mapping(FunctionName=way.format(function) + version, EventSourceArn=source)

    for other in WAYS:
        named = client.list_event_source_mappings(FunctionName=other.format(function) + version)
        assert [one["UUID"] for one in named["EventSourceMappings"]] == [made["UUID"]]


@pytest.mark.parametrize("way", ["999999999999:function:{0}", "arn:aws:lambda:eu-west-1:123456789012:function:{0}"])
def test_a_function_of_another_account_or_region_is_none_of_these(
    cloud_server: CloudServer, function: str, way: str
) -> None:
    with pytest.raises(ClientError) as refused:
        cloud_server.client("lambda").get_function(FunctionName=way.format(function))

    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] < 500


@pytest.fixture
def bucket(cloud_server: CloudServer) -> str:
    made = name("asked")
    s3 = cloud_server.client("s3")
    s3.create_bucket(Bucket=made)
    s3.put_object(Bucket=made, Key="a", Body=b"0123456789", Tagging="b=c")
    return made


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("bytes=2-4", b"234"), ("bytes=-3", b"789"), ("BYTES=0-1", b"01"), ("items=0-1", b"0123456789"),
        ("bytes", b"0123456789"), ("s=1=2", b"0123456789"), ("bytes=a-b", b"0123456789"), ("bytes=5-2", b"0123456789"),
    ],
)  # fmt: skip
def test_a_range_that_is_none_is_the_whole_object(
    cloud_server: CloudServer, bucket: str, asked: str, said: bytes
) -> None:
    assert cloud_server.client("s3").get_object(Bucket=bucket, Key="a", Range=asked)["Body"].read() == said


def test_no_tags_in_place_of_some_are_none(cloud_server: CloudServer, bucket: str) -> None:
    s3 = cloud_server.client("s3")
    before = s3.get_object_tagging(Bucket=bucket, Key="a")["TagSet"]

    s3.put_object_tagging(Bucket=bucket, Key="a", Tagging={"TagSet": []})

    assert before == [{"Key": "b", "Value": "c"}]
    assert s3.get_object_tagging(Bucket=bucket, Key="a")["TagSet"] == []


@pytest.fixture
def table(cloud_server: CloudServer) -> str:
    made, dynamodb = name("asked"), cloud_server.client("dynamodb")
    dynamodb.create_table(
        TableName=made,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    dynamodb.put_item(TableName=made, Item={"id": {"S": "a"}, "n": {"N": "1"}, "l": {"L": [{"S": "x"}]}})
    return made


ONE, TWO, TEXT = {"N": "1"}, {"N": "2"}, {"S": "x"}
# An operator, its values, and whether it holds of a number 1, of a list of "x", and of what is not there.
OPERATORS: list[tuple[str, list[dict[str, str]], tuple[int, int, int]]] = [
    ("EQ", [ONE], (1, 0, 0)),
    ("NE", [ONE], (0, 1, 1)),
    ("LE", [ONE], (1, 0, 0)),
    ("LT", [ONE], (0, 0, 0)),
    ("GE", [ONE], (1, 0, 0)),
    ("GT", [ONE], (0, 0, 0)),
    ("NOT_NULL", [], (1, 1, 0)),
    ("NULL", [], (0, 0, 1)),
    ("CONTAINS", [TEXT], (0, 1, 0)),
    ("NOT_CONTAINS", [TEXT], (1, 0, 1)),
    ("BEGINS_WITH", [TEXT], (0, 0, 0)),
    ("IN", [ONE, TWO], (1, 0, 0)),
    ("BETWEEN", [ONE, TWO], (1, 0, 0)),
]


@pytest.mark.parametrize(("operator", "values", "holds"), OPERATORS)
def test_an_older_condition_holds_of_what_its_expression_holds_of(
    cloud_server: CloudServer, table: str, operator: str, values: list[dict[str, str]], holds: tuple[int, ...]
) -> None:
    dynamodb = cloud_server.client("dynamodb")
    condition: dict[str, Any] = {"ComparisonOperator": operator} | ({"AttributeValueList": values} if values else {})
    key = {"id": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "a"}]}}

    for attribute, expected in zip(("n", "l", "missing"), holds, strict=True):
        asked = {attribute: condition}
        assert dynamodb.query(TableName=table, KeyConditions=key, QueryFilter=asked)["Count"] == expected
        assert dynamodb.scan(TableName=table, ScanFilter=asked)["Count"] == expected
        try:
            dynamodb.update_item(TableName=table, Key={"id": {"S": "a"}}, Expected=asked)
            taken = 1
        except dynamodb.exceptions.ConditionalCheckFailedException:
            taken = 0
        assert taken == expected


def test_older_conditions_are_joined_by_the_operator_that_is_named(cloud_server: CloudServer, table: str) -> None:
    dynamodb = cloud_server.client("dynamodb")
    one_of_two = {
        "n": {"ComparisonOperator": "EQ", "AttributeValueList": [TWO]},
        "l": {"ComparisonOperator": "NOT_NULL"},
    }

    assert dynamodb.scan(TableName=table, ScanFilter=one_of_two)["Count"] == 0
    assert dynamodb.scan(TableName=table, ScanFilter=one_of_two, ConditionalOperator="OR")["Count"] == 1


EQUAL = {"id": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "a"}]}}
OF_ID = {"ExpressionAttributeValues": {":a": {"S": "a"}}}
MIXED: list[tuple[str, dict[str, Any], str, str]] = [
    ("scan", {"ScanFilter": EQUAL, "FilterExpression": "id = :a"}, "ScanFilter", "FilterExpression"),
    ("query", {"QueryFilter": EQUAL, "KeyConditionExpression": "id = :a"}, "QueryFilter", "KeyConditionExpression"),
    ("query", {"KeyConditions": EQUAL, "FilterExpression": "id = :a"}, "KeyConditions", "FilterExpression"),
    ("delete_item", {"Key": {"id": {"S": "a"}}, "Expected": EQUAL, "ConditionExpression": "id = :a"}, "Expected",
     "ConditionExpression"),
]  # fmt: skip


@pytest.mark.parametrize(("operation", "asked", "older", "newer"), MIXED)
def test_older_conditions_beside_expressions_are_refused(
    cloud_server: CloudServer, table: str, operation: str, asked: dict[str, Any], older: str, newer: str
) -> None:
    dynamodb = cloud_server.client("dynamodb")

    with pytest.raises(ClientError) as refused:
        getattr(dynamodb, operation)(TableName=table, **asked, **OF_ID)

    assert refused.value.response["Error"]["Code"] == "ValidationException"
    assert f"{{{older}}} Expression parameters: {{{newer}}}" in refused.value.response["Error"]["Message"]
    assert dynamodb.scan(TableName=table)["Count"] == 1


@pytest.mark.parametrize("filtered", ["l < :one", "l BETWEEN :one AND :one", "size(n) > :one", "size(absent) > :one"])
def test_what_has_no_order_is_neither_more_nor_less(cloud_server: CloudServer, table: str, filtered: str) -> None:
    found = cloud_server.client("dynamodb").scan(
        TableName=table, FilterExpression=filtered, ExpressionAttributeValues={":one": ONE}
    )

    assert found["Count"] == 0


def test_partiql_is_refused_by_name(cloud_server: CloudServer, table: str) -> None:
    with pytest.raises(ClientError) as refused:
        cloud_server.client("dynamodb").execute_statement(Statement=f"SELECT * FROM \"{table}\" WHERE id = 'a'")

    assert refused.value.response["Error"]["Code"] == "NotImplemented"
