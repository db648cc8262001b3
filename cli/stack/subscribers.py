"""Who hears of requests for approval and of ends: the subscribers of the notification topic."""

from dataclasses import dataclass

from app.decide.names.shown_text import shown
from botocore.exceptions import ClientError

from cli.stack.target import Target

PENDING = "PendingConfirmation"  # in the place of a subscription's ARN


@dataclass(frozen=True)
class Subscribers:
    """The topic's subscriptions: how many are confirmed, which are not, and which anybody can end."""

    confirmed: int
    pending: list[str]  # endpoints
    loose: list[str]  # addresses that were confirmed by the mail's link: the link in each mail ends them


def of_topic(target: Target, output: str) -> Subscribers | None:
    """The subscribers of the topic that an output of the stack names; None where the caller may not list them.

    Source: https://docs.aws.amazon.com/sns/latest/api/API_GetSubscriptionAttributes.html (ConfirmationWasAuthenticated)
    """
    sns, topic = target.client("sns"), target.outputs()[output]
    confirmed, pending, loose = 0, list[str](), list[str]()
    try:
        for page in sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic):
            for one in page["Subscriptions"]:
                if one["SubscriptionArn"] == PENDING:
                    pending.append(one["Endpoint"])
                    continue
                confirmed += 1
                if one["Protocol"].startswith("email"):
                    asked = sns.get_subscription_attributes(SubscriptionArn=one["SubscriptionArn"])
                    by_link = str(asked["Attributes"].get("ConfirmationWasAuthenticated", "true")).lower() == "false"
                    loose += [one["Endpoint"]] if by_link else []
    except ClientError:
        return None
    return Subscribers(confirmed, pending, loose)


def warnings(target: Target) -> list[str]:
    """What a person has to know of who hears. On this machine nobody can be reached, and nothing is said."""
    if target.local:
        return []
    found, reviewers = (of_topic(target, output) for output in ("NotificationTopicArn", "ReviewersTopicArn"))
    return (render(found) if found else []) + (render_reviewers(reviewers) if reviewers else [])


def render_reviewers(found: Subscribers) -> list[str]:
    """Which reviewers get no link of their own yet, a sentence each, with what to do. Pure.

    Source: https://aws.amazon.com/about-aws/whats-new/2023/05/amazon-sns-automatic-deletion-unconfirmed-subscriptions/
    """
    return [
        f"reviewer {shown(address)} has not confirmed the subscription, and gets no link: SNS sent a mail to confirm "
        "it; after 48 hours that is over, and `retrain publish` asks again"
        for address in found.pending
    ]


def render(found: Subscribers) -> list[str]:
    """What is wrong with the subscriptions, a sentence each, with what to do. Pure."""
    told = []
    if not found.confirmed:
        waits = f" ({', '.join(found.pending)} has not confirmed)" if found.pending else ""
        told.append(
            f"nobody is subscribed to the notification topic{waits}: nobody hears of requests for approval; "
            "deploy with NotificationEmail, or subscribe to the topic in output NotificationTopicArn"
        )
    return [shown(one) for one in told] + [
        f"whoever is passed a mail of {shown(address)} can unsubscribe it: confirm its subscription with "
        "authentication (docs/deploying.md)"
        for address in found.loose
    ]
