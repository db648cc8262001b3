"""Queues and topics."""

from __future__ import annotations

from localcloud.templates.resource_types import Kind, Made, Place, Properties, changed
from localcloud.templates.types.shapes import boolean, picked, text

_QUEUE_DEFAULTS = {
    "DelaySeconds": 0,
    "MaximumMessageSize": 262144,
    "MessageRetentionPeriod": 345600,
    "ReceiveMessageWaitTimeSeconds": 0,
    "VisibilityTimeout": 30,
    "RedrivePolicy": "",
    "RedriveAllowPolicy": "",
    "KmsMasterKeyId": "",
    "KmsDataKeyReusePeriodSeconds": 300,
    "SqsManagedSseEnabled": True,
    "ContentBasedDeduplication": False,
    "DeduplicationScope": "queue",
    "FifoThroughputLimit": "perQueue",
}


class Queue(Kind):
    """Ref is the queue's URL."""

    type = "AWS::SQS::Queue"
    properties = f"QueueName FifoQueue Tags {' '.join(_QUEUE_DEFAULTS)}"
    replaces = "QueueName FifoQueue"

    def create(self, place: Place, wanted: Properties) -> Made:
        fifo = boolean(wanted.get("FifoQueue", False))
        name = wanted.get("QueueName") or place.name(75 if fifo else 80) + (".fifo" if fifo else "")
        attributes = {key: text(wanted[key]) for key in _QUEUE_DEFAULTS if key in wanted}
        if fifo:
            attributes["FifoQueue"] = "true"
        sqs = place.client("sqs")
        url = sqs.create_queue(QueueName=name, Attributes=attributes, tags=place.tag_map(wanted.get("Tags")))
        arn = place.arn("sqs", name)
        return Made(url["QueueUrl"], {"Arn": arn, "QueueName": name, "QueueUrl": url["QueueUrl"]})

    def change(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        names = [key for key in _QUEUE_DEFAULTS if changed(old, new, key)]
        attributes = {key: text(new.get(key, _QUEUE_DEFAULTS[key])) for key in names}
        sqs = place.client("sqs")
        if attributes:
            sqs.set_queue_attributes(QueueUrl=made.physical_id, Attributes=attributes)
        gone = set(place.tag_map(old.get("Tags"))) - set(place.tag_map(new.get("Tags")))
        if gone:
            sqs.untag_queue(QueueUrl=made.physical_id, TagKeys=sorted(gone))
        if changed(old, new, "Tags"):
            sqs.tag_queue(QueueUrl=made.physical_id, Tags=place.tag_map(new.get("Tags")))
        return made

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        place.client("sqs").delete_queue(QueueUrl=made.physical_id)


class QueuePolicy(Kind):
    """A policy on one or more queues."""

    type = "AWS::SQS::QueuePolicy"
    properties = "PolicyDocument Queues"
    required = properties

    def create(self, place: Place, wanted: Properties) -> Made:
        self._put(place, wanted["Queues"], text(wanted["PolicyDocument"]))
        name = place.name(128)
        return Made(name, {"Id": name})

    def change(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        self._put(place, [queue for queue in old["Queues"] if queue not in new["Queues"]], "")
        self._put(place, new["Queues"], text(new["PolicyDocument"]))
        return made

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        self._put(place, properties["Queues"], "")

    def _put(self, place: Place, queues: list[str], policy: str) -> None:
        for url in queues:
            place.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})


_TOPIC_ATTRIBUTES = "DisplayName KmsMasterKeyId SignatureVersion TracingConfig ContentBasedDeduplication DeliveryPolicy"


