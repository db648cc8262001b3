"""Dead letter queues: what lies in them, and handing it over."""

from app.aws.clients import calling, client
from app.decide.operating.letters import Letter, received

PAGE = 10  # messages that SQS gives at a time


def letters(name: str, url: str, most: int, unseen_s: int) -> list[Letter]:
    """About so many of the letters of a dead letter queue, called ``name``; nobody else sees them for ``unseen_s``.

    Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html
    """
    found: dict[str, Letter] = {}
    with calling():
        while len(found) < most:
            answer = client("sqs").receive_message(
                QueueUrl=url, MaxNumberOfMessages=PAGE, VisibilityTimeout=unseen_s, MessageAttributeNames=["All"],
                WaitTimeSeconds=1,
            )  # fmt: skip
            if not answer.get("Messages"):
                break
            for one in answer["Messages"]:
                found[one["MessageId"]] = received(name, one)
    return list(found.values())


def send_text(url: str, body: str) -> None:
    """Send a message as it is."""
    with calling():
        client("sqs").send_message(QueueUrl=url, MessageBody=body)


def delete(url: str, receipt_handle: str) -> None:
    """Delete a message that was received."""
    with calling():
        client("sqs").delete_message(QueueUrl=url, ReceiptHandle=receipt_handle)
