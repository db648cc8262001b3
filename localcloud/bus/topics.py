"""What SNS hands to a Lambda function, in AWS's shape; a subscriber that fails does not fail the publisher. What it
did not get lies in the subscription's dead letter queue, if that has one.

Source: https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html and
https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html
"""

from __future__ import annotations

import base64
import json
import logging
from collections import deque
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from moto.sns.models import Subscription, Topic

from localcloud.background import guarded, spawn
from localcloud.bus import filter_policies, publications, signatures, targets
from localcloud.front import moto_patches
from localcloud.iam import deliveries
from localcloud.iam.checks import Refused
from localcloud.settings import Cloud

log = logging.getLogger(__name__)
MOST_REMEMBERED = 100  # notifications that a topic keeps, and all topics together for who looks at them
# What topics were given: mails that AWS would have sent, among others.
RECENT: deque[dict[str, Any]] = deque(maxlen=MOST_REMEMBERED)


def lambda_payload(
    subscription_arn: str,
    topic_arn: str,
    message: str,
    message_id: str,
    subject: str | None,
    attributes: Mapping[str, Mapping[str, Any]] | None,
    url: str,
) -> dict[str, Any]:
    """The event of one notification; signature and certificate are placeholders."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {
        "Records": [
            {
                "EventSource": "aws:sns",
                "EventVersion": "1.0",
                "EventSubscriptionArn": subscription_arn,
                "Sns": {
                    "Type": "Notification",
                    "MessageId": message_id,
                    "TopicArn": topic_arn,
                    "Subject": subject,
                    "Message": message,
                    "Timestamp": now,
                    "SignatureVersion": "1",
                    "Signature": base64.b64encode(b"not signed locally").decode(),
                    "SigningCertUrl": f"{url}/SimpleNotificationService.pem",
                    "UnsubscribeUrl": f"{url}/?Action=Unsubscribe&SubscriptionArn={subscription_arn}",
                    "MessageAttributes": {
                        name: {"Type": value["Type"], "Value": _text(value["Value"])}
                        for name, value in (attributes or {}).items()
                    },
                },
            }
        ]
    }


def _text(value: Any) -> str:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else str(value)


def install(cloud: Cloud) -> None:
    """Deliver notifications from now on, and take those that SNS takes."""
    _deliver(cloud)
    _forget()
    filter_policies.install()
    publications.install()
    signatures.install()


def outbox(_: Any) -> list[dict[str, Any]]:
    """What was published last, oldest first: what whoever is subscribed by mail would have got."""
    return list(RECENT)


def _published(
    topic: str, message_id: str, subject: str | None, message: str, attributes: Mapping[str, Any] | None
) -> dict[str, Any]:
    at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    named = {name: _text(value["Value"]) for name, value in (attributes or {}).items()}
    found = {"at": at, "topic": topic, "id": message_id, "subject": subject, "message": message}
    return found | {"attributes": named}


def _hearing(topic: Topic, message: str, attributes: Mapping[str, Any] | None) -> list[dict[str, str]]:
    """The subscriptions whose filter policies let a message through: who would have got it on AWS."""
    subscriptions, _ = topic.sns_backend.list_subscriptions_by_topic(topic_arn=topic.arn)
    return [
        {"arn": one.arn, "protocol": one.protocol, "endpoint": one.endpoint}
        for one in subscriptions
        if one._filter_policy_matcher is None or one._filter_policy_matcher.matches(attributes, message)
    ]


def _forget() -> None:
    def publish(
        self: Topic,
        message: str,
        subject: str | None = None,
        message_attributes: dict[str, Any] | None = None,
        group_id: str | None = None,
        deduplication_id: str | None = None,
        message_structure: str | None = None,
    ) -> str:
        given = (message, subject, message_attributes, group_id, deduplication_id, message_structure)
        message_id: str = original(self, *given)
        heard = {"subscriptions": _hearing(self, message, message_attributes)}
        RECENT.append(_published(self.arn, message_id, subject, message, message_attributes) | heard)
        del self.sent_notifications[:-MOST_REMEMBERED]
        return message_id

    original = moto_patches.replace("moto.sns.models:Topic.publish", publish)


def _deliver(cloud: Cloud) -> None:

    def publish(
        self: Subscription,
        message: str,
        message_id: str,
        subject: str | None = None,
        message_attributes: dict[str, Any] | None = None,
        group_id: str | None = None,
        deduplication_id: str | None = None,
        message_structure: str | None = None,
    ) -> None:
        rest = (message, message_id, subject, message_attributes, group_id, deduplication_id, message_structure)
        try:
            if self.protocol in ("lambda", "sqs"):
                deliveries.to_subscriber(self.topic.arn, self.endpoint)
        except Refused as refused:
            _not_delivered(self, cloud.url, str(refused), *rest)
            return
        if self.protocol == "lambda":
            _to_lambda(self, cloud.url, *rest)
        elif self.protocol in ("http", "https"):
            spawn(original, self, *rest)
        else:
            original(self, *rest)

    original = moto_patches.replace("moto.sns.models:Subscription.publish", publish)


def _to_lambda(
    subscription: Subscription,
    url: str,
    message: str,
    message_id: str,
    subject: str | None,
    attributes: dict[str, Any] | None,
    group_id: str | None,
    deduplication_id: str | None,
    structure: str | None,
) -> None:
    matcher = subscription._filter_policy_matcher
    if matcher is not None and not matcher.matches(attributes, message):
        return
    if structure == "json":
        message = subscription._parse_message_structure(message, "lambda")
    payload = lambda_payload(subscription.arn, subscription.topic.arn, message, message_id, subject, attributes, url)
    try:
        targets.deliver(subscription.endpoint, json.dumps(payload), {})  # it is only queued
    except Exception as error:  # noqa: BLE001 - whatever a subscriber raises is its own failure, and is told
        rest = (message, message_id, subject, attributes, group_id, deduplication_id, structure)
        _not_delivered(subscription, url, f"{type(error).__name__}: {error}", *rest)


def _not_delivered(
    subscription: Subscription,
    url: str,
    why: str,
    message: str,
    message_id: str,
    subject: str | None,
    attributes: dict[str, Any] | None,
    *_: Any,
) -> None:
    """Tell of a notification that its subscriber did not get, and keep it where the subscription says."""
    log.error("topic %s: %s got nothing: %s", subscription.topic.arn, subscription.endpoint, why)
    policy = json.loads(subscription.attributes.get("RedrivePolicy") or "{}")
    queue = policy.get("deadLetterTargetArn")
    if not queue:
        return
    payload = lambda_payload(subscription.arn, subscription.topic.arn, message, message_id, subject, attributes, url)
    guarded(_send_to_dead_letters, (subscription.topic.arn, queue, payload["Records"][0]["Sns"], why), {})


def _send_to_dead_letters(topic_arn: str, queue: str, notification: dict[str, Any], why: str) -> None:
    """The queue's policy has to admit the topic.

    Source: https://docs.aws.amazon.com/sns/latest/dg/sns-configure-dead-letter-queue.html
    """
    deliveries.to_subscriber(topic_arn, queue)
    targets.send(queue, json.dumps(notification), attributes={"ErrorMessage": why[:1024]})
