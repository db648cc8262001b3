"""``retrain redrive``: every dead letter goes back to who could not take it. What each is, and where it goes, is said
before; a letter is deleted when it was handed over, so that nothing is lost, and twice is as good as once.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.decide.names.shown_text import shown
from app.decide.operating.letters import Letter, received, route, subject
from botocore.exceptions import ClientError

from cli.errors import UserError
from cli.stack import functions
from cli.stack.target import Target

QUEUES = {"arrivals": "ArrivalsDeadLetterQueueUrl", "events": "LostEventsQueueUrl"}  # name -> output of the stack
LOOK_S = 300  # how long nobody else sees a letter that was read
PAGE, MOST_PAGES = 10, 1000


@dataclass(frozen=True)
class Redrive:
    """A letter goes back."""

    queue: str
    id: str
    what: str
    to: tuple[str, ...]  # functions by their names in the template, or outputs that name queues
    why: str = ""
    letter: Letter | None = field(default=None, repr=False)
    event: dict[str, Any] | None = field(default=None, repr=False)  # what a function takes; None: the letter's body
    heading = "send again"

    @property
    def subject(self) -> str:
        """What it is, where it goes, and why it is there."""
        return subject(self.what, self.to, self.why)


@dataclass(frozen=True)
class Leave:
    """A letter stays: nobody is known who takes it."""

    queue: str
    id: str
    what: str
    letter: Letter | None = field(default=None, repr=False)
    heading = "leave"

    @property
    def subject(self) -> str:
        """What it is."""
        return shown(self.what)


@dataclass(frozen=True)
class Kept:
    """A letter that was to go back stays: AWS refused it."""

    change: Redrive
    why: str

    def __str__(self) -> str:
        return f"{shown(self.change.what)}: {shown(self.why)}"


def chosen(queue: str | None) -> list[str]:
    """The queues to look into.

    Raises:
        UserError: there is none of that name.
    """
    if queue is not None and queue not in QUEUES:
        raise UserError(f"there is no queue '{queue}'; there are {', '.join(QUEUES)}")
    return [queue] if queue else list(QUEUES)


def plan(letters: Sequence[Letter]) -> list[Redrive | Leave]:
    """Where each letter goes. Pure."""
    return [_change(letter) for letter in letters]


def _change(letter: Letter) -> Redrive | Leave:
    what, to, event = route(letter)
    if not to:
        return Leave(letter.queue, letter.id, what, letter)
    return Redrive(letter.queue, letter.id, what, to, letter.why, letter, event)


def read(target: Target, queues: Sequence[str]) -> list[Letter]:
    """All letters of the queues. For five minutes nobody else sees them."""
    sqs, outputs, found = target.client("sqs"), target.outputs(), dict[str, Letter]()
    for queue in queues:
        for _ in range(MOST_PAGES):
            answer = sqs.receive_message(
                QueueUrl=outputs[QUEUES[queue]], MaxNumberOfMessages=PAGE, VisibilityTimeout=LOOK_S,
                MessageAttributeNames=["All"], WaitTimeSeconds=0 if target.local else 1,
            )  # fmt: skip
            if not answer.get("Messages"):
                break
            for one in answer["Messages"]:
                found[one["MessageId"]] = received(queue, one)
    return list(found.values())


def put_back(target: Target, letters: Sequence[Letter]) -> None:
    """Let others see letters again that were only looked at."""
    sqs, outputs = target.client("sqs"), target.outputs()
    for letter in letters:
        where = {"QueueUrl": outputs[QUEUES[letter.queue]], "ReceiptHandle": letter.receipt}
        sqs.change_message_visibility(**where, VisibilityTimeout=0)


def execute(target: Target, changes: Sequence[Redrive | Leave]) -> Iterator[Redrive | Kept]:
    """Hand each letter over, then delete it, and yield it; those that stay, or that this person may not hand over, can
    be seen by others again.
    """
    sqs, outputs = target.client("sqs"), target.outputs()
    for change in changes:
        if isinstance(change, Redrive) and change.letter:
            if why := _refusal(target, change, change.letter):
                put_back(target, [change.letter])
                yield Kept(change, why)
                continue
            sqs.delete_message(QueueUrl=outputs[QUEUES[change.queue]], ReceiptHandle=change.letter.receipt)
            yield change
    put_back(target, [change.letter for change in changes if isinstance(change, Leave) and change.letter])


def _refusal(target: Target, change: Redrive, letter: Letter) -> str:
    """Hand a letter over; why AWS refuses it, "" where it took it."""
    sqs, outputs = target.client("sqs"), target.outputs()
    try:
        for to in change.to:
            if to in outputs:
                sqs.send_message(QueueUrl=outputs[to], MessageBody=letter.body)
            else:
                functions.send_event(target, to, change.event or json.loads(letter.body))
    except ClientError as error:
        return str(error.response["Error"]["Message"])
    return ""
