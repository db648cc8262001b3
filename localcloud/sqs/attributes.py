"""A queue's attributes, each computed when it is asked for: moto counts all messages for every one that is sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from moto.sqs.models import Queue

from localcloud.front import moto_patches


class _Attributes(Mapping[str, Any]):
    """The attributes of one queue."""

    def __init__(self, queue: Queue, whole: property) -> None:
        self._queue = queue
        self._whole = whole

    def __getitem__(self, name: str) -> Any:
        if name == "ContentBasedDeduplication":
            if not self._queue.fifo_queue:
                raise KeyError(name)
            return str(self._queue.content_based_deduplication).lower()
        return self._whole.__get__(self._queue)[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._whole.__get__(self._queue))

    def __len__(self) -> int:
        return len(self._whole.__get__(self._queue))

    def items(self) -> Any:
        """As ``dict.items``, in one go."""
        return self._whole.__get__(self._queue).items()


def install() -> None:
    """Compute attributes on demand."""
    original = Queue.__dict__["attributes"]
    moto_patches.replace("moto.sqs.models:Queue.attributes", property(lambda self: _Attributes(self, original)))
