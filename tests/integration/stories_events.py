"""What may be asked of the services that carry events and messages."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

ROLE = "arn:aws:iam::123456789012:role/answers"
TAGS = [{"Key": "team", "Value": "ml"}]
NOW = datetime.now(UTC)
ACCOUNT = "123456789012"
REGION = "arn:aws:{}:us-east-1:123456789012:{}"


def events(ask: Any) -> None:
    bus = ask("CreateEventBus", Name="answers", Description="of answers", Tags=TAGS)["EventBusArn"]
    ask("DescribeEventBus", Name="answers")
    ask("ListEventBuses", NamePrefix="answers")
    ask("PutPermission", EventBusName="answers", Action="events:PutEvents", Principal=ACCOUNT, StatementId="a")
    ask("DescribeEventBus", Name="answers")
    ask("RemovePermission", EventBusName="answers", StatementId="a")
    own = {"EventBusName": "answers"}
    rule = {"Name": "answers", **own}
    pattern = json.dumps({"source": ["a"]})
    ask("PutRule", **rule, EventPattern=pattern, Description="d", RoleArn=ROLE, Tags=TAGS)
    ask("PutRule", Name="answers-at-times", ScheduleExpression="rate(1 day)", State="DISABLED")
    target = {"Id": "1", "Arn": REGION.format("sqs", "answers-events")}
    ask("PutTargets", Rule="answers", **own, Targets=[target | {"Input": "{}"}])
    ask("DescribeRule", **rule)
    ask("DescribeRule", Name="answers-at-times")
    ask("ListRules", **own)
    ask("ListRules", NamePrefix="answers-at-times")
    ask("ListRules", Limit=1)
    ask("ListTargetsByRule", Rule="answers", **own)
    ask("ListRuleNamesByTarget", TargetArn=target["Arn"], **own)
    arn = REGION.format("events", "rule/answers/answers")
    ask("TagResource", ResourceARN=arn, Tags=TAGS)
    ask("ListTagsForResource", ResourceARN=arn)
    ask("UntagResource", ResourceARN=arn, TagKeys=["team"])
    ask("DisableRule", **rule)
    ask("EnableRule", **rule)
    ask("PutEvents", Entries=[{"Source": "a", "DetailType": "b", "Detail": "{}", **own}, {"Source": "a"}])
    ask("TestEventPattern", EventPattern=pattern, Event=json.dumps(event()))
    ask("CreateArchive", ArchiveName="answers", EventSourceArn=bus, Description="d", EventPattern=pattern)
    ask("UpdateArchive", ArchiveName="answers", RetentionDays=1)
    archive = ask("DescribeArchive", ArchiveName="answers")["ArchiveArn"]
    ask("ListArchives")
    ask("StartReplay", ReplayName="answers", EventSourceArn=archive, EventStartTime=NOW - timedelta(hours=1),
        EventEndTime=NOW, Destination={"Arn": bus}, Description="d")  # fmt: skip
    ask("DescribeReplay", ReplayName="answers")
    ask("ListReplays")
    ask("DeleteArchive", ArchiveName="answers")
    ask("RemoveTargets", Rule="answers", **own, Ids=["1"])
    ask("DeleteRule", **rule)
    ask("DeleteRule", Name="answers-at-times")
    ask("DeleteEventBus", Name="answers")


def event() -> dict[str, Any]:
    """One as EventBridge delivers it."""
    return {
        "id": "1", "account": ACCOUNT, "source": "a", "time": "2026-01-01T00:00:00Z", "region": "us-east-1",
        "resources": [], "detail-type": "b", "detail": {}, "version": "0",
    }  # fmt: skip


def scheduler(ask: Any) -> None:
    group = ask("CreateScheduleGroup", Name="answers", Tags=TAGS)["ScheduleGroupArn"]
    target = {"Arn": REGION.format("sqs", "answers-scheduler"), "RoleArn": ROLE, "Input": "{}"}
    whole = {
        "Name": "answers", "GroupName": "answers", "FlexibleTimeWindow": {"Mode": "OFF"}, "Target": target,
        "ScheduleExpression": "cron(0 0 1 1 ? 2199)", "ScheduleExpressionTimezone": "Europe/Berlin",
        "Description": "d", "StartDate": NOW, "EndDate": NOW + timedelta(days=9),
    }  # fmt: skip
    ask("CreateSchedule", **whole)
    ask("UpdateSchedule", **whole)
    ask("GetSchedule", Name="answers", GroupName="answers")
    ask("ListSchedules", GroupName="answers")
    ask("GetScheduleGroup", Name="answers")
    ask("ListScheduleGroups")
    ask("TagResource", ResourceArn=group, Tags=TAGS)
    ask("ListTagsForResource", ResourceArn=group)
    ask("UntagResource", ResourceArn=group, TagKeys=["team"])
    ask("DeleteSchedule", Name="answers", GroupName="answers")
    ask("DeleteScheduleGroup", Name="answers")


def sqs(ask: Any) -> None:
    dead = {"QueueUrl": ask("CreateQueue", QueueName="answers-dead", tags={"a": "b"})["QueueUrl"]}
    dead_arn = ask("GetQueueAttributes", **dead, AttributeNames=["All"])["Attributes"]["QueueArn"]
    own = {"QueueUrl": ask("CreateQueue", QueueName="answers")["QueueUrl"]}
    redrive = json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": 3})
    ask("SetQueueAttributes", **own, Attributes={"RedrivePolicy": redrive})
    ask("GetQueueUrl", QueueName="answers")
    ask("ListQueues", QueueNamePrefix="answers", MaxResults=1)
    ask("ListDeadLetterSourceQueues", **dead, MaxResults=1)
    said = {"StringValue": "1", "DataType": "Number"}
    system = {"AWSTraceHeader": {"StringValue": "Root=1-2-3", "DataType": "String"}}
    ask("SendMessage", **own, MessageBody="a", MessageAttributes={"n": said}, MessageSystemAttributes=system)
    ask("SendMessageBatch", **own, Entries=[{"Id": "1", "MessageBody": "b"}])
    asked = {"MessageAttributeNames": ["All"], "MessageSystemAttributeNames": ["All"], "WaitTimeSeconds": 5}
    (first,) = ask("ReceiveMessage", **own, **asked)["Messages"]
    (second,) = ask("ReceiveMessage", **own, **asked)["Messages"]
    hidden = {"ReceiptHandle": first["ReceiptHandle"], "VisibilityTimeout": 60}
    ask("ChangeMessageVisibility", **own, **hidden)
    ask("ChangeMessageVisibilityBatch", **own, Entries=[{"Id": "1", **hidden}, {"Id": "2", "ReceiptHandle": "no"}])
    ask("DeleteMessage", **own, ReceiptHandle=first["ReceiptHandle"])
    ask("DeleteMessageBatch", **own, Entries=[{"Id": "1", "ReceiptHandle": second["ReceiptHandle"]}])
    ask("AddPermission", **own, Label="a", AWSAccountIds=[ACCOUNT], Actions=["SendMessage"])
    ask("RemovePermission", **own, Label="a")
    ask("TagQueue", **own, Tags={"a": "b"})
    ask("ListQueueTags", **own)
    ask("UntagQueue", **own, TagKeys=["a"])
    ask("PurgeQueue", **own)
    ask("StartMessageMoveTask", SourceArn=dead_arn)
    ask("ListMessageMoveTasks", SourceArn=dead_arn)
    ask("DeleteQueue", **own)
    ask("DeleteQueue", **dead)


def sns(ask: Any) -> None:
    topic = {"TopicArn": ask("CreateTopic", Name="answers", Tags=TAGS)["TopicArn"]}
    ask.other("sqs").create_queue(QueueName="answers-sns")
    queue = REGION.format("sqs", "answers-sns")
    own = {"SubscriptionArn": ask("Subscribe", **topic, Protocol="sqs", Endpoint=queue)["SubscriptionArn"]}
    ask("GetTopicAttributes", **topic)
    ask("SetTopicAttributes", **topic, AttributeName="DisplayName", AttributeValue="a")
    ask("GetSubscriptionAttributes", **own)
    ask("SetSubscriptionAttributes", **own, AttributeName="RawMessageDelivery", AttributeValue="true")
    ask("ListTopics")
    ask("ListSubscriptions")
    ask("ListSubscriptionsByTopic", **topic)
    ask("Publish", **topic, Message="a")
    ask("PublishBatch", **topic, PublishBatchRequestEntries=[{"Id": "1", "Message": "a"}])
    ask("AddPermission", **topic, Label="a", AWSAccountId=[ACCOUNT], ActionName=["Publish"])
    ask("RemovePermission", **topic, Label="a")
    ask("TagResource", ResourceArn=topic["TopicArn"], Tags=TAGS)
    ask("ListTagsForResource", ResourceArn=topic["TopicArn"])
    ask("UntagResource", ResourceArn=topic["TopicArn"], TagKeys=["team"])
    ask("Unsubscribe", **own)
    ask("DeleteTopic", **topic)
