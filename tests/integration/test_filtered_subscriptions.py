"""Subscriptions get what their filter policies let through, and none is left whose policy is refused."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cloud import CloudServer


@pytest.fixture
def sns(cloud_server: CloudServer) -> Any:
    return cloud_server.client("sns")


@pytest.fixture
def topic(sns: Any) -> str:
    return str(sns.create_topic(Name=f"filtered-{uuid.uuid4().hex[:8]}")["TopicArn"])


@pytest.fixture
def queue(cloud_server: CloudServer) -> tuple[Any, str, str]:
    """The client, URL and ARN of a queue."""
    sqs = cloud_server.client("sqs")
    url = sqs.create_queue(QueueName=f"filtered-{uuid.uuid4().hex[:8]}")["QueueUrl"]
    return sqs, url, sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


def subscribe(sns: Any, topic: str, arn: str, policy: Any, **more: str) -> str:
    attributes = {"RawMessageDelivery": "true", "FilterPolicy": json.dumps(policy), **more}
    return str(
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes=attributes, ReturnSubscriptionArn=True)[
            "SubscriptionArn"
        ]
    )


def publish(sns: Any, topic: str, kind: str) -> None:
    """A message whose body and attribute both say what kind it is."""
    sns.publish(
        TopicArn=topic,
        Message=json.dumps({"kind": {"is": kind}}),
        MessageAttributes={"kind": {"DataType": "String", "StringValue": kind}},
    )


def received(queue: tuple[Any, str, str], last: str) -> list[str]:
    """The kinds that arrived, until one has."""
    sqs, url, _ = queue
    kinds: list[str] = []
    while last not in kinds:
        messages = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5, MaxNumberOfMessages=10).get("Messages", [])
        assert messages, f"only {kinds} arrived"
        kinds += [json.loads(one["Body"])["kind"]["is"] for one in messages]
        for one in messages:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])
    return kinds


def test_operators_that_compare_without_case_or_from_the_end_are_played(
    sns: Any, topic: str, queue: tuple[Any, str, str]
) -> None:
    subscribe(sns, topic, queue[2], {"kind": [{"equals-ignore-case": "Approval"}, {"anything-but": {"suffix": "al"}}]})
    for kind in ("refusal", "APPROVAL", "ended"):
        publish(sns, topic, kind)

    assert received(queue, "ended") == ["APPROVAL", "ended"]


def test_a_scope_that_is_changed_later_counts(sns: Any, topic: str, queue: tuple[Any, str, str]) -> None:
    arn = subscribe(sns, topic, queue[2], {"kind": {"is": ["ended"]}}, FilterPolicyScope="MessageBody")
    publish(sns, topic, "approval")
    publish(sns, topic, "ended")
    assert received(queue, "ended") == ["ended"]

    with pytest.raises(ClientError, match="does not support nested filter policy"):
        sns.set_subscription_attributes(
            SubscriptionArn=arn, AttributeName="FilterPolicyScope", AttributeValue="MessageAttributes"
        )
    flat = json.dumps({"kind": ["ended"]})
    sns.set_subscription_attributes(SubscriptionArn=arn, AttributeName="FilterPolicy", AttributeValue=flat)
    sns.set_subscription_attributes(
        SubscriptionArn=arn, AttributeName="FilterPolicyScope", AttributeValue="MessageAttributes"
    )
    publish(sns, topic, "ended")
    assert received(queue, "ended") == ["ended"]


@pytest.mark.parametrize("policy", ["{", "null", '{"kind": [{"like": "x"}]}', '{"kind": {"is": ["x"]}}'])
def test_a_refused_policy_leaves_no_subscription(
    sns: Any, topic: str, queue: tuple[Any, str, str], policy: str
) -> None:
    with pytest.raises(ClientError, match="Invalid parameter: Attributes Reason: ") as refused:
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue[2], Attributes={"FilterPolicy": policy})

    assert refused.value.response["Error"]["Code"] == "InvalidParameter"
    assert sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"] == []
