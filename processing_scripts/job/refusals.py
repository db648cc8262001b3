"""The error whose message a person is meant to read.

Knows nothing of files, jobs or requests: whoever raises it writes the whole message.
"""


class Refused(Exception):
    """Data, settings or a request that cannot be used; the message says what, where and what to do."""


class FileRefused(Refused):
    """One upload that cannot be used, whatever the others hold; ``file`` is its object in the manifest."""

    def __init__(self, message: str, file: str) -> None:
        super().__init__(message)
        self.file = file
