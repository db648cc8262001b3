"""SNS takes no subject with line breaks, and no message beyond its size: what goes wrong on AWS goes wrong here."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cloud import CloudServer

REFUSED: dict[str, dict[str, Any]] = {
    "a line break": {"Subject": "one\ntwo"},
    "a carriage return": {"Subject": "one\rtwo"},
    "a tab": {"Subject": "one\ttwo"},
    "an escape": {"Subject": "\x1b[31mred"},
    "a line separator": {"Subject": "one\u2028two"},
    "a hundred characters": {"Subject": "a" * 100},
    "no character": {"Subject": ""},
    "more bytes than SNS carries": {"Message": "é" * 131_073},
    "no default": {"Message": '{"sqs": "m"}', "MessageStructure": "json"},
    "a default that is no text": {"Message": '{"default": 1}', "MessageStructure": "json"},
    "a list": {"Message": "[]", "MessageStructure": "json"},
    "no JSON": {"Message": "m", "MessageStructure": "json"},
}
TAKEN = {"letters of any script": "Prüfung 検査", "ninety-nine characters": "é" * 99}


@pytest.fixture
def sns(cloud_server: CloudServer) -> Any:
    return cloud_server.client("sns")


@pytest.fixture
def topic(sns: Any) -> str:
    return str(sns.create_topic(Name=f"topic-{uuid.uuid4().hex[:8]}")["TopicArn"])


@pytest.mark.parametrize("what", REFUSED)
def test_a_publication_that_aws_refuses_is_refused(sns: Any, topic: str, what: str) -> None:
    with pytest.raises(
        ClientError, match=r"InvalidParameter\b.*Invalid parameter: (Subject|Message too long|Message Structure)"
    ):
        sns.publish(TopicArn=topic, **{"Message": "hello"} | REFUSED[what])


def test_one_of_a_batch_is_refused_alone(sns: Any, topic: str) -> None:
    entries = [{"Id": "good", "Message": "m"}, {"Id": "bad", "Message": "m", "Subject": "one\ntwo"}]
    entries.append({"Id": "worse", "Message": "{}", "MessageStructure": "json"})

    answer = sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=entries)

    assert [one["Id"] for one in answer["Successful"]] == ["good"]
    assert [(one["Id"], one["Code"], one["SenderFault"]) for one in answer["Failed"]] == [
        ("bad", "InvalidParameter", True),
        ("worse", "InvalidParameter", True),
    ]


def test_a_message_for_each_protocol_is_taken(sns: Any, topic: str) -> None:
    message = '{"default": "m", "sqs": 1}'

    assert sns.publish(TopicArn=topic, Message=message, MessageStructure="json")["MessageId"]


@pytest.mark.parametrize("what", TAKEN)
def test_a_subject_that_aws_takes_is_taken(sns: Any, topic: str, what: str) -> None:
    assert sns.publish(TopicArn=topic, Message="hello", Subject=TAKEN[what])["MessageId"]
