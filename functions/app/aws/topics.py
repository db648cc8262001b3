"""The notification topic."""

from app.aws.clients import calling, client
from app.decide.approval.review_mails import Listener
from app.decide.names.shown_text import shown
from app.decide.notifications import Notice
from app.decide.operating.urgency import is_digest

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
    return bool(_confirmed(topic_arn))


def listeners(topic_arn: str) -> list[Listener]:
    """Whoever is subscribed and has confirmed that, and what each of them hears."""
    found = []
    for arn in _confirmed(topic_arn):
        with calling():
            found.append(Listener.of(client("sns").get_subscription_attributes(SubscriptionArn=arn)["Attributes"]))
    return found


def _confirmed(topic_arn: str) -> list[str]:
    """ARNs of the subscriptions that are confirmed, but for the digest's own.

    Source: https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html (SubscriptionArn)
    """
    pages, found = client("sns").get_paginator("list_subscriptions_by_topic"), list[str]()
    with calling():
        for page in pages.paginate(TopicArn=topic_arn):
            heard = (one for one in page["Subscriptions"] if not is_digest(one.get("Endpoint", "")))
            found += [arn for one in heard if (arn := one["SubscriptionArn"]).startswith("arn:")]
    return found
