"""The reviewers whom model files name: each is subscribed to what they alone are asked."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from cli.stack.target import Target

REFUSED = ("AuthorizationError", "AuthorizationErrorException", "AccessDenied")


@dataclass(frozen=True)
class Subscribe:
    """An address is asked whether it takes the requests for its own yes; it hears nothing until it confirms."""

    topic_arn: str
    address: str
    dead_letters_arn: str
    heading = "subscribe reviewer"

    @property
    def subject(self) -> str:
        """Its address."""
        return self.address


@dataclass(frozen=True)
class KeepUndelivered:
    """What SNS cannot deliver to an address becomes a letter in the stack's dead letter queue."""

    subscription_arn: str
    address: str
    dead_letters_arn: str
    heading = "keep what does not reach reviewer"

    @property
    def subject(self) -> str:
        """Its address."""
        return self.address


Change = Subscribe | KeepUndelivered


def plan(target: Target, addresses: Iterable[str]) -> list[Change]:
    """Subscribe those of ``addresses`` that are neither subscribed nor asked, and give those that are a dead letter
    queue where they lack the stack's. A subscription that is not confirmed has no ARN: it is found once it has.
    """
    wanted = dict.fromkeys(address.lower() for address in addresses)
    if not wanted:
        return []
    outputs, sns = target.outputs(), target.client("sns")
    topic, queue = outputs["ReviewersTopicArn"], outputs["LostEventsQueueArn"]
    pages = sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic)
    there = [one for page in pages for one in page["Subscriptions"] if one["Endpoint"].lower() in wanted]
    asked = {one["Endpoint"].lower() for one in there}
    return [Subscribe(topic, address, queue) for address in wanted if address not in asked] + [
        KeepUndelivered(one["SubscriptionArn"], one["Endpoint"].lower(), queue)
        for one in there
        if one["SubscriptionArn"].startswith("arn:") and _lacks(sns, one["SubscriptionArn"], queue)
    ]


def _lacks(sns: Any, subscription_arn: str, queue_arn: str) -> bool:
    """Whether its dead letter queue is not the stack's; no where the caller may not look."""
    try:
        found = sns.get_subscription_attributes(SubscriptionArn=subscription_arn)["Attributes"]
    except ClientError as error:
        if error.response["Error"]["Code"] in REFUSED:
            return False
        raise
    policy = json.loads(found.get("RedrivePolicy") or "{}")
    return bool(policy.get("deadLetterTargetArn") != queue_arn)


def execute(target: Target, changes: Iterable[Change]) -> None:
    """Subscribe each to what names it as ``reviewer``, and to nothing else; what does not reach it is kept.

    Source: https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html and
    https://docs.aws.amazon.com/sns/latest/dg/sns-configure-dead-letter-queue.html
    """
    sns = target.client("sns")
    for change in changes:
        redrive = json.dumps({"deadLetterTargetArn": change.dead_letters_arn})
        if isinstance(change, KeepUndelivered):
            sns.set_subscription_attributes(
                SubscriptionArn=change.subscription_arn, AttributeName="RedrivePolicy", AttributeValue=redrive
            )
            continue
        own = {"FilterPolicy": json.dumps({"reviewer": [change.address]}), "RedrivePolicy": redrive}
        sns.subscribe(TopicArn=change.topic_arn, Protocol="email", Endpoint=change.address, Attributes=own)
