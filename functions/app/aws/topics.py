"""The notification topic."""

from app.aws.clients import calling, client
from app.decide.names.shown_text import shown
from app.decide.notifications import Notice

SUBJECT, ATTRIBUTE = 99, 256  # characters


def publish(topic_arn: str, notice: Notice) -> None:
    """Publish a notice to all subscribers. SNS delivers at least once: ``notice.id`` is the same for the same news.

    A subject has no line breaks or control characters, and fewer than 100 characters.
    Source: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
    """
    attributes = {
        name: {"DataType": "String", "StringValue": shown(value, ATTRIBUTE)}
        for name, value in notice.attributes.items()
        if value
    }
    subject = shown(notice.subject, SUBJECT)
    with calling():
        client("sns").publish(TopicArn=topic_arn, Subject=subject, Message=notice.text, MessageAttributes=attributes)


def has_subscribers(topic_arn: str) -> bool:
    """Whether anybody hears: one subscription is confirmed at least.

    Source: https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html (SubscriptionArn)
    """
    pages = client("sns").get_paginator("list_subscriptions_by_topic")
    with calling():
        for page in pages.paginate(TopicArn=topic_arn):
            if any(one["SubscriptionArn"].startswith("arn:") for one in page["Subscriptions"]):
                return True
    return False
