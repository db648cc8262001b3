"""A bucket's notifications to what is not there are refused when they are configured."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from cloud import CloudServer
from event_calls import name

HERE = "us-east-1:123456789012"
MISSING: dict[str, dict[str, Any]] = {
    "queue": {"QueueConfigurations": [{"QueueArn": f"arn:aws:sqs:{HERE}:nosuch", "Events": ["s3:ObjectCreated:*"]}]},
    "topic": {"TopicConfigurations": [{"TopicArn": f"arn:aws:sns:{HERE}:nosuch", "Events": ["s3:ObjectCreated:*"]}]},
    "function": {
        "LambdaFunctionConfigurations": [
            {"LambdaFunctionArn": f"arn:aws:lambda:{HERE}:function:nosuch", "Events": ["s3:ObjectCreated:*"]}
        ]
    },
}


@pytest.fixture
def bucket(cloud_server: CloudServer) -> str:
    made = name("told").lower()
    cloud_server.client("s3").create_bucket(Bucket=made)
    return made


@pytest.mark.parametrize("kind", MISSING)
def test_a_destination_that_is_not_there_is_refused(cloud_server: CloudServer, bucket: str, kind: str) -> None:
    s3 = cloud_server.client("s3")

    with pytest.raises(ClientError, match="Unable to validate the following destination configurations") as refused:
        s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=MISSING[kind])

    assert refused.value.response["Error"]["Code"] == "InvalidArgument"
    assert set(s3.get_bucket_notification_configuration(Bucket=bucket)) == {"ResponseMetadata"}


@pytest.mark.parametrize("kind", ["queue", "topic"])
def test_a_destination_is_taken_unseen_where_the_caller_says_so(
    cloud_server: CloudServer, bucket: str, kind: str
) -> None:
    s3 = cloud_server.client("s3")

    s3.put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration=MISSING[kind], SkipDestinationValidation=True
    )

    (member,) = MISSING[kind]
    assert member in s3.get_bucket_notification_configuration(Bucket=bucket)


def test_a_queue_that_is_there_hears_of_objects(cloud_server: CloudServer, bucket: str) -> None:
    s3, sqs = cloud_server.client("s3"), cloud_server.client("sqs")
    queue = name("queue")
    url = sqs.create_queue(QueueName=queue)["QueueUrl"]
    told = [{"QueueArn": f"arn:aws:sqs:{HERE}:{queue}", "Events": ["s3:ObjectCreated:*"]}]

    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={"QueueConfigurations": told})
    s3.put_object(Bucket=bucket, Key="k", Body=b"1")

    heard = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20, MaxNumberOfMessages=10)["Messages"]
    assert any("ObjectCreated" in message["Body"] or "TestEvent" in message["Body"] for message in heard)
