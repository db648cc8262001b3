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

from localcloud.front import moto_patches
from localcloud.recent import Recent

MODELS = "moto.sqs.models"
SOURCE = "localcloud_source"  # a dead letter's attribute: the ARN of the queue that it comes from
MOST_DELETED = 10_000  # receipts of deleted messages that a queue still knows; AWS says nothing of how long

ARRIVAL = threading.Condition(threading.RLock())  # told of each message that arrives or may be visible again
ARRIVED: Counter[str] = Counter()  # messages ever, by queue
_receiving: list[Queue] = []  # who is asked for messages now: what it cannot deliver any more goes to its dead letters


def install() -> None:
    """Guard every queue that is made from now on."""
    _bound_memory()
    _guard_messages()
    _guard_receiving()


def _bound_memory() -> None:
    def create(self: Queue, name: str, region: str, account_id: str, **kwargs: Any) -> None:
        original(self, name, region, account_id, **kwargs)
        self.deleted_messages = Recent(MOST_DELETED)

    original = moto_patches.replace(f"{MODELS}:Queue.__init__", create)


def _guard_messages() -> None:
    def add_message(self: Queue, message: Message) -> None:
        with ARRIVAL:
            if _receiving and _receiving[-1].dead_letter_queue is self:
                setattr(message, SOURCE, _receiving[-1].queue_arn)
            original_add(self, message)
            ARRIVED[self.name] += 1
            ARRIVAL.notify_all()

    def delete_message(self: Queue, receipt_handle: str) -> None:
        with ARRIVAL:
            original_delete(self, receipt_handle)

    def change_message_visibility(
        self: SQSBackend, queue_name: str, receipt_handle: str, visibility_timeout: int
    ) -> None:
        with ARRIVAL:
            original_change(self, queue_name, receipt_handle, visibility_timeout)
            ARRIVAL.notify_all()

    original_add = moto_patches.replace(f"{MODELS}:Queue.add_message", add_message)
    original_delete = moto_patches.replace(f"{MODELS}:Queue.delete_message", delete_message)
    original_change = moto_patches.replace(f"{MODELS}:SQSBackend.change_message_visibility", change_message_visibility)


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
    _receiving.append(queue)
    try:
        return receive()
    finally:
        _receiving.pop()
