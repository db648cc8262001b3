"""A mailbox of a test's own: what people of a stack are told while it is there."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def letters_of(stack: Any, name: str) -> Iterator[Callable[[], list[str]]]:
    """Reads what people were told from here on: all of it so far, each time."""
    sns, sqs, found = stack.target.client("sns"), stack.target.client("sqs"), list[str]()
    url = sqs.create_queue(QueueName=f"{stack.name}--{name}")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    allowed = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage"}
    policy = {"Version": "2012-10-17", "Statement": [allowed | {"Resource": arn}]}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
    mailing = sns.subscribe(TopicArn=stack.outputs["NotificationTopicArn"], Protocol="sqs", Endpoint=arn)

    def read() -> list[str]:
        found.extend(one["Body"] for one in sqs.receive_message(QueueUrl=url).get("Messages", []))
        return found

    yield read
    sns.unsubscribe(SubscriptionArn=mailing["SubscriptionArn"])
    sqs.delete_queue(QueueUrl=url)
