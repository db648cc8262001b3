"""Uploads that a run cannot use, named for whoever starts the run again without them.

The message that a failing job leaves is the one thing that is sure to be heard of it. It is for people, and its end is
for the app: ``[refused: <id>, …]``, where an id is how the object's name in the manifest begins.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from job import refusals
from job.refusals import FileRefused, Refused
from job.world import MESSAGE_BYTES

from data.column_rules import Settings
from data.fitting import check_numbers
from data.parts import read_parts
from data.tables import Source

ID_CHARACTERS = 16  # of the 64 of an object's name
MOST = 30  # that one message has room for; those beyond are met by the next attempt


@contextmanager
def all_named(sources: Sequence[Source], settings: Settings) -> Iterator[None]:
    """Look, once one upload is refused, for all that would be, and refuse them together.

    Raises:
        Refused: for people and for the app, as the module says.
    """
    try:
        yield
    except FileRefused as first:
        if not first.file:
            raise
        others = [refused for refused in _each(sources, settings) if refused.file != first.file]
        untold = [refused.withheld() for refused in (first, *others)]
        raise Refused(message([first, *others]), message(untold)) from first


def message(refused: Sequence[FileRefused]) -> str:
    """Write the message, in as many bytes as SageMaker takes."""
    ids = [refusal.file.rpartition("/")[2][:ID_CHARACTERS] for refusal in refused[:MOST]]
    more = f"; {len(refused) - 1} more files are refused, the next: {refused[1]}" if len(refused) > 1 else ""
    end = f" [refused: {', '.join(ids)}]"
    room = min(MESSAGE_BYTES, refusals.MOST) - len(end.encode())
    return f"{refused[0]}{more}".encode()[:room].decode("utf-8", "ignore") + end


def _each(sources: Sequence[Source], settings: Settings) -> Iterator[FileRefused]:
    for source in sources:
        try:
            check_numbers(read_parts([source], settings), settings)
        except FileRefused as refused:
            yield refused
        except Refused:
            continue  # of this file by itself, as a header without rows: no fault beside the others
