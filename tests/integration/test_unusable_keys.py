"""A key of KMS that is disabled, pending deletion or not there is refused by whoever is asked to use it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cloud import CloudServer
from event_calls import name

MISSING = "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-000000000000"
KEYS = {"disabled": "is disabled", "deleted": "is pending deletion", "missing": "does not exist"}
CODES = {"disabled": "DisabledException", "deleted": "KMSInvalidStateException", "missing": "NotFoundException"}


def new_key(cloud: CloudServer) -> str:
    return str(cloud.client("kms").create_key()["KeyMetadata"]["Arn"])


def spoil(cloud: CloudServer, arn: str, how: str) -> None:
    kms = cloud.client("kms")
    if how == "disabled":
        kms.disable_key(KeyId=arn)
    if how == "deleted":
        kms.schedule_key_deletion(KeyId=arn)


def key(cloud: CloudServer, how: str) -> str:
    arn = MISSING if how == "missing" else new_key(cloud)
    spoil(cloud, arn, how)
    return arn


def code(call: Callable[..., Any], said: str, **asked: Any) -> str:
    with pytest.raises(ClientError, match=said) as refused:
        call(**asked)
    return str(refused.value.response["Error"]["Code"])


def bucket(cloud: CloudServer) -> str:
    made = name("keys").lower()
    cloud.client("s3").create_bucket(Bucket=made)
    return made


@pytest.mark.parametrize("how", KEYS)
def test_no_object_is_stored_under_it(cloud_server: CloudServer, how: str) -> None:
    s3, arn, made = cloud_server.client("s3"), key(cloud_server, how), bucket(cloud_server)
    under = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": arn}
    plain = {"Bucket": made, "Key": "k", "Body": b"1"}
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": arn}

    stored = code(s3.put_object, KEYS[how], **plain, **under)
    begun = code(s3.create_multipart_upload, KEYS[how], Bucket=made, Key="k", **under)
    s3.put_bucket_encryption(
        Bucket=made,
        ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": default}]},
    )
    by_default = code(s3.put_object, KEYS[how], **plain)
    s3.put_object(**plain, ServerSideEncryption="AES256")

    assert {stored, begun, by_default} == {f"KMS.{CODES[how]}"}
    assert s3.list_objects_v2(Bucket=made)["KeyCount"] == 1


@pytest.mark.parametrize("how", ["disabled", "deleted"])
def test_what_is_stored_under_it_is_not_read(cloud_server: CloudServer, how: str) -> None:
    s3, arn, made = cloud_server.client("s3"), new_key(cloud_server), bucket(cloud_server)
    for named in ("k", "größe/ä b"):
        s3.put_object(Bucket=made, Key=named, Body=b"1", ServerSideEncryption="aws:kms", SSEKMSKeyId=arn)
    s3.put_object(Bucket=made, Key="plain", Body=b"2")
    spoil(cloud_server, arn, how)

    for named in ("k", "größe/ä b"):
        assert code(s3.get_object, KEYS[how], Bucket=made, Key=named) == f"KMS.{CODES[how]}"
    assert s3.get_object(Bucket=made, Key="plain")["Body"].read() == b"2"


@pytest.mark.parametrize("how", KEYS)
def test_queues_and_topics_take_no_message_under_it(cloud_server: CloudServer, how: str) -> None:
    sqs, sns, arn = cloud_server.client("sqs"), cloud_server.client("sns"), key(cloud_server, how)
    url = sqs.create_queue(QueueName=name("queue"), Attributes={"KmsMasterKeyId": arn})["QueueUrl"]
    topic = sns.create_topic(Name=name("topic"), Attributes={"KmsMasterKeyId": arn})["TopicArn"]

    assert code(sqs.send_message, KEYS[how], QueueUrl=url, MessageBody="1") == f"KMS.{CODES[how]}"
    short = CODES[how].removesuffix("Exception").removeprefix("KMS")
    assert code(sns.publish, KEYS[how], TopicArn=topic, Message="1") == f"KMS{short}"


@pytest.mark.parametrize("how", KEYS)
def test_no_log_group_is_made_under_it(cloud_server: CloudServer, how: str) -> None:
    logs, arn, group = cloud_server.client("logs"), key(cloud_server, how), name("group")

    assert code(logs.create_log_group, KEYS[how], logGroupName=group, kmsKeyId=arn) == "InvalidParameterException"
    assert logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"] == []


@pytest.mark.parametrize("how", ["disabled", "deleted"])
def test_kms_itself_does_not_use_it(cloud_server: CloudServer, how: str) -> None:
    kms, arn = cloud_server.client("kms"), new_key(cloud_server)
    blob = kms.encrypt(KeyId=arn, Plaintext=b"1")["CiphertextBlob"]
    spoil(cloud_server, arn, how)

    assert code(kms.encrypt, KEYS[how], KeyId=arn, Plaintext=b"1") == CODES[how]
    assert code(kms.generate_data_key, KEYS[how], KeyId=arn, KeySpec="AES_256") == CODES[how]
    assert code(kms.decrypt, KEYS[how], CiphertextBlob=blob) == CODES[how]


@pytest.mark.parametrize("how", ["disabled", "deleted"])
def test_no_part_is_taken_and_no_copy_is_made_under_it(cloud_server: CloudServer, how: str) -> None:
    s3, arn, made = cloud_server.client("s3"), new_key(cloud_server), bucket(cloud_server)
    under = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": arn}
    s3.put_object(Bucket=made, Key="source", Body=b"1", **under)
    upload = s3.create_multipart_upload(Bucket=made, Key="k", **under)["UploadId"]
    plain = s3.create_multipart_upload(Bucket=made, Key="plain")["UploadId"]
    part: dict[str, Any] = {"Bucket": made, "Key": "k", "UploadId": upload, "PartNumber": 1}
    spoil(cloud_server, arn, how)

    found = {
        code(s3.upload_part, KEYS[how], **part, Body=b"1"),
        code(
            s3.upload_part_copy, KEYS[how], **{**part, "Key": "plain", "UploadId": plain}, CopySource=f"{made}/source"
        ),
        code(s3.copy_object, KEYS[how], Bucket=made, Key="copy", CopySource={"Bucket": made, "Key": "source"}),
    }

    assert found == {f"KMS.{CODES[how]}"}
    assert s3.head_object(Bucket=made, Key="source")["SSEKMSKeyId"] == arn
    assert [one["Key"] for one in s3.list_objects_v2(Bucket=made)["Contents"]] == ["source"]


@pytest.mark.parametrize("how", KEYS)
def test_no_table_is_made_under_it(cloud_server: CloudServer, how: str) -> None:
    dynamodb, arn, made = cloud_server.client("dynamodb"), key(cloud_server, how), name("table")
    asked = {
        "TableName": made,
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
        "SSESpecification": {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": arn},
    }

    assert code(dynamodb.create_table, f"KMS validation error: .*{KEYS[how]}", **asked) == "ValidationException"
    with pytest.raises(dynamodb.exceptions.ResourceNotFoundException):
        dynamodb.describe_table(TableName=made)
