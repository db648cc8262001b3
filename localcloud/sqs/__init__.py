"""SQS: moto's queues, safe across threads, with what they remember bounded, and with redrives of dead letters."""

from __future__ import annotations

from localcloud.persistence import messages
from localcloud.settings import Cloud
from localcloud.sqs import attributes, guards, move_tasks


def install(_: Cloud) -> None:
    """Put this package's parts in place."""
    guards.install()
    attributes.install()
    move_tasks.install()


def resume(_: object) -> None:
    """Go on with the messages and the redrives of an earlier process."""
    messages.resume()
    move_tasks.resume()
