"""Queues that several threads may use, and whose arrivals wake those who wait for them.

One lock guards every queue: moto's are not safe across threads, and a message may move from one to another.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

from moto.sqs.models import Message, Queue, SQSBackend

from localcloud import journaling
from localcloud.front import moto_patches
from localcloud.persistence import messages
from localcloud.persistence.contents import FRESH

MODELS = "moto.sqs.models"
SOURCE = "localcloud_source"  # a dead letter's attribute: the ARN of the queue that it comes from

ARRIVAL = threading.Condition(threading.RLock())  # told of each message that arrives or may be visible again
ARRIVED: Counter[str] = Counter()  # messages ever, by queue
_receiving: list[Queue] = []  # who is asked for messages now: what it cannot deliver any more goes to its dead letters


def install() -> None:
    """Guard every queue that is made from now on."""
    _bound_memory()
    _guard_messages()
    _guard_receiving()
    _guard_purging()


def _bound_memory() -> None:
    def create(self: Queue, name: str, region: str, account_id: str, **kwargs: Any) -> None:
        original(self, name, region, account_id, **kwargs)
        self.deleted_messages = FRESH["deleted_messages"]()

    original = moto_patches.replace(f"{MODELS}:Queue.__init__", create)


def _guard_messages() -> None:
    def add_message(self: Queue, message: Message) -> None:
        with ARRIVAL:
            if _receiving and _receiving[-1].dead_letter_queue is self:
                setattr(message, SOURCE, _receiving[-1].queue_arn)
            original_add(self, message)
            messages.record_messages(self, [message])
            ARRIVED[self.name] += 1
            ARRIVAL.notify_all()

    def delete_message(self: Queue, receipt_handle: str) -> None:
        with ARRIVAL:
            gone = [message for message in self._messages if message.had_receipt_handle(receipt_handle)]
            original_delete(self, receipt_handle)
            messages.record_deletions(self, gone)

    def change_message_visibility(
        self: SQSBackend, queue_name: str, receipt_handle: str, visibility_timeout: int
    ) -> None:
        with ARRIVAL:
            original_change(self, queue_name, receipt_handle, visibility_timeout)
            queue = self.get_queue(queue_name)
            changed = [message for message in queue._messages if message.had_receipt_handle(receipt_handle)]
            messages.record_messages(queue, changed)
            ARRIVAL.notify_all()

    original_add = moto_patches.replace(f"{MODELS}:Queue.add_message", add_message)
    original_delete = moto_patches.replace(f"{MODELS}:Queue.delete_message", delete_message)
    original_change = moto_patches.replace(f"{MODELS}:SQSBackend.change_message_visibility", change_message_visibility)


def _guard_purging() -> None:
    def purge_queue(self: SQSBackend, queue_name: str) -> None:
        with ARRIVAL:
            original(self, queue_name)
            messages.record_purge(self.get_queue(queue_name))

    original = moto_patches.replace(f"{MODELS}:SQSBackend.purge_queue", purge_queue)


def _guard_receiving() -> None:
    def receive_message(
        self: SQSBackend,
        queue_name: str,
        count: int,
        wait_seconds_timeout: int,
        visibility_timeout: int,
        message_attribute_names: list[str] | None = None,
    ) -> list[Message]:
        ends, how = time.monotonic() + wait_seconds_timeout, (count, 0, visibility_timeout, message_attribute_names)
        with ARRIVAL:
            while True:
                found = _received(self.get_queue(queue_name), partial(original, self, queue_name, *how))
                left_s = ends - time.monotonic()
                if found or left_s <= 0:
                    return found
                ARRIVAL.wait(min(left_s, 1.0))  # a message may become visible by time alone

    original = moto_patches.replace(f"{MODELS}:SQSBackend.receive_message", receive_message)


def _received(queue: Queue, receive: Callable[[], list[Message]]) -> list[Message]:
    """What is received; recorded with what was moved to the dead letter queue."""
    before = list(queue._messages)
    _receiving.append(queue)
    try:
        found = receive()
    finally:
        _receiving.pop()
    if journaling.is_enabled():
        ids = {message.id for message in found}
        messages.record_messages(queue, [message for message in queue._messages if message.id in ids])
        if len(queue._messages) != len(before):
            left = {message.id for message in queue._messages}
            messages.record_deletions(queue, [message for message in before if message.id not in left])
    return found