class Topic(Kind):
    """Ref is the topic's ARN."""

    type = "AWS::SNS::Topic"
    properties = f"TopicName FifoTopic Subscription Tags {_TOPIC_ATTRIBUTES}"
    replaces = "TopicName FifoTopic"

    def create(self, place: Place, wanted: Properties) -> Made:
        fifo = boolean(wanted.get("FifoTopic", False))
        name = wanted.get("TopicName") or place.name(251) + (".fifo" if fifo else "")
        attributes = {
            key: text(value) for key, value in picked(wanted, *_TOPIC_ATTRIBUTES.split(), "FifoTopic").items()
        }
        sns = place.client("sns")
        arn = sns.create_topic(Name=name, Attributes=attributes, Tags=place.tag_list(wanted.get("Tags")))["TopicArn"]
        return Made(arn, {"TopicArn": arn, "TopicName": name})

    def change(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        sns = place.client("sns")
        for key in _TOPIC_ATTRIBUTES.split():
            if changed(old, new, key):
                sns.set_topic_attributes(
                    TopicArn=made.physical_id, AttributeName=key, AttributeValue=text(new.get(key, ""))
                )
        if changed(old, new, "Tags"):
            sns.tag_resource(ResourceArn=made.physical_id, Tags=place.tag_list(new.get("Tags")))
        return made

    def stabilize(self, place: Place, made: Made, old: Properties, new: Properties) -> None:
        before, after = old.get("Subscription") or [], new.get("Subscription") or []
        sns = place.client("sns")
        for one in before:
            if one not in after:
                for found in sns.list_subscriptions_by_topic(TopicArn=made.physical_id)["Subscriptions"]:
                    if (found["Protocol"], found["Endpoint"]) == (one["Protocol"], one["Endpoint"]):
                        sns.unsubscribe(SubscriptionArn=found["SubscriptionArn"])
        for one in after:
            if one not in before:
                sns.subscribe(TopicArn=made.physical_id, Protocol=one["Protocol"], Endpoint=one["Endpoint"])

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        sns = place.client("sns")
        for one in sns.list_subscriptions_by_topic(TopicArn=made.physical_id)["Subscriptions"]:
            if one["SubscriptionArn"].startswith("arn:"):
                sns.unsubscribe(SubscriptionArn=one["SubscriptionArn"])
        sns.delete_topic(TopicArn=made.physical_id)


class TopicPolicy(Kind):
    """A policy on one or more topics. A topic always has one, so deletion gives the topic its own back."""

    type = "AWS::SNS::TopicPolicy"
    properties = "PolicyDocument Topics"
    required = properties

    def create(self, place: Place, wanted: Properties) -> Made:
        self._put(place, wanted)
        name = place.name(128)
        return Made(name, {"Id": name})

    def change(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        self._put(place, new)
        return made

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        """The topics keep it, as in AWS: SNS has no operation that removes a policy."""

    def _put(self, place: Place, wanted: Properties) -> None:
        for arn in wanted["Topics"]:
            place.client("sns").set_topic_attributes(
                TopicArn=arn, AttributeName="Policy", AttributeValue=text(wanted["PolicyDocument"])
            )


_SUBSCRIPTION_ATTRIBUTES = (
    "FilterPolicy FilterPolicyScope RawMessageDelivery RedrivePolicy DeliveryPolicy SubscriptionRoleArn"
)
_UNSAID = {"FilterPolicyScope": "MessageAttributes", "RawMessageDelivery": "false"}  # what a new one has


class Subscription(Kind):
    """Ref is the subscription's ARN."""

    type = "AWS::SNS::Subscription"
    properties = f"TopicArn Protocol Endpoint Region {_SUBSCRIPTION_ATTRIBUTES}"
    required = "TopicArn Protocol"
    replaces = "TopicArn Protocol Endpoint Region"

    def create(self, place: Place, wanted: Properties) -> Made:
        attributes = {key: text(value) for key, value in picked(wanted, *_SUBSCRIPTION_ATTRIBUTES.split()).items()}
        arn = place.client("sns").subscribe(
            TopicArn=wanted["TopicArn"],
            Protocol=wanted["Protocol"],
            Endpoint=wanted.get("Endpoint", ""),
            Attributes=attributes,
            ReturnSubscriptionArn=True,
        )["SubscriptionArn"]
        return Made(arn, {"Arn": arn})

    def change(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        for key in _SUBSCRIPTION_ATTRIBUTES.split():
            if changed(old, new, key):
                place.client("sns").set_subscription_attributes(
                    SubscriptionArn=made.physical_id,
                    AttributeName=key,
                    AttributeValue=text(new.get(key, _UNSAID.get(key, {}))),
                )
        return made

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        place.client("sns").unsubscribe(SubscriptionArn=made.physical_id)
