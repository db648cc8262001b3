"""SQS: moto's queues, safe across threads, with what they remember bounded, and with redrives of dead letters."""

from __future__ import annotations

from localcloud.settings import Cloud
from localcloud.sqs import attributes, guards, move_tasks


def install(_: Cloud) -> None:
    """Put this package's parts in place."""
    guards.install()
    attributes.install()
    move_tasks.install()


def resume(_: None) -> None:
    """Go on with the redrives of an earlier process."""
    move_tasks.resume()
