"""The reviewers whom model files name: each is subscribed to what they alone are asked."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from cli.stack.target import Target


@dataclass(frozen=True)
class Subscribe:
    """An address is asked whether it takes the requests for its own yes; it hears nothing until it confirms."""

    topic_arn: str
    address: str
    heading = "subscribe reviewer"

    @property
    def subject(self) -> str:
        """Its address."""
        return self.address


def plan(target: Target, addresses: Iterable[str]) -> list[Subscribe]:
    """Those of ``addresses`` that are not subscribed yet, nor asked whether they are to be."""
    wanted = dict.fromkeys(address.lower() for address in addresses)
    if not wanted:
        return []
    topic = target.outputs()["ReviewersTopicArn"]
    pages = target.client("sns").get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic)
    there = {one["Endpoint"].lower() for page in pages for one in page["Subscriptions"]}
    return [Subscribe(topic, address) for address in wanted if address not in there]


def execute(target: Target, changes: Iterable[Subscribe]) -> None:
    """Subscribe each to what names it as ``reviewer``, and to nothing else.

    Source: https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html
    """
    for change in changes:
        policy = json.dumps({"reviewer": [change.address]})
        target.client("sns").subscribe(
            TopicArn=change.topic_arn, Protocol="email", Endpoint=change.address, Attributes={"FilterPolicy": policy}
        )
