"""SQS: moto's queues, safe across threads, with what they remember bounded, and with redrives of dead letters."""

from __future__ import annotations

from localcloud.settings import Cloud
from localcloud.sqs import attributes, guards


def install(_: Cloud) -> None:
    """Put this package's parts in place."""
    guards.install()
    attributes.install()
