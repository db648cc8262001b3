"""SQS in memory: a queue that a function is given batches of; what fails comes back, and what fails too often is dead.

Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from tests.torture.agenda import Agenda
from tests.torture.faults import Faults

Invoke = Callable[[str, Any], tuple[Any, str, str]]


class Limits(NamedTuple):
    """What the template says of a queue."""

    visible_s: int  # after which a message that failed is received again
    most_receives: int


@dataclass
class Message:
    """A message."""

    id: str
    body: str
    received: int = 0
    visible_s: float | None = None  # in which a failed one is received again, where somebody said so


class Queue:
    """The messages of a queue, and the function that they are for."""

    def __init__(
        self, agenda: Agenda, faults: Faults, invoke: Invoke, function: str, batch: int, limits: Limits
    ) -> None:
        self._agenda, self._faults, self._invoke = agenda, faults, invoke
        self._function, self._batch, self._limits = function, batch, limits
        self.waiting: list[Message] = []
        self.invisible: list[Message] = []
        self.dead_letters: list[Message] = []
        self._numbers = 0

    def send(self, body: Any) -> None:
        """A message comes into the queue."""
        self._numbers += 1
        self._receive_soon(Message(f"m{self._numbers}", json.dumps(body)))

    def _receive_soon(self, message: Message) -> None:
        self.waiting.append(message)
        self._agenda.later(0.1 + self._faults.random.random(), "poll", self._poll)

    def _poll(self) -> None:
        """Give the function a batch; what fails is visible again after the visibility timeout."""
        batch, self.waiting = self.waiting[: self._batch], self.waiting[self._batch :]
        if not batch:
            return
        self.invisible += batch
        records = [
            {
                "messageId": one.id, "body": one.body, "receiptHandle": one.id,
                "attributes": {"ApproximateReceiveCount": str(one.received + 1)},
            }
            for one in batch
        ]  # fmt: skip
        result, error, _ = self._invoke(self._function, {"Records": records})
        failed = {one.id for one in batch} if error else {f["itemIdentifier"] for f in result["batchItemFailures"]}
        for message in batch:
            message.received += 1
            if message.id in failed:
                self._fail(message)
            else:
                self.invisible.remove(message)

    def _fail(self, message: Message) -> None:
        delay_s = self._limits.visible_s if message.visible_s is None else message.visible_s
        message.visible_s = None
        if message.received >= self._limits.most_receives:
            self.invisible.remove(message)
            self.dead_letters.append(message)
        else:
            self._agenda.later(delay_s, "visible again", lambda: self._see_again(message))

    def _see_again(self, message: Message) -> None:
        self.invisible.remove(message)
        self._receive_soon(message)

    def make_visible_in(self, receipt: str, seconds: float) -> None:
        """A message that is being processed, and fails, is received again after so long."""
        next(one for one in self.invisible if one.id == receipt).visible_s = seconds

    def redrive(self) -> None:
        """Move the dead letters back, as an operator does."""
        letters, self.dead_letters = self.dead_letters, []
        for letter in letters:
            letter.received = 0
            self._receive_soon(letter)
