"""The outbox of the local cloud says who would have got what."""

import json
import urllib.request
from typing import Any

from cloud import CloudServer


def outbox(cloud: CloudServer, topic: str) -> list[dict[str, Any]]:
    with urllib.request.urlopen(f"{cloud.url}/_localcloud/outbox", timeout=10) as answer:
        return [one for one in json.load(answer) if one["topic"] == topic]


def test_a_message_names_the_subscriptions_that_would_have_got_it(cloud_server: CloudServer) -> None:
    sns = cloud_server.client("sns")
    topic = sns.create_topic(Name="who-hears")["TopicArn"]
    everything, approvals = (
        sns.subscribe(
            TopicArn=topic, Protocol="email", Endpoint=address, Attributes=attributes, ReturnSubscriptionArn=True
        )["SubscriptionArn"]
        for address, attributes in (
            ("all@example.org", {}),
            ("ada@example.org", {"FilterPolicy": json.dumps({"kind": ["approval"]})}),
        )
    )
    for kind in ("approval", "ended"):
        sns.publish(
            TopicArn=topic, Message="m", MessageAttributes={"kind": {"DataType": "String", "StringValue": kind}}
        )

    asked, ended = outbox(cloud_server, topic)

    assert ended["subscriptions"] == [{"arn": everything, "protocol": "email", "endpoint": "all@example.org"}]
    assert {one["arn"]: one["endpoint"] for one in asked["subscriptions"]} == {
        everything: "all@example.org", approvals: "ada@example.org",
    }  # fmt: skip
