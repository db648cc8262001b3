"""Who hears of requests for approval and of ends: the subscribers of the notification topic."""

import shlex
from dataclasses import dataclass
from typing import NamedTuple

from app.decide.names.shown_text import shown
from app.decide.operating.urgency import is_digest
from botocore.exceptions import ClientError

from cli.stack.target import Target

WITH_CREDENTIALS = "to be given with credentials (docs/deploying.md)"
PENDING = "PendingConfirmation"  # in the place of a subscription's ARN


class Loose(NamedTuple):
    """An address that was confirmed by the mail's link: the link in each later mail ends its subscription."""

    address: str
    protocol: str  # email or email-json
    arn: str  # of the subscription


@dataclass(frozen=True)
class Subscribers:
    """The topic's subscriptions: how many are confirmed, which are not, and which anybody can end."""

    confirmed: int
    pending: list[str]  # endpoints
    loose: list[Loose]


def of_topic(target: Target, output: str) -> Subscribers | None:
    """The subscribers of the topic that an output of the stack names; None where the caller may not list them.

    Source: https://docs.aws.amazon.com/sns/latest/api/API_GetSubscriptionAttributes.html (ConfirmationWasAuthenticated)
    """
    sns, topic = target.client("sns"), target.outputs()[output]
    confirmed, pending, loose = 0, list[str](), list[Loose]()
    try:
        for page in sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic):
            for one in page["Subscriptions"]:
                if one["SubscriptionArn"] == PENDING:
                    pending.append(one["Endpoint"])
                    continue
                confirmed += not is_digest(one["Endpoint"])
                if one["Protocol"].startswith("email"):
                    asked = sns.get_subscription_attributes(SubscriptionArn=one["SubscriptionArn"])
                    by_link = str(asked["Attributes"].get("ConfirmationWasAuthenticated", "true")).lower() == "false"
                    loose += [Loose(one["Endpoint"], one["Protocol"], one["SubscriptionArn"])] if by_link else []
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
    """Which reviewers get no link of their own yet, or may lose it, a sentence each, with what to do. Pure.

    Source: https://aws.amazon.com/about-aws/whats-new/2023/05/amazon-sns-automatic-deletion-unconfirmed-subscriptions/
    """
    return [
        f"reviewer {shown(address)} has not confirmed the subscription, and gets no link: SNS sent a mail to confirm "
        "it; after 48 hours that is over, and `retrain publish` asks again"
        for address in found.pending
    ] + [
        f"whoever is passed a mail of reviewer {shown(one.address)} can unsubscribe it, and the reviewer gets no link "
        f"then: `{_end(one)} && retrain publish` asks for a confirmation, {WITH_CREDENTIALS}"
        for one in found.loose
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
        f"whoever is passed a mail of {shown(one.address)} can unsubscribe it: `{_end(one)} && {_ask(one)}` asks for a "
        f"confirmation, {WITH_CREDENTIALS}"
        for one in found.loose
    ]


def _end(one: Loose) -> str:
    """The command that ends a subscription: one that is confirmed cannot be confirmed in another way.

    Source: https://docs.aws.amazon.com/sns/latest/api/API_ConfirmSubscription.html (AuthenticateOnUnsubscribe)
    """
    return f"aws sns unsubscribe --subscription-arn {shlex.quote(one.arn)}"


def _ask(one: Loose) -> str:
    """The command that asks an address once more; its topic is in the subscription's ARN."""
    topic, address = shlex.quote(one.arn.rpartition(":")[0]), shlex.quote(shown(one.address))
    return f"aws sns subscribe --topic-arn {topic} --protocol {one.protocol} --notification-endpoint {address}"
