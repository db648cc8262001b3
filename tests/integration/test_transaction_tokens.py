"""DynamoDB as clients have it by default, who ask again where an answer's checksum differs: nothing happens twice."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from cloud import CloudServer

TABLE = "tokens"


@pytest.fixture(scope="module")
def dynamodb(cloud_server: CloudServer) -> Any:
    """A client without any configuration, and a table."""
    client = boto3.client(
        "dynamodb", endpoint_url=cloud_server.url, region_name="us-east-1",
        aws_access_key_id="local", aws_secret_access_key="local",
    )  # fmt: skip
    client.create_table(
        TableName=TABLE, BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )  # fmt: skip
    return client


def add(name: str, **more: Any) -> dict[str, Any]:
    change = {"UpdateExpression": "ADD n :one", "ExpressionAttributeValues": {":one": {"N": "1"}}}
    return {"Update": {"TableName": TABLE, "Key": {"id": {"S": name}}, **change, **more}}


def count(dynamodb: Any, name: str) -> str:
    return str(dynamodb.get_item(TableName=TABLE, Key={"id": {"S": name}})["Item"]["n"]["N"])


def test_what_is_asked_once_happens_once(dynamodb: Any) -> None:
    asked = []
    dynamodb.meta.events.register("request-created.dynamodb", lambda request, **_: asked.append(request))

    dynamodb.transact_write_items(TransactItems=[add("once")])
    dynamodb.describe_table(TableName=TABLE)
    dynamodb.batch_get_item(RequestItems={TABLE: {"Keys": [{"id": {"S": "once"}}]}})

    assert len(asked) == 3
    assert count(dynamodb, "once") == "1"


def test_a_token_has_its_effect_once_and_is_for_one_request(dynamodb: Any) -> None:
    for _ in range(2):
        dynamodb.transact_write_items(TransactItems=[add("token")], ClientRequestToken="a")

    with pytest.raises(dynamodb.exceptions.IdempotentParameterMismatchException):
        dynamodb.transact_write_items(TransactItems=[add("else")], ClientRequestToken="a")
    assert count(dynamodb, "token") == "1"


def test_a_transaction_that_failed_is_tried_again_with_its_token(dynamodb: Any) -> None:
    there = add("late", ConditionExpression="attribute_exists(id)")
    with pytest.raises(dynamodb.exceptions.TransactionCanceledException):
        dynamodb.transact_write_items(TransactItems=[there], ClientRequestToken="again")
    dynamodb.put_item(TableName=TABLE, Item={"id": {"S": "late"}, "n": {"N": "0"}})

    dynamodb.transact_write_items(TransactItems=[there], ClientRequestToken="again")

    assert count(dynamodb, "late") == "1"
