"""Queues: what waits in one, what is sent to it, and when a message that failed is received again."""

import json
from collections.abc import Sequence
from typing import Any

from app.aws.clients import calling, client

# Not those that are delayed: they are about uploads whose outcome is known
COUNTS = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]


def waiting(url: str) -> int:
    """How many messages a queue holds, those that are being processed among them; about, as SQS counts.

    Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html
    """
    with calling():
        found = client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=COUNTS)["Attributes"]
    return sum(int(found[name]) for name in COUNTS)


def send(url: str, message: dict[str, Any], delay_s: int = 0) -> None:
    """Send a message, which is received after ``delay_s`` seconds (15 minutes at most), at least once.

    Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
    """
    with calling():
        client("sqs").send_message(QueueUrl=url, MessageBody=json.dumps(message), DelaySeconds=delay_s)


def receive_again_in(url: str, receipt_handle: str, delay_s: int) -> None:
    """Have a message that failed received again after ``delay_s``, instead of the queue's visibility timeout.

    Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html
    """
    with calling():
        client("sqs").change_message_visibility(QueueUrl=url, ReceiptHandle=receipt_handle, VisibilityTimeout=delay_s)


def lease(url: str, receipt_handles: Sequence[str], seconds: int) -> None:
    """Have the messages of a batch (ten at most) received again after ``seconds``, unless they are done until then.

    Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibilityBatch.html
    """
    entries = [
        {"Id": str(number), "ReceiptHandle": handle, "VisibilityTimeout": seconds}
        for number, handle in enumerate(receipt_handles)
    ]
    with calling():
        client("sqs").change_message_visibility_batch(QueueUrl=url, Entries=entries)
