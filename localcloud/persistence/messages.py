"""SQS messages: each is recorded when it is sent, received, made visible or deleted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from moto.core.utils import unix_time_millis
from moto.sqs.models import Message, Queue, sqs_backends

from localcloud import journaling

Place = tuple[str, str, str]  # account, region, name


def record_messages(queue: Queue, messages: Sequence[Message]) -> None:
    """Messages were sent, or have changed."""
    if messages:
        journaling.record(put, _place(queue), list(messages))


def record_deletions(queue: Queue, messages: Sequence[Message]) -> None:
    """Messages were deleted; their receipt handles stay known."""
    if messages:
        receipts = [receipt for message in messages for receipt in message.all_receipt_handles]
        journaling.record(drop, _place(queue), [message.id for message in messages], receipts)


def record_purge(queue: Queue) -> None:
    """The queue was purged."""
    journaling.record(empty, _place(queue))


def _place(queue: Queue) -> Place:
    return queue.account_id, queue.region, queue.name


# --- redo


def put(place: Place, messages: Iterable[Message]) -> None:
    """Restore messages: in place of those with the same ids, or at the end."""
    queue = _found(place)
    if queue is not None:
        there = {message.id: number for number, message in enumerate(queue._messages)}
        for message in messages:
            if message.id in there:
                queue._messages[there[message.id]] = message
            else:
                queue._messages.append(message)


def drop(place: Place, ids: Sequence[str], receipts: Iterable[str]) -> None:
    """Delete messages."""
    queue = _found(place)
    if queue is not None:
        queue._messages = [message for message in queue._messages if message.id not in ids]
        queue.deleted_messages.update(receipts)


def empty(place: Place) -> None:
    """Delete all messages."""
    queue = _found(place)
    if queue is not None:
        queue._messages = []


def resume() -> None:
    """Messages in flight are pending."""
    for regions in list(dict.values(sqs_backends)):
        for backend in list(dict.values(regions)):
            for queue in backend.queues.values():
                now = unix_time_millis()
                queue._pending_messages = {message for message in queue._messages if message.visible_at > now}


def _found(place: Place) -> Queue | None:
    account, region, name = place
    return sqs_backends[account][region].queues.get(name)
