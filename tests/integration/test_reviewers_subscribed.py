"""Publishing subscribes the reviewers whom the model file names, each to what names them alone."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from moto_world import World

from cli.stack import reviewers

ADA, GRACE = "Ada@example.org", "grace@example.org"


@pytest.fixture
def target(world: World) -> Any:
    return SimpleNamespace(client=boto3.client, outputs=lambda: {"ReviewersTopicArn": world.reviewers})


def test_each_is_subscribed_once_and_to_nobody_elses_links(world: World, target: Any) -> None:
    for _ in range(2):
        reviewers.execute(target, reviewers.plan(target, [ADA, GRACE]))

    sns = boto3.client("sns")
    found = sns.list_subscriptions_by_topic(TopicArn=world.reviewers)["Subscriptions"]
    filters = {
        one["Endpoint"]: json.loads(
            sns.get_subscription_attributes(SubscriptionArn=one["SubscriptionArn"])["Attributes"]["FilterPolicy"]
        )
        for one in found
    }
    assert filters == {"ada@example.org": {"reviewer": ["ada@example.org"]}, GRACE: {"reviewer": [GRACE]}}
    assert {one["Protocol"] for one in found} == {"email"}


def test_a_model_without_reviewers_asks_nothing_of_the_stack() -> None:
    assert reviewers.plan(SimpleNamespace(), []) == []
