"""Queues, topics, rules and schedules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localcloud.templates.errors import ResourceFailed
from localcloud.templates.resource_types import Kind, Made, Place, Properties, changed
from localcloud.templates.shapes import boolean, fit, picked, text

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

    def settle(self, place: Place, made: Made, old: Properties, new: Properties) -> None:
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
                    SubscriptionArn=made.physical_id, AttributeName=key, AttributeValue=text(new.get(key, {}))
                )
        return made

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        place.client("sns").unsubscribe(SubscriptionArn=made.physical_id)


class EventBus(Kind):
    """A custom bus."""

    type = "AWS::Events::EventBus"
    properties = "Name Description Tags"
    required = "Name"
    replaces = "Name"

    def create(self, place: Place, wanted: Properties) -> Made:
        arn = place.client("events").create_event_bus(
            Name=wanted["Name"], Tags=place.tag_list(wanted.get("Tags")), **picked(wanted, "Description")
        )["EventBusArn"]
        return Made(wanted["Name"], {"Arn": arn, "Name": wanted["Name"]})

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        place.client("events").delete_event_bus(Name=made.physical_id)


class Rule(Kind):
    """Ref is the rule's name (``bus|rule`` on a custom bus)."""

    type = "AWS::Events::Rule"
    properties = "Name EventPattern ScheduleExpression State Description EventBusName RoleArn Targets Tags"
    replaces = "Name EventBusName"

    def create(self, place: Place, wanted: Properties) -> Made:
        name = wanted.get("Name") or place.name(64)
        arn = self._put(place, name, wanted)
        bus = wanted.get("EventBusName")
        return Made(f"{_bus_name(bus)}|{name}" if bus and bus != "default" else name, {"Arn": arn})

    def change(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        self._put(place, _rule_name(made), new)
        return made

    def settle(self, place: Place, made: Made, old: Properties, new: Properties) -> None:
        events, name, bus = place.client("events"), _rule_name(made), picked(new, "EventBusName")
        targets = new.get("Targets") or []
        kept = {target["Id"] for target in targets}
        gone = [target["Id"] for target in old.get("Targets") or [] if target["Id"] not in kept]
        if gone:
            events.remove_targets(Rule=name, Ids=gone, **bus)
        if targets and changed(old, new, "Targets"):
            answer = events.put_targets(**fit(events, "put_targets", {"Rule": name, "Targets": targets, **bus}))
            if answer.get("FailedEntryCount"):
                raise ResourceFailed(f"Targets of rule {name} were refused: {answer['FailedEntries']}")

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        events, name, bus = place.client("events"), _rule_name(made), picked(properties, "EventBusName")
        ids = [target["Id"] for target in events.list_targets_by_rule(Rule=name, **bus)["Targets"]]
        if ids:
            events.remove_targets(Rule=name, Ids=ids, **bus)
        events.delete_rule(Name=name, **bus)

    def _put(self, place: Place, name: str, wanted: Properties) -> str:
        events = place.client("events")
        values = picked(wanted, "EventPattern", "ScheduleExpression", "State", "Description", "EventBusName", "RoleArn")
        values |= {"Name": name, "Tags": place.tag_list(wanted.get("Tags"))}
        arn: str = events.put_rule(**fit(events, "put_rule", values))["RuleArn"]
        return arn


def _rule_name(made: Made) -> str:
    return made.physical_id.rsplit("|", 1)[-1]


def _bus_name(bus: str) -> str:
    return bus.rsplit("/", 1)[-1]


class Schedule(Kind):
    """An EventBridge Scheduler schedule. Ref is its name."""

    type = "AWS::Scheduler::Schedule"
    properties = (
        "Name GroupName ScheduleExpression ScheduleExpressionTimezone State Description FlexibleTimeWindow Target"
        " StartDate EndDate KmsKeyArn"
    )
    required = "ScheduleExpression FlexibleTimeWindow Target"
    replaces = "Name GroupName"

    def create(self, place: Place, wanted: Properties) -> Made:
        name = wanted.get("Name") or place.name(64)
        scheduler = place.client("scheduler")
        made = scheduler.create_schedule(**fit(scheduler, "create_schedule", {**wanted, "Name": name}))
        return Made(name, {"Arn": made["ScheduleArn"]})

    def change(self, place: Place, made: Made, old: Properties, new: Properties) -> Made:
        scheduler = place.client("scheduler")
        scheduler.update_schedule(**fit(scheduler, "update_schedule", {**new, "Name": made.physical_id}))
        return made

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        place.client("scheduler").delete_schedule(Name=made.physical_id, **picked(properties, "GroupName"))


class ScheduleGroup(Kind):
    """A named group of schedules."""

    type = "AWS::Scheduler::ScheduleGroup"
    properties = "Name Tags"
    replaces = "Name"

    def create(self, place: Place, wanted: Properties) -> Made:
        name = wanted.get("Name") or place.name(64)
        made: Mapping[str, Any] = place.client("scheduler").create_schedule_group(
            Name=name, Tags=place.tag_list(wanted.get("Tags"))
        )
        return Made(name, {"Arn": made["ScheduleGroupArn"]})

    def delete(self, place: Place, made: Made, properties: Properties) -> None:
        place.client("scheduler").delete_schedule_group(Name=made.physical_id)
