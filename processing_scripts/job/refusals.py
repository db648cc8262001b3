"""The error whose message a person is meant to read.

Knows nothing of files, jobs or requests: whoever raises it writes the whole message.
"""

from job.shown_text import shown

MOST = 1_000  # characters: SageMaker's FailureReason has room for 1,024 bytes


class Refused(Exception):
    """Data, settings or a request that cannot be used; the message says what, where and what to do, in one line."""

    def __init__(self, message: str) -> None:
        super().__init__(shown(message, MOST))
