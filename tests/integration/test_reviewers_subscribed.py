"""Publishing subscribes the reviewers whom the model file names, each to what names them alone."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto_world import World

from cli.stack import reviewers

ADA, GRACE = "Ada@example.org", "grace@example.org"
LOST = "arn:aws:sqs:us-east-1:123456789012:lost-events"


@pytest.fixture
def target(world: World) -> Any:
    outputs = {"ReviewersTopicArn": world.reviewers, "LostEventsQueueArn": LOST}
    return SimpleNamespace(client=boto3.client, outputs=lambda: outputs)


def attributes(topic: str) -> dict[str, dict[str, str]]:
    """The attributes of each of the topic's subscriptions, by the address."""
    sns = boto3.client("sns")
    arns = {
        one["Endpoint"]: one["SubscriptionArn"]
        for one in sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    }
    return {
        address: sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"] for address, arn in arns.items()
    }


def queues(topic: str) -> dict[str, str | None]:
    """Where what each address does not get goes."""
    found = attributes(topic).items()
    return {address: json.loads(one.get("RedrivePolicy", "{}")).get("deadLetterTargetArn") for address, one in found}


class Sns:
    """SNS that lists one subscription, and answers for its attributes as it is told to."""

    def __init__(self, arn: str, refusal: str = "") -> None:
        self.listed = [{"Endpoint": GRACE, "SubscriptionArn": arn}]
        self.refusal = refusal

    def get_paginator(self, _: str) -> Any:
        return SimpleNamespace(paginate=lambda **_: [{"Subscriptions": self.listed}])

    def get_subscription_attributes(self, SubscriptionArn: str) -> Any:  # noqa: N803
        raise ClientError({"Error": {"Code": self.refusal, "Message": SubscriptionArn}}, "GetSubscriptionAttributes")


def planned(target: Any, sns: Sns) -> list[reviewers.Change]:
    return reviewers.plan(SimpleNamespace(client=lambda _: sns, outputs=target.outputs), [GRACE])


def test_each_is_subscribed_once_and_to_nobody_elses_links(world: World, target: Any) -> None:
    for _ in range(2):
        reviewers.execute(target, reviewers.plan(target, [ADA, GRACE]))

    found = boto3.client("sns").list_subscriptions_by_topic(TopicArn=world.reviewers)["Subscriptions"]
    filters = {address: json.loads(one["FilterPolicy"]) for address, one in attributes(world.reviewers).items()}
    assert filters == {"ada@example.org": {"reviewer": ["ada@example.org"]}, GRACE: {"reviewer": [GRACE]}}
    assert {one["Protocol"] for one in found} == {"email"}


def test_what_does_not_reach_a_reviewer_is_a_dead_letter(world: World, target: Any) -> None:
    reviewers.execute(target, reviewers.plan(target, [GRACE]))

    assert queues(world.reviewers) == {GRACE: LOST}


def test_a_subscription_without_the_stacks_dead_letter_queue_gets_it_and_others_are_left(
    world: World, target: Any
) -> None:
    sns, filtered = boto3.client("sns"), {"FilterPolicy": json.dumps({"reviewer": [GRACE]})}
    sns.subscribe(TopicArn=world.reviewers, Protocol="email", Endpoint=GRACE, Attributes=filtered)
    sns.subscribe(TopicArn=world.reviewers, Protocol="email", Endpoint="other@example.org")

    changes = reviewers.plan(target, [GRACE])
    reviewers.execute(target, changes)

    assert [type(one) for one in changes] == [reviewers.KeepUndelivered]
    assert queues(world.reviewers) == {GRACE: LOST, "other@example.org": None}
    assert attributes(world.reviewers)[GRACE]["FilterPolicy"] == filtered["FilterPolicy"]
    assert reviewers.plan(target, [GRACE]) == []


def test_a_subscription_that_is_not_confirmed_is_left_until_it_is(target: Any) -> None:
    assert planned(target, Sns("PendingConfirmation")) == []


def test_who_may_not_look_at_a_subscription_publishes_all_the_same(target: Any) -> None:
    assert planned(target, Sns("arn:aws:sns:us-east-1:123456789012:reviewers:1", "AuthorizationError")) == []


def test_another_error_of_sns_is_no_refusal(target: Any) -> None:
    with pytest.raises(ClientError, match="InternalError"):
        planned(target, Sns("arn:aws:sns:us-east-1:123456789012:reviewers:1", "InternalError"))


def test_a_model_without_reviewers_asks_nothing_of_the_stack() -> None:
    assert reviewers.plan(SimpleNamespace(), []) == []
