"""The notification topic."""

from app.aws.clients import calling, client
from app.decide.notifications import Notice


def publish(topic_arn: str, notice: Notice) -> None:
    """Publish a notice to all subscribers. SNS delivers at least once: ``notice.id`` is the same for the same news.

    Source: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html (subject: at most 100 ASCII characters)
    """
    attributes = {
        name: {"DataType": "String", "StringValue": value} for name, value in notice.attributes.items() if value
    }
    subject = notice.subject.encode("ascii", "replace").decode()[:100]
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
