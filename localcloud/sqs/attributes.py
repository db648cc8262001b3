"""A queue's attributes, each computed when it is asked for by name: moto computes all of them, and counts all messages
three times, for every one that is asked, sent or received.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from moto.core.utils import camelcase_to_underscores
from moto.sqs.models import Queue

from localcloud.front import moto_patches


class Attributes(Mapping[str, Any]):
    """The attributes of one queue, as moto's ``Queue.attributes`` answers them."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue

    def __getitem__(self, name: str) -> Any:
        if name not in self:
            raise KeyError(name)
        found = getattr(self._queue, _field(name))
        if name == "RedrivePolicy" and found:
            return json.dumps(found)
        return str(found).lower() if isinstance(found, bool) else found

    def __contains__(self, name: object) -> bool:
        queue = self._queue
        return (
            name in queue.BASE_ATTRIBUTES
            or (bool(queue.fifo_queue) and name in queue.FIFO_ATTRIBUTES)
            or (bool(queue.kms_master_key_id) and name in queue.KMS_ATTRIBUTES)
        )

    def __iter__(self) -> Iterator[str]:
        queue = self._queue
        known = (*queue.BASE_ATTRIBUTES, *queue.FIFO_ATTRIBUTES, *queue.KMS_ATTRIBUTES)
        return (name for name in known if name in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)


@cache
def _field(name: str) -> str:
    return str(camelcase_to_underscores(name))


def install() -> None:
    """Compute attributes on demand."""
    moto_patches.replace("moto.sqs.models:Queue.attributes", property(Attributes))
