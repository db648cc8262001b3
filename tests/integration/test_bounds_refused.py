"""What AWS's models bound is refused over HTTP in each service's own words, and nothing is changed."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from cloud import CloudServer
from event_calls import name

ROWS: list[tuple[str, str, dict[str, Any], str, str]] = [
    (
        "lambda", "update_function_configuration", {"FunctionName": "any", "Timeout": 901}, "ValidationException",
        "1 validation error detected: Value '901' at 'timeout' failed to satisfy constraint: "
        "Member must have value less than or equal to 900",
    ),
    (
        "dynamodb", "list_tables", {"ExclusiveStartTableName": "a!b"}, "ValidationException",
        "1 validation error detected: Value 'a!b' at 'exclusiveStartTableName' failed to satisfy constraint: "
        "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+",
    ),
    (
        "logs", "create_log_group", {"logGroupName": "a:b"}, "InvalidParameterException",
        "1 validation error detected: Value 'a:b' at 'logGroupName' failed to satisfy constraint: "
        r"Member must satisfy regular expression pattern: [\.\-_/#A-Za-z0-9]+",
    ),
    (
        "iam", "create_role", {"RoleName": "r" * 65, "AssumeRolePolicyDocument": "{}"}, "ValidationError",
        f"1 validation error detected: Value '{'r' * 65}' at 'roleName' failed to satisfy constraint: "
        "Member must have length less than or equal to 64",
    ),
    (
        "cloudwatch", "put_metric_alarm",
        {"AlarmName": "a", "ComparisonOperator": "Above", "EvaluationPeriods": 1}, "ValidationError",
        "Value 'Above' at 'comparisonOperator' failed to satisfy constraint: Member must satisfy enum value set",
    ),
    (
        "scheduler", "get_schedule", {"Name": "a b"}, "ValidationException",
        "1 validation error detected: Value 'a b' at 'name' failed to satisfy constraint",
    ),
    (
        "s3", "put_object", {"Bucket": "any", "Key": "k", "StorageClass": "COLD"}, "InvalidStorageClass",
        "The storage class you specified is not valid",
    ),
    (
        "s3", "create_bucket", {"Bucket": "any-bucket", "CreateBucketConfiguration": {"LocationConstraint": "mars-1"}},
        "InvalidLocationConstraint", "The specified location-constraint is not valid",
    ),
    (
        "s3", "put_bucket_versioning", {"Bucket": "any-bucket", "VersioningConfiguration": {"Status": "On"}},
        "MalformedXML", "did not validate against our published schema",
    ),
    (
        "sagemaker", "stop_training_job", {"TrainingJobName": "a_b"}, "ValidationException",
        "Value 'a_b' at 'trainingJobName' failed to satisfy constraint",
    ),
    (
        "sagemaker-runtime", "invoke_endpoint", {"EndpointName": "e", "Body": b"a" * (6291456 + 1)},
        "ValidationError", "1 validation error detected: Value at 'body' failed to satisfy constraint: "
        "Member must have length less than or equal to",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("service", "operation", "asked", "code", "said"), ROWS, ids=[row[1] for row in ROWS])
def test_a_value_beyond_its_bound_is_refused_by_code_and_words(
    cloud_server: CloudServer, service: str, operation: str, asked: dict[str, Any], code: str, said: str
) -> None:
    with pytest.raises(ClientError) as refused:
        getattr(cloud_server.client(service), operation)(**asked)

    assert refused.value.response["Error"]["Code"] == code
    assert said in refused.value.response["Error"]["Message"]
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_what_is_refused_has_changed_nothing(cloud_server: CloudServer) -> None:
    dynamodb, table = cloud_server.client("dynamodb"), name("table")
    tags = [{"Key": "k", "Value": "v" * 257}]

    with pytest.raises(ClientError, match=r"at 'tags\.1\.member\.value' failed to satisfy constraint"):
        dynamodb.create_table(
            TableName=table,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            Tags=tags,
        )

    with pytest.raises(dynamodb.exceptions.ResourceNotFoundException):
        dynamodb.describe_table(TableName=table)
