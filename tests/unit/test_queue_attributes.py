"""A queue's attributes one by one are those that moto gives of it all at once."""

from typing import Any

import pytest
from moto.sqs.models import Message, Queue

from localcloud.sqs.attributes import Attributes

MOTOS = Queue.__dict__["attributes"].fget  # this process runs no local cloud, which would replace it
KINDS: dict[str, dict[str, Any]] = {
    "plain.fifo": {"FifoQueue": "true", "ContentBasedDeduplication": "true"},
    "plain": {},
    "keyed": {"KmsMasterKeyId": "alias/aws/sqs", "Policy": '{"Statement": []}', "VisibilityTimeout": 7},
}


@pytest.mark.parametrize("name", KINDS)
def test_each_attribute_is_motos(name: str) -> None:
    queue = Queue(name, "us-east-1", "123456789012", **KINDS[name])
    queue._messages.append(Message("1", "body", {}))
    queue.redrive_policy = {"maxReceiveCount": 3} if name == "keyed" else None

    found = Attributes(queue)

    assert dict(found) == dict(found.items()) == MOTOS(queue)
    assert (len(found), found.get("Nothing")) == (len(MOTOS(queue)), None)


class Counting(list[Message]):
    looks = 0

    def __iter__(self) -> Any:
        self.looks += 1
        return super().__iter__()


def test_an_attribute_that_is_no_number_of_messages_counts_none() -> None:
    queue = Queue("many", "us-east-1", "123456789012")
    queue._messages = messages = Counting()

    assert Attributes(queue)["MessageRetentionPeriod"] == 345600
    assert messages.looks == 0
    assert Attributes(queue)["ApproximateNumberOfMessages"] == 0
    assert messages.looks == 1
