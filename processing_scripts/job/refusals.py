"""The error whose message a person is meant to read.

Knows nothing of files, jobs or requests: whoever raises it writes the whole message.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from job.shown_text import shown

MOST = 1_000  # characters: SageMaker's FailureReason has room for 1,024 bytes


class Refused(Exception):
    """Data, settings or a request that cannot be used; the message says what, where and what to do, in one line.

    ``untold`` says the same without what stands in the data; it is the message where that quotes nothing of them.
    """

    def __init__(self, message: str, untold: str | None = None) -> None:
        super().__init__(shown(message, MOST))
        self.untold = shown(message if untold is None else untold, MOST)

    def withheld(self) -> "Refused":
        """The same without what stands in the data."""
        return Refused(self.untold)

    def message(self, *, sensitive: bool) -> str:
        """Choose the words: of a model whose data are ``sensitive`` nothing is quoted."""
        return self.untold if sensitive else str(self)


class FileRefused(Refused):
    """One upload that cannot be used, whatever the others hold; ``file`` is its object in the manifest."""

    def __init__(self, message: str, untold: str, file: str) -> None:
        super().__init__(message, untold)
        self.file = file

    def withheld(self) -> "FileRefused":
        """The same without what stands in the data."""
        return FileRefused(self.untold, self.untold, self.file)


@contextmanager
def withholding(sensitive: bool) -> Iterator[None]:
    """Let whatever is refused meanwhile quote nothing of the data, where they are ``sensitive``."""
    try:
        yield
    except Refused as refused:
        if not sensitive:
            raise
        raise refused.withheld() from None
