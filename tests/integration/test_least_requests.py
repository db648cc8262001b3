"""The least of requests, and such as leave out what they need: answered or refused, never the server's failure."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError
from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel
from bounded_requests import environ_of, least
from cloud import CloudServer
from event_calls import name

from localcloud.front import supported

SIGNED = "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/{}/aws4_request, SignedHeaders=host, Signature=0"
PLAYED_OR_NOT = 501
ARN = "arn:aws:{}:us-east-1:123456789012:{}"


def operations(service: str) -> Iterator[OperationModel]:
    asked = supported.SERVICES[service]
    model = ServiceModel(Loader().load_service_model(asked.model, "service-2"))
    for one in model.operation_names:
        operation = model.operation_model(one)
        if not supported.is_refused(asked, one) and operation.input_shape is not None:
            yield operation


def requests(operation: OperationModel) -> Iterator[tuple[str, dict[str, Any]]]:
    """The least request, and it without one of its members each."""
    shape: Any = operation.input_shape
    whole = {member: least(shape.members[member]) for member in shape.required_members}
    yield "required members only", whole
    for left_out in whole:
        if shape.members[left_out].serialization.get("location") != "uri":
            yield f"without {left_out}", {member: value for member, value in whole.items() if member != left_out}


def status(cloud: CloudServer, operation: OperationModel, asked: dict[str, Any]) -> tuple[int, str]:
    environ = environ_of(operation, asked)
    headers = {
        key.removeprefix("HTTP_").replace("_", "-"): value for key, value in environ.items() if key.startswith("HTTP_")
    }
    headers |= {"Content-Type": environ["CONTENT_TYPE"]} if environ["CONTENT_TYPE"] else {}
    headers |= {"Authorization": SIGNED.format(operation.service_model.signing_name)}
    path = environ["RAW_URI"] + (f"?{environ['QUERY_STRING']}" if environ["QUERY_STRING"] else "")
    connection = http.client.HTTPConnection(str(urlsplit(cloud.url).netloc), timeout=120)
    try:
        connection.request(environ["REQUEST_METHOD"], path, environ["wsgi.input"].getvalue(), headers)
        found = connection.getresponse()
        return found.status, found.read().decode("latin-1")
    finally:
        connection.close()


@pytest.mark.parametrize("service", supported.SERVICES)
def test_the_least_of_each_operation_is_no_failure_of_the_servers(cloud_server: CloudServer, service: str) -> None:
    failed = [
        f"{operation.name} {what}: {found} {said[:200]}"
        for operation in operations(service)
        for what, asked in requests(operation)
        for found, said in (status(cloud_server, operation, asked),)
        if found >= 500 and found != PLAYED_OR_NOT
    ]

    assert failed == []


@pytest.fixture
def table(cloud_server: CloudServer) -> str:
    made = name("least")
    cloud_server.client("dynamodb").create_table(
        TableName=made,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return made


def test_an_update_without_an_expression_makes_the_item_and_changes_nothing(
    cloud_server: CloudServer, table: str
) -> None:
    dynamodb, key = cloud_server.client("dynamodb"), {"id": {"S": "a"}}

    made = dynamodb.update_item(TableName=table, Key=key, ReturnValues="ALL_NEW")
    dynamodb.put_item(TableName=table, Item={**key, "n": {"N": "1"}})
    kept = dynamodb.update_item(TableName=table, Key=key, ReturnValues="ALL_NEW")

    assert made["Attributes"] == key
    assert kept["Attributes"] == {**key, "n": {"N": "1"}}


REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("update_item", {"Key": {"id": {"S": "a"}}, "AttributeUpdates": {"n": {}}}),
    ("update_item", {"Key": {"id": {"S": "a"}}, "Expected": {"n": {}}}),
    ("update_item", {"Key": {"id": {"S": "a"}}, "ConditionExpression": "n"}),
    ("put_item", {"Item": {"id": {"S": "a"}}, "Expected": {"n": {"Exists": True}}}),
    ("put_item", {"Item": {"id": {"S": "a"}}, "ConditionExpression": "n ="}),
    ("delete_item", {"Key": {"id": {"S": "a"}}, "ConditionExpression": "("}),
    ("query", {"KeyConditions": {"id": {"ComparisonOperator": "EQ"}}}),
    ("query", {"QueryFilter": {"n": {"ComparisonOperator": "NULL"}}}),
    ("scan", {"ScanFilter": {"n": {"ComparisonOperator": "BETWEEN", "AttributeValueList": [{"N": "1"}]}}}),
    ("scan", {"FilterExpression": "n"}),
]


@pytest.mark.parametrize(("operation", "asked"), REFUSED)
def test_half_a_condition_is_refused(
    cloud_server: CloudServer, table: str, operation: str, asked: dict[str, Any]
) -> None:
    dynamodb = cloud_server.client("dynamodb")

    with pytest.raises(ClientError) as refused:
        getattr(dynamodb, operation)(TableName=table, **asked)

    assert refused.value.response["Error"]["Code"] == "ValidationException"
    assert dynamodb.scan(TableName=table)["Items"] == []


def test_conditions_of_the_older_form_are_taken(cloud_server: CloudServer, table: str) -> None:
    dynamodb, key = cloud_server.client("dynamodb"), {"id": {"S": "a"}}
    equal = {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "a"}]}

    dynamodb.put_item(TableName=table, Item=key, Expected={"id": {"Exists": False}})
    dynamodb.update_item(TableName=table, Key=key, AttributeUpdates={"n": {"Value": {"N": "1"}, "Action": "PUT"}})

    assert dynamodb.query(TableName=table, KeyConditions={"id": equal})["Count"] == 1
    assert dynamodb.scan(TableName=table, ScanFilter={"n": {"ComparisonOperator": "NOT_NULL"}})["Count"] == 1


ABSENT: list[tuple[str, str, dict[str, Any], str]] = [
    ("dynamodb", "describe_export", {"ExportArn": ARN.format("dynamodb", "table/none/export/none")},
     "ExportNotFoundException"),
    ("dynamodb", "describe_import", {"ImportArn": ARN.format("dynamodb", "table/none/import/none")},
     "ImportNotFoundException"),
    ("kms", "list_grants", {"KeyId": "none"}, "NotFoundException"),
    ("kms", "revoke_grant", {"KeyId": "none", "GrantId": "none"}, "NotFoundException"),
    ("budgets", "describe_notifications_for_budget", {"AccountId": "123456789012", "BudgetName": "none"},
     "NotFoundException"),
    ("stepfunctions", "describe_map_run", {"mapRunArn": ARN.format("states", "mapRun:none/none:none")},
     "ResourceNotFound"),
    ("apigateway", "delete_rest_api", {"restApiId": "none"}, "NotFoundException"),
    ("sns", "list_topics", {"NextToken": "none"}, "InvalidParameter"),
    ("ssm", "describe_parameters", {"NextToken": "none"}, "InvalidNextToken"),
    ("iam", "list_roles", {"Marker": "none"}, "ValidationError"),
]  # fmt: skip


@pytest.mark.parametrize(("service", "operation", "asked", "code"), ABSENT, ids=[row[1] for row in ABSENT])
def test_what_is_not_there_is_said_in_the_services_words(
    cloud_server: CloudServer, service: str, operation: str, asked: dict[str, Any], code: str
) -> None:
    with pytest.raises(ClientError) as refused:
        getattr(cloud_server.client(service), operation)(**asked)

    assert refused.value.response["Error"]["Code"] == code


def test_uploads_and_versions_that_are_not_there_are_named(cloud_server: CloudServer) -> None:
    s3, made = cloud_server.client("s3"), name("least").lower()
    s3.create_bucket(Bucket=made)
    s3.put_object(Bucket=made, Key="k", Body=b"1")
    there, upload = {"Bucket": made, "Key": "k"}, {"UploadId": "none"}
    parts = {"Parts": [{"ETag": "a", "PartNumber": 1}]}

    def code(operation: str, **asked: Any) -> str:
        with pytest.raises(ClientError) as refused:
            getattr(s3, operation)(**there, **asked)
        return str(refused.value.response["Error"]["Code"])

    assert code("upload_part", **upload, PartNumber=1, Body=b"1") == "NoSuchUpload"
    assert code("upload_part_copy", **upload, PartNumber=1, CopySource=f"{made}/k") == "NoSuchUpload"
    assert code("complete_multipart_upload", **upload, MultipartUpload=parts) == "NoSuchUpload"
    assert code("get_object_tagging", VersionId="none") == "NoSuchVersion"
    assert code("delete_object_tagging", VersionId="none") == "NoSuchVersion"


def test_a_label_for_a_parameter_that_is_not_there_leaves_the_others_readable(cloud_server: CloudServer) -> None:
    ssm, made = cloud_server.client("ssm"), name("least")
    ssm.put_parameter(Name=made, Value="1", Type="String")

    with pytest.raises(ssm.exceptions.ParameterNotFound):
        ssm.label_parameter_version(Name=f"{made}-none", Labels=["a"])
    with pytest.raises(ssm.exceptions.ParameterNotFound):
        ssm.unlabel_parameter_version(Name=f"{made}-none", ParameterVersion=1, Labels=["a"])

    found = ssm.get_paginator("describe_parameters").paginate().build_full_result()["Parameters"]
    assert made in [one["Name"] for one in found]


def test_exports_are_listed_without_a_table(cloud_server: CloudServer) -> None:
    assert json.dumps(cloud_server.client("dynamodb").list_exports()["ExportSummaries"]) == "[]"
