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
    """Whether anybody hears: one subscription is confirmed at least."""
    return bool(subscribed(topic_arn))


def subscribed(topic_arn: str) -> set[str]:
    """The endpoints of whoever is subscribed and has confirmed that: addresses, in lower case, among others.

    Source: https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html (SubscriptionArn)
    """
    pages, found = client("sns").get_paginator("list_subscriptions_by_topic"), set[str]()
    with calling():
        for page in pages.paginate(TopicArn=topic_arn):
            confirmed = (one for one in page["Subscriptions"] if one["SubscriptionArn"].startswith("arn:"))
            found |= {str(one["Endpoint"]).lower() for one in confirmed}
    return found
