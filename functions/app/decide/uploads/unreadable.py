"""Files that S3 does not give out: why, and what to do. They are refused like others, and stay where they are. Pure."""

from collections.abc import Iterable, Iterator

from app.decide.uploads.file_checks import Problem
from app.errors import AccessDenied, CallRefused, KeyUnusable, ObjectArchived, RetrainError

REMEDIES: dict[type[RetrainError], str] = {
    ObjectArchived: "restore it and copy it onto itself, or upload it again, in a storage class that is read at once",
    AccessDenied: "permit the stack's roles to read it, or upload it again without a key of your own",
    KeyUnusable: "enable its key and copy it onto itself, or upload it again under a key that is there",
    CallRefused: "upload it again without a key of your own (SSE-C)",
}


class Unreadable(Problem):
    """Why a file that cannot be read is refused, and what to do."""


def readable(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The chunks of a file that somebody uploaded.

    Raises:
        Unreadable: S3 does not give it out, for a reason that no time heals.
    """
    try:
        yield from chunks
    except tuple(REMEDIES) as error:
        what = "is archived" if isinstance(error, ObjectArchived) else f"cannot be read: {error}"
        raise Unreadable(what, REMEDIES[type(error)]) from error
